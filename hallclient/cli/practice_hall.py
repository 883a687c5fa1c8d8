"""A whole hall for rehearsals: its folder, its staff, its own centre, its devices. All of it is marked as practice."""

import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from platformdirs import user_cache_path

from drivers.face.process_faces import ProcessFaces
from drivers.idcard.hub import ReaderHub
from drivers.idcard.portrait import OpenPortraitDecoder
from drivers.idcard.profiles import load_profiles
from drivers.practice.camera import PracticeCamera
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import VirtualReader
from drivers.practice.pictures import Scene, live_picture, portrait
from drivers.practice.printer import FilePrinter
from drivers.practice.voice import PracticeMicrophone
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.cli.central import opened_centre
from hallclient.cli.given_file import must_be_text
from hallclient.cli.login import PRACTICE_STAFF, practice_password
from hallclient.devices import Clock, Entropy, FaceEngines
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.hall_time import hall_date
from hallclient.domain.liveness import Challenge
from hallclient.domain.staff import Staff
from hallclient.regular_file import read_regular
from hallclient.rule_texts import text_in_force
from hallclient.services.access import REQUEST, NewStaff, centre_from_json, create_hall, enrol
from hallclient.services.bug_log import report_bug
from hallclient.services.equipment import Equipment
from hallclient.storage import hall_file
from hallclient.storage.hall_file import Centre
from hallclient.storage.store_failures import store_failures

# Port 9 is "discard": nothing listens there, so a hall that is told of no other address is offline.
NOBODY = "https://127.0.0.1:9"

_DEVICE = "practice-device"
_LARGEST_REQUEST_BYTES = 64 * 1024  # it has some hundred


@cache
def practice_words() -> dict[str, str]:
    """assets/practice.toml."""
    return tomllib.loads((resources.files("assets") / "practice.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class PracticeCounter:
    """The practice devices, and the practice customer: a hand with the practice card, and eyes.

    Attributes:
        see: shows the customer what to do before the camera; whoever has the customer's screen calls it.
    """

    equipment: Equipment
    reader: VirtualReader
    card: PracticeCard
    see: Callable[[Challenge | None], None]

    def put_card(self) -> None:
        self.reader.insert(self.card)

    def take_card(self) -> None:
        self.reader.remove()


def practice_hall(folder: Path, clock: Clock, entropy: Entropy) -> Path:
    """The practice hall in `folder`/hall with its centre in `folder`/central, made where they are missing.

    Whoever calls holds the hall (`hallclient.cli.instance`): a first start that was broken off is made good here.

    Raises hall_exists when `folder` holds something else, input_invalid when its whole path is no text.
    """
    hall, central = practice_hall_folder(folder), folder / "central"
    whole = hall_file.exists(hall)
    if whole and not hall_file.read(hall).practice:
        raise KnownError(FailureCode.HALL_EXISTS, "not a practice hall")
    _remove_unfinished_centres(central)
    if whole and hall_file.read(hall).centre is not None:
        return hall
    words = practice_words()
    place = Place(hall=words["hall"], channel=words["channel"], counter=words["counter"])
    workstation = Workstation(place, _DEVICE)

    def certified(request: bytes) -> Centre:
        enrolment = opened_centre(central, "practice centre", practice=True).enrol(request, workstation)
        return centre_from_json(enrolment.model_dump_json().encode(), NOBODY, str(central.resolve()))

    if whole:  # earlier versions could be broken off before the enrolment
        with store_failures(hall / REQUEST):
            request = read_regular(hall / REQUEST, _LARGEST_REQUEST_BYTES)
        enrol(hall, certified(request), clock)
        return hall
    staff = tuple(NewStaff(Staff(number, role), practice_password(number)) for role, number in PRACTICE_STAFF.items())
    create_hall(hall, place, _DEVICE, True, staff, clock, entropy, certified)
    return hall


def practice_hall_folder(folder: Path) -> Path:
    """Where in `folder` the hall is, beside its centre.

    Raises input_invalid when the whole path is no text: the hall's file says where the centre is.
    """
    must_be_text(folder.resolve())
    return folder / "hall"


def _remove_unfinished_centres(central: Path) -> None:
    """What `Centre.create` leaves beside `central` when it is killed."""
    draft = re.compile(rf"\.{re.escape(central.name)}\.[0-9a-f]{{16}}")
    with store_failures(central):
        for path in central.parent.iterdir():
            if draft.fullmatch(path.name):
                shutil.rmtree(path)


@contextmanager
def practice_counter(
    clock: Clock, entropy: Entropy, printed: Path, stranger: bool = False
) -> Iterator[PracticeCounter]:
    """The practice devices, running. `printed` is where the printer puts its paper.

    Raises KnownError: practice_tool_missing.
    """
    picture = live_picture(Scene.STRANGER if stranger else Scene.HOLDER)
    card = PracticeCard.resident(portrait())
    notice = text_in_force("fraud_risk", hall_date(clock.now()))
    profiles = load_profiles(Path(str(resources.files("assets") / "readers")))
    camera = PracticeCamera(picture)
    recorder, faces = ProcessRecorder(entropy), ProcessFaces()
    with ExitStack() as stack:
        reader = stack.enter_context(VirtualReader(user_cache_path("hallclient", appauthor=False)))
        card_reader = ReaderHub(profiles, clock, practice=True, report_bug=report_bug)
        for device in (faces, recorder, card_reader):  # closed from the last to the first, whatever becomes of one
            stack.enter_context(closing(device))
        yield PracticeCounter(
            Equipment(
                card_reader=card_reader,
                portrait_decoder=OpenPortraitDecoder(),
                camera=camera,
                microphone=PracticeMicrophone(notice.lines, clock),
                recorder=recorder,
                faces=FaceEngines(faces, faces, faces, faces),
                face_worker=faces,
                printer=FilePrinter(printed),
                practice_pen=True,
            ),
            reader,
            card,
            camera.perform,
        )
