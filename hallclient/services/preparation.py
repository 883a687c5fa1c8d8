"""Makes a counter's equipment ready in the background, while somebody logs in."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.bug_log import report_bug
from hallclient.services.equipment import Equipment

RETRY_S = 10.0


class Part(StrEnum):
    """What is made ready, in this order."""

    DEVICES = "devices"
    RECORDER = "recorder"
    DOCUMENTS = "documents"
    FACES = "faces"


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far it is: `missing` is still being made ready, `failures` say what could not be. Both in their order."""

    missing: tuple[Part, ...] = tuple(Part)
    failures: tuple[tuple[Part, KnownError], ...] = ()


class Preparation:
    """Waits for the equipment and warms it up, part by part: one that fails is told as its own, the others go on.

    A part that failed is tried again every `RETRY_S`, and where a session needs it; the devices come first, and the
    other parts after them. What nobody foresaw is told as internal_error with its number, and not tried again here: it
    would be the same.
    """

    def __init__(self, equipment: Callable[[], Equipment]) -> None:
        """`equipment` returns it as soon as it is there, and raises why it cannot be had; from any thread.

        After a KnownError it is asked again, and may return it then.
        """
        self._equipment = equipment
        self._uses: list[Callable[[Equipment], None]] = []  # that wait for it
        self._readiness = Readiness()
        self._changed = threading.Condition()
        self._telling = threading.RLock()  # so that everybody hears the states in their order
        self._listeners: list[Callable[[Readiness], None]] = []
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)

    @classmethod
    def of(cls, equipment: Equipment) -> "Preparation":
        """Of equipment that is there already."""
        return cls(lambda: equipment)

    def start(self) -> None:
        """Begin; does not wait."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the part that is being made ready, and wait for that."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()

    def equipment(self) -> Equipment:
        """The equipment, as soon as it is there; blocks until then. Raises why it cannot be had."""
        try:
            return self._equipment()
        except KnownError as error:
            raise error.again() from None

    def use(self, use: Callable[[Equipment], None]) -> None:
        """Call `use`, which must be quick, once with the equipment, as soon as it is there; blocks until then.

        Raises why it cannot be had. Where it is there later after all, `use` is called then, on any thread.
        """
        with self._changed:
            self._uses.append(use)
        self._hand_out(self.equipment())

    def watch(self, listener: Callable[[Readiness], None]) -> None:
        """Call `listener`, which must be quick, now and after each change, on any thread, one at a time."""
        with self._telling:
            with self._changed:
                self._listeners.append(listener)
                readiness = self._readiness
            _hear(listener, readiness)

    def wait(self) -> Readiness:
        """Block until nothing is missing any more."""
        with self._changed:
            self._changed.wait_for(lambda: not self._readiness.missing)
            return self._readiness

    def _run(self) -> None:
        self._make_all_ready(tuple(Part))
        while self._to_be_tried and not self._sleep():
            self._make_all_ready(self._to_be_tried)

    def _make_all_ready(self, parts: tuple[Part, ...]) -> None:
        try:
            for part in parts:
                if self._closing:
                    return
                self._make_ready(part)
                if part is Part.DEVICES and self._readiness.failures:
                    return  # without any there is nothing else to make ready
        finally:  # whatever became of it: nobody shall wait for what does not come
            self._tell(Readiness((), self._readiness.failures))

    @property
    def _to_be_tried(self) -> tuple[Part, ...]:
        failed = tuple(part for part, error in self._readiness.failures if error.code is not FailureCode.INTERNAL_ERROR)
        return tuple(Part) if Part.DEVICES in failed else failed

    def _sleep(self) -> bool:
        """Until it is time to try again; whether it is to end instead."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closing, RETRY_S)

    def _make_ready(self, part: Part) -> None:
        calls = {
            Part.DEVICES: self._devices,
            Part.RECORDER: self._recorder,
            Part.DOCUMENTS: _warm_up_documents,
            Part.FACES: self._await_faces,
        }
        try:
            calls[part]()
        except KnownError as error:
            self._ended(part, error)
        except Exception as error:  # noqa: BLE001  # the other parts are to be ready all the same
            self._ended(part, KnownError(FailureCode.INTERNAL_ERROR, number=report_bug(error)))
        else:
            self._ended(part)

    def _devices(self) -> None:
        equipment = self.equipment()
        self._hand_out(equipment)
        for one in (equipment.recorder, equipment.face_worker):
            if one is not None:
                with suppress(KnownError):  # told when it is awaited
                    one.prewarm()  # it loads while the other parts are made ready

    def _hand_out(self, equipment: Equipment) -> None:
        with self._changed:
            uses, self._uses = self._uses, []
        for use in uses:
            try:
                use(equipment)
            except Exception as error:  # noqa: BLE001  # a window that is going must not end the preparation
                report_bug(error)

    def _recorder(self) -> None:
        self.equipment().recorder.await_ready()

    def _await_faces(self) -> None:
        worker = self.equipment().face_worker
        if worker is not None:
            worker.await_ready()

    def _ended(self, part: Part, error: KnownError | None = None) -> None:
        begins = part is Part.DEVICES and error is None  # perhaps late: now the others can be made ready
        missing = tuple(one for one in (Part if begins else self._readiness.missing) if one is not part)
        failed = dict(self._readiness.failures)
        failed.pop(part, None)
        if error is not None:
            failed[part] = error
        self._tell(Readiness(missing, tuple((one, failed[one]) for one in Part if one in failed)))

    def _tell(self, readiness: Readiness) -> None:
        with self._telling:
            with self._changed:
                if readiness == self._readiness:
                    return
                self._readiness = readiness
                self._changed.notify_all()
                listeners = tuple(self._listeners)
            for listener in listeners:
                _hear(listener, readiness)


def _hear(listener: Callable[[Readiness], None], readiness: Readiness) -> None:
    try:
        listener(readiness)
    except Exception as error:  # noqa: BLE001  # a window that is going must not end the preparation
        report_bug(error)


def _warm_up_documents() -> None:
    # Here and not above: this module stands behind the login window.
    from hallclient.services.notice_document import warm_up  # noqa: PLC0415

    warm_up()
