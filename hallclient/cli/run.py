"""`hallclient run`: the application, on this computer's hall, or on a practice hall where there is none yet.

The login window comes first. Everything that takes time (the devices with their libraries, a practice hall and its
centre) is opened behind it.
"""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from hallclient import settings
from hallclient.cli.instance import only_instance
from hallclient.cli.login import DataOption
from hallclient.cli.screen import Screen
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.equipment import Equipment
from hallclient.services.preparation import Preparation
from hallclient.storage import hall_file
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.held_open import HeldOpen
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_code, practice_password

if TYPE_CHECKING:
    from hallclient.wiring.practice_counter import PracticeCounter
    from ui.app import App, LocalHall

_COPY = "customer_copy.pdf"
# Most is closed in a second. The next start waits twice as long for this one (`hallclient.cli.instance`).
_CLOSING_LIMIT_S = 8.0

_log = logging.getLogger(__name__)


class Closing(Protocol):
    """What ends with the application."""

    def close(self) -> None: ...


def run(
    data: DataOption = None,
    practice: Annotated[bool, typer.Option("--practice", help="The practice hall and its devices.")] = False,
    camera: Annotated[int, typer.Option(help="Which camera of this computer.")] = 0,
    face_engine: Annotated[str | None, typer.Option(help="The engine that compares faces, if another.")] = None,
) -> None:
    """Open the windows. Without a hall on this computer it is the practice hall, and everything says so."""
    folder, made = _chosen(data, practice)
    signed = None if made else _signed_settings(folder)
    hall = HeldOpen("hall", lambda: _hall(folder, made, signed))
    with ExitStack() as stack:
        screen = stack.enter_context(closing(Screen()))
        stack.enter_context(only_instance(folder))
        if made or hall_file.read(folder).practice:
            counter = HeldOpen("devices", lambda: _practice_devices(folder.parent / _COPY))
            devices: HeldOpen[PracticeCounter] | HeldOpen[Equipment] = counter
            preparation = Preparation(lambda: counter.result().equipment)
        else:
            counter = None
            devices = real = HeldOpen(
                "devices", lambda: _real_devices(camera, face_engine, signed or EnrolmentSettings())
            )
            preparation = Preparation(real.result)
        stack.callback(_close_together, hall)
        stack.callback(_close_together, preparation, devices)
        _show(screen, folder, hall, devices, preparation, counter)


def _chosen(data: Path | None, practice: bool) -> tuple[Path, bool]:
    """Which hall is opened, and whether it is the practice hall that is made where it is missing.

    Never a rehearsal's: what is unfinished in one hall is not to be looked for in another. Raises hall_missing for a
    folder that somebody named and that has no hall.
    """
    if practice and data is not None:
        raise KnownError(FailureCode.INPUT_INVALID, "--practice has a hall of its own: leave out --data")
    own = settings.new_hall_folder(data)
    if practice or (settings.named_hall(data) is None and not hall_file.exists(own)):
        return settings.practice_folder() / "hall", True
    hall_file.read(own)
    return own, False


def _show(
    screen: Screen,
    folder: Path,
    hall: "HeldOpen[LocalHall]",
    devices: "HeldOpen[PracticeCounter] | HeldOpen[Equipment]",
    preparation: Preparation,
    practice: "HeldOpen[PracticeCounter] | None",
) -> None:
    # Here and not above: Qt only where there are windows.
    from ui.app import App, LateHall, create_application  # noqa: PLC0415
    from ui.one_window import RaiseRequests  # noqa: PLC0415

    screen.must_be_there()
    application = create_application()
    application.setQuitOnLastWindowClosed(False)
    app = App(LateHall(hall.result), preparation, SystemClock())
    app.ended.connect(application.quit)
    raise_requests = RaiseRequests(folder, lambda: (app.login, app.customer, app.clerk, app.review, app.people))
    app.ended.connect(raise_requests.close)
    if practice is not None:
        app.customer_asked.connect(lambda asked: practice.result().see(asked))
        _offer_practice(practice, app)
    for begin in (hall.start, devices.start, preparation.start):
        app.login.shown.connect(begin)
    app.start()
    application.exec()


