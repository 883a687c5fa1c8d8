"""`hallclient run`: the application, on this computer's hall, or on a practice hall where there is none yet."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_data_path

from drivers.camera.opencv_camera import OpenCvCamera
from drivers.face.engines import DEFAULT_ENGINE
from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import load_profiles
from drivers.idcard.vendor_portrait import portrait_decoder
from drivers.microphone.sound_card import SoundCardMicrophone
from drivers.printer.cups import CupsPrinter
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient import settings
from hallclient.cli.face_engine import faces_in_process
from hallclient.cli.instance import only_instance
from hallclient.cli.login import PRACTICE_STAFF, DataOption, practice_password
from hallclient.cli.practice_centre import centre_address
from hallclient.cli.practice_hall import PracticeCounter, practice_counter, practice_hall
from hallclient.devices import Clock, Entropy, FaceEngines
from hallclient.services.equipment import Equipment
from hallclient.storage import hall_file
from hallclient.system import SystemClock, SystemEntropy


def run(
    data: DataOption = None,
    practice: Annotated[bool, typer.Option("--practice", help="The practice hall and its devices.")] = False,
    camera: Annotated[int, typer.Option(help="Which camera of this computer.")] = 0,
    face_engine: Annotated[str, typer.Option(help="The engine that compares faces.")] = DEFAULT_ENGINE,
) -> None:
    """Open the windows. Without a hall on this computer it is the practice hall, and everything says so."""
    clock, entropy = SystemClock(), SystemEntropy()
    folder = settings.hall_folder(data)
    if practice or not hall_file.exists(folder):
        out = user_data_path("hallclient", appauthor=False) / "practice"
        out.mkdir(parents=True, exist_ok=True)
        folder = practice_hall(out, clock, entropy)
    centre = hall_file.read(folder).centre
    with ExitStack() as stack:
        stack.enter_context(only_instance(folder))
        counter = None
        if hall_file.read(folder).practice:
            printed = folder.parent / "customer_copy.pdf"
            counter = stack.enter_context(practice_counter(clock, entropy, printed))
        equipment = (
            counter.equipment if counter else stack.enter_context(_equipment(camera, face_engine, clock, entropy))
        )
        url = stack.enter_context(centre_address(centre)) if centre else None
        _show(folder, url, equipment, counter)


def _show(folder: Path, url: str | None, equipment: Equipment, counter: PracticeCounter | None) -> None:
    # Here and not above: Qt only where there are windows.
    from ui import wording  # noqa: PLC0415
    from ui.app import App, LocalHall, create_application  # noqa: PLC0415
    from ui.one_window import RaiseRequests  # noqa: PLC0415
    from ui.practice_tray import PracticeTray  # noqa: PLC0415

    application = create_application()
    application.setQuitOnLastWindowClosed(False)
    clock = SystemClock()
    app = App(LocalHall(folder, clock, SystemEntropy(), url), equipment, clock)
    app.ended.connect(application.quit)
    raise_requests = RaiseRequests(folder, lambda: (app.login, app.customer, app.clerk, app.review))
    app.ended.connect(raise_requests.close)
    if counter is not None:
        logins = "\n".join(
            wording.PracticeTray.LOGIN.format(
                role=wording.ROLES[role], number=number, password=practice_password(number)
            )
            for role, number in PRACTICE_STAFF.items()
        )
        tray = PracticeTray(counter.put_card, counter.take_card, logins)
        app.ended.connect(tray.close)
        app.start()
        tray.show()
        tray.raise_()
    else:
        app.start()
    application.exec()


@contextmanager
def _equipment(camera: int, face_engine: str, clock: Clock, entropy: Entropy) -> Iterator[Equipment]:
    """The devices of a real counter."""
    profiles = load_profiles(Path(str(resources.files("assets") / "readers")))
    card_reader = ReaderHub(profiles, clock)
    recorder, faces = ProcessRecorder(entropy), faces_in_process(face_engine)
    try:
        yield Equipment(
            card_reader=card_reader,
            portrait_decoder=portrait_decoder(),
            camera=OpenCvCamera(camera, clock),
            microphone=SoundCardMicrophone(clock),
            recorder=recorder,
            faces=FaceEngines(faces, faces, faces),
            face_worker=faces,
            printer=CupsPrinter(),
        )
    finally:
        card_reader.close()
        recorder.abort()
        faces.close()
