"""The application's half of the face process."""

import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from drivers.child_process import ChildProcess, LostError
from drivers.face.detector import require_bgr
from drivers.face.engines import DEFAULT_ENGINE, engine_identity
from drivers.face.models import LIVENESS_SHA256
from drivers.face.picture_numbers import PictureNumbers
from drivers.face.thresholds import shipped_thresholds
from drivers.face.wire import (
    COMPARISON,
    LIKENESS,
    RELIEFS,
    REPETITION,
    SIGHT,
    THRESHOLDS,
    UNKNOWN,
    Request,
    glances_payload,
    numbers_payload,
    pictures_payload,
)
from drivers.framing import Payload
from hallclient.devices import FaceSight, Glance, Image
from hallclient.domain.comparison import Comparison, Decision, Thresholds
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.liveness import Relief
from hallclient.domain.repetition import MEMORY_S, Repetition

# -P: a file in the current folder must not be taken for a module of ours.
_COMMAND = (sys.executable, "-P", "-m", "drivers.face.process")  # and engine, thresholds
_START_PATIENCE_S = 20.0  # a cold start on a busy old PC
_PATIENCE_S = 3.0  # a look takes 0.05 s, a comparison of three pictures 0.4 s on one slow core
_TRIES = 2  # a question changes nothing, so it may be asked again

_MOST_ANSWER_BYTES = 64 * 1024

Result = TypeVar("Result")
Asking = tuple[Request, Sequence[Payload]]

_log = logging.getLogger(__name__)