def _close_together(*parts: Closing) -> None:
    """Each is told to end before any is waited for: the preparation waits for faces that go with the devices.

    What hangs is left behind after `_CLOSING_LIMIT_S`, and goes with this process: the hall is to be free again.
    """
    endings = [_closing(part) for part in parts]
    ended, hanging = wait(endings, _CLOSING_LIMIT_S)
    if hanging:
        _log.warning("%d of %d parts of the application do not end and are left behind", len(hanging), len(parts))
    for ending in ended:
        ending.result()


def _closing(part: Closing) -> "Future[None]":
    """`part` is being closed, on a thread that keeps nobody from ending."""
    ending: Future[None] = Future()

    def close() -> None:
        try:
            part.close()
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            ending.set_exception(error)
        else:
            ending.set_result(None)

    threading.Thread(target=close, name="closing", daemon=True).start()
    return ending


def _offer_practice(counter: "HeldOpen[PracticeCounter]", app: "App") -> None:
    """The practice customer's hand, and the logins. It waits in the background until the devices are there."""
    from ui.widgets.practice_hand import Practice  # noqa: PLC0415

    app.offer_practice(
        Practice(lambda: counter.result().put_card(), lambda: counter.result().take_card(), _practice_logins)
    )


def _practice_logins() -> str:
    """Who can log in now, in words."""
    from ui import wording  # noqa: PLC0415

    now = SystemClock().now()

    return "\n".join(
        wording.Practice.LOGIN.format(
            role=wording.ROLES[role],
            number=number,
            password=practice_password(number),
            code=practice_code(number, now),
        )
        for role, number in PRACTICE_STAFF.items()
    )


@contextmanager
def _hall(folder: Path, made: bool, signed: EnrolmentSettings | None = None) -> "Iterator[LocalHall]":
    """The hall in `folder`, with the practice hall's own centre; `made` where it is missing."""
    # Here and not above: it is loaded behind the login window, like all that follows.
    from hallclient.services.access import EVIDENCE  # noqa: PLC0415
    from hallclient.storage.vault import Vault  # noqa: PLC0415
    from hallclient.wiring.practice_centre import centre_address  # noqa: PLC0415
    from hallclient.wiring.practice_hall import practice_hall  # noqa: PLC0415
    from ui.app import LocalHall  # noqa: PLC0415

    clock, entropy = SystemClock(), SystemEntropy()
    if made:
        folder.parent.mkdir(parents=True, exist_ok=True)
        practice_hall(folder.parent, clock, entropy)
    centre = hall_file.read(folder).centre
    Vault(folder / EVIDENCE, entropy).clear_unfinished()  # `only_instance` holds the folder, and nobody has logged in
    with ExitStack() as stack:
        url = stack.enter_context(centre_address(centre)) if centre else None
        yield LocalHall(folder, clock, entropy, url, signed)


def _practice_devices(printed: Path) -> "AbstractContextManager[PracticeCounter]":
    from hallclient.wiring.practice_counter import practice_counter  # noqa: PLC0415

    return practice_counter(SystemClock(), SystemEntropy(), printed)


def _signed_settings(folder: Path) -> EnrolmentSettings:
    """What the centre set for this counter, as far as nobody has logged in yet: the login asks the signature, and
    whether it still says the same (`LocalHall`).
    """
    centre = hall_file.read(folder).centre
    return centre.settings if centre is not None else EnrolmentSettings()


def _real_devices(camera: int, face_engine: str | None, signed: EnrolmentSettings) -> AbstractContextManager[Equipment]:
    from drivers.face.engines import DEFAULT_ENGINE  # noqa: PLC0415
    from hallclient.wiring.real_counter import real_counter  # noqa: PLC0415

    return real_counter(camera, face_engine or DEFAULT_ENGINE, signed, SystemClock(), SystemEntropy())