class ProcessFaces:
    """Fulfils all of `FaceEngines`, and `FaceWorker`, by asking a process that holds the models.

    A process that has died, does not answer in time or answers nonsense is killed, another one is started, and the
    question is asked once more. Threads may share it: they take turns. Only `begin` and `see` are for one thread at a
    time, that of the open camera: what they tell is in the order of the glances. The newest glances are kept here,
    `MEMORY_S` seconds of them, so that no repetition is missed because a process was lost.

    The process remembers what it found of a picture that it looked at: a later question about it names it, and sends it
    only where it is not remembered. With each look it forgets the pictures that nobody here holds any more, and with
    `forget` all.

    Attributes:
        identity, thresholds, models: of what is in the process; known also while there is none.
    """

    def __init__(
        self,
        engine: str = DEFAULT_ENGINE,
        thresholds: Thresholds | None = None,
        *,
        patience_s: float = _PATIENCE_S,
        start_patience_s: float = _START_PATIENCE_S,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        """Start nothing yet. `thresholds` replace those that ship for `engine`.

        `patience_s` is for one answer, `start_patience_s` for the models to be loaded. Raises face_engine_missing.
        """
        self.identity = engine_identity(engine)
        self.models = LIVENESS_SHA256
        self.thresholds = thresholds or shipped_thresholds(engine)
        self._patience_s, self._start_patience_s = patience_s, start_patience_s
        self._command = (*command, engine, THRESHOLDS.dump_json(self.thresholds).decode())
        self._lock = Lock()  # held for a question
        self._starting = Lock()  # held for a moment: no process starts behind the back of `close`
        self._process: ChildProcess | None = None
        self._closed = False
        self._listener: Callable[[], None] = _nobody
        self._untold = 0  # losses that the listener has not been told of
        self._glances: deque[Glance] = deque()
        self._watching: ChildProcess | None = None  # the process that knows all glances since `begin`
        self._looking: ChildProcess | None = None  # the one that looked last since then
        self._numbers = PictureNumbers()

    def prewarm(self) -> None:
        """Start the process, so that the first question need not wait for it. Waits for nothing: where somebody asks a
        question there is one, or its loss is being mended.

        Raises face_worker_failed when the operating system has no room for a process, and after `close`.
        """
        with self._turn(wait=False) as mine:
            if mine:
                self._running()

    def await_ready(self) -> None:
        """As `FaceWorker.await_ready`."""
        with self._turn():
            process = self._running()
        try:
            process.await_ready(self._start_patience_s)
        except KnownError:
            with self._lock:
                if self._process is process:
                    self._discard()  # another one is started when somebody asks
            raise

    def watch(self, listener: Callable[[], None]) -> None:
        """As `FaceWorker.watch`."""
        self._listener = listener

    @property
    def pid(self) -> int | None:
        """The process id, for diagnosis."""
        process = self._process
        return None if process is None else process.pid

    def look(self, image: Image) -> FaceSight:
        """As `FaceAnalyser.look`. Raises face_worker_failed, model_changed."""
        require_bgr(image)
        picture = pictures_payload([image])
        asked: list[ChildProcess | None] = []  # the one that looked before, and who was asked this time

        def ask(process: ChildProcess) -> tuple[Asking]:
            asked.extend((process,) if asked else (self._looking, process))
            self._looking = process
            number = self._numbers.give(image)
            return ((Request.LOOK, (numbers_payload([number, *self._numbers.held()]), *picture)),)

        sight = self._asked(ask, SIGHT)
        return replace(sight, after_loss=asked[0] not in {None, asked[-1]})

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        """As `FaceMatcher.compare`. Raises face_worker_failed, model_changed."""
        if not live:
            raise BugError("nothing to compare with")
        for image in live:
            require_bgr(image)
        if portrait is None:
            return Comparison(Decision.NO_PORTRAIT, None, self.thresholds, self.identity)
        require_bgr(portrait)
        return self._ask_about(live, Request.COMPARE_KNOWN, Request.COMPARE, COMPARISON, of_card=[portrait])

    def likeness(self, images: Sequence[Image]) -> float | None:
        """As `FaceMatcher.likeness`. Raises face_worker_failed, model_changed."""
        for image in images:
            require_bgr(image)
        return self._ask_about(images, Request.LIKENESS_KNOWN, Request.LIKENESS, LIKENESS)

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        """As `FaceRelief.reliefs`. Raises face_worker_failed, model_changed."""
        for image in (rest, *moved):
            require_bgr(image)
        return self._ask_about([rest, *moved], Request.RELIEF_KNOWN, Request.RELIEF, RELIEFS)

    def begin(self) -> None:
        """As `FaceRepetitions.begin`; asks nothing yet."""
        self._glances.clear()
        self._watching = self._looking = None

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        """As `FaceRepetitions.see`. Raises face_worker_failed, model_changed."""
        self._glances.extend(glances)
        while self._glances and self._glances[-1].time_s - self._glances[0].time_s > MEMORY_S:
            self._glances.popleft()

        def ask(process: ChildProcess) -> tuple[Asking]:
            if process is self._watching:
                return ((Request.WATCH, glances_payload(glances)),)
            self._watching = process
            return ((Request.WATCH_ANEW, glances_payload(self._glances)),)

        return self._asked(ask, REPETITION)

    def prepare(self, images: Sequence[Image]) -> None:
        """As `FaceWorker.prepare`; nothing is done of pictures that the process has not looked at."""
        process, numbers = self._process, self._numbers.of(images)
        if process is not None and numbers is not None:
            process.feed(Request.PREPARE, numbers_payload(numbers))

    def forget(self) -> None:
        """As `FaceWorker.forget`; for the thread that `begin` is for. A process that hangs does it when it goes on."""
        self.begin()
        process = self._process
        if process is not None:
            process.feed(Request.FORGET)  # behind the questions before it; one that is dead remembers nothing

    def close(self) -> None:
        """End the process and everything that belongs to it. Whoever still asks gets face_worker_failed."""
        with self._starting:
            self._closed = True
            process = self._process
        if process is not None:
            process.end()  # a question under way ends at once, and lets go of the lock
        with self._lock:
            self._discard()

    def _ask_about(
        self,
        images: Sequence[Image],
        known: Request,
        whole: Request,
        answer: TypeAdapter[Result],
        of_card: Sequence[Image] = (),
    ) -> Result:
        """Ask `known` by the pictures' numbers, where all have one, and then `whole` if need be."""
        portrait = pictures_payload(of_card)

        def ask(_: ChildProcess) -> list[Asking]:
            askings: list[Asking] = [(whole, (*portrait, *pictures_payload(images)))]
            numbers = self._numbers.of(images)
            if numbers is not None:
                askings.insert(0, (known, (numbers_payload(numbers), *portrait)))
            return askings

        return self._asked(ask, answer)

    def _asked(self, ask: Callable[[ChildProcess], Sequence[Asking]], answer: TypeAdapter[Result]) -> Result:
        """The answer to the first of the ways to ask that the process can answer."""
        why = ""
        for _ in range(_TRIES):
            if self._lost is not None:  # while idle: that is told before the next one has loaded its models
                self.prewarm()
            with self._turn():
                process = self._running()
                try:
                    process.await_ready(self._start_patience_s)
                    said = UNKNOWN
                    for question, payload in ask(process):
                        process.feed(question, *payload)
                        said = process.take(self._patience_s)
                        if said != UNKNOWN:
                            break
                    return answer.validate_json(said)
                except LostError as error:
                    why = error.detail
                except ValidationError:
                    why = "an answer that makes no sense"
                except KnownError:
                    if not process.ready:
                        self._discard()  # what it cannot do now another one cannot do either, until somebody asks again
                    raise
                self._replace(why)
        raise KnownError(FailureCode.FACE_WORKER_FAILED, why)

    @contextmanager
    def _turn(self, *, wait: bool = True) -> Iterator[bool]:
        """The lock, or without waiting whether it was free; then the word to the listener, who may want it too."""
        mine = self._lock.acquire(blocking=wait)
        untold = 0
        try:
            yield mine
        finally:
            if mine:
                untold, self._untold = self._untold, 0
                self._lock.release()
            for _ in range(untold):
                try:
                    self._listener()
                except Exception as error:  # noqa: BLE001  # a window that is going must not break off this
                    _log.error("unforeseen, of who hears of lost face processes", exc_info=error)

    @property
    def _lost(self) -> LostError | None:
        """Why the process says no more, where nobody has asked it since."""
        process = self._process
        failure = None if process is None else process.failure
        return failure if isinstance(failure, LostError) else None

    def _running(self) -> ChildProcess:
        if (lost := self._lost) is not None:
            self._replace(lost.detail)
        return self._process or self._start()

    def _replace(self, why: str) -> None:
        """Another process in place of one that is lost; written down, and said at the end of the turn."""
        self._discard()
        if not self._closed:
            _log.warning("the face process was lost (%s) and is started again", why)
            self._start()
            self._untold += 1

    def _start(self) -> ChildProcess:
        with self._starting:
            if self._closed:
                raise KnownError(FailureCode.FACE_WORKER_FAILED, "closed")
            self._process = ChildProcess(self._command, FailureCode.FACE_WORKER_FAILED, most_bytes=_MOST_ANSWER_BYTES)
            return self._process

    def _discard(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()


def _nobody() -> None:
    """Whom nobody listens to."""
