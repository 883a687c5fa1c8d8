"""One session that meets every trouble of its devices in turn, and ends well all the same.

Readers, cameras, recorder, hall and services are real; the customer acts, and what the engines see is walked elsewhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.camera.opencv_camera import OpenCvCamera
from drivers.idcard.hub import ReaderHub
from drivers.idcard.portrait import OpenPortraitDecoder
from drivers.idcard.profiles import load_profiles
from drivers.microphone.sound_card import SoundCardMicrophone
from drivers.practice.camera import PracticeCamera
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import VirtualReader
from drivers.practice.idcard.virtual_sam import Trouble
from drivers.practice.pictures import Scene, live_picture, portrait
from drivers.practice.printer import FilePrinter
from drivers.practice.voice import PracticeMicrophone
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.devices import FaceEngines
from hallclient.domain.comparison import Decision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import AbandonReason
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.dispatch import Dispatch
from hallclient.services.equipment import Equipment
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from hallclient.system import SystemClock, SystemEntropy
from tests.hallclient.services.sessions import next_kind, open_session, resume_session
from tests.halls import make_hall, open_hall
from tests.journeys.acting_customer import ActingCustomer, empty_chair, still_camera
from tests.pcsc_daemon import PROFILES, restore, shared_virtual_reader

NO_SUCH_CAMERA = 99


@pytest.fixture
def reader() -> Iterator[VirtualReader]:
    shared = shared_virtual_reader()
    restore(shared)
    yield shared
    restore(shared)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[OpenHall]:
    make_hall(tmp_path / "hall", SystemClock(), entropy=SystemEntropy())
    opened = open_hall(tmp_path / "hall", SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def equipment(reader: VirtualReader, tmp_path: Path) -> Iterator[Equipment]:
    clock = SystemClock()
    customer = ActingCustomer()
    devices = Equipment(
        card_reader=ReaderHub(load_profiles(PROFILES), clock, practice=True),
        portrait_decoder=OpenPortraitDecoder(),
        camera=still_camera(empty_chair()),
        microphone=PracticeMicrophone(("一", "二"), clock),
        recorder=ProcessRecorder(SystemEntropy()),
        faces=FaceEngines(customer, customer, customer, customer),
        printer=FilePrinter(tmp_path / "copy.pdf"),
        practice_pen=True,
    )
    yield devices
    devices.card_reader.close()
    devices.recorder.close()


def refused(call: Callable[[], object]) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        call()
    assert caught.value.failure.cause
    assert caught.value.failure.remedy
    return caught.value.code


def unseen(*shown: object) -> None: ...


UNSEEN = PortraitListener(unseen, unseen, unseen, unseen)


def shown(equipment: Equipment) -> PortraitListener:
    """Before the camera sits somebody who sees the screen."""
    assert isinstance(equipment.faces.analyser, ActingCustomer)
    return replace(UNSEEN, on_challenge=equipment.faces.analyser.asked)


def test_every_trouble_has_its_code_and_the_session_goes_on(
    hall: OpenHall, equipment: Equipment, reader: VirtualReader
) -> None:
    def resumed(**changes: object) -> Session:
        """The same session after its counter was changed: what was done is kept."""
        session.close()
        return resume_session(hall, replace(equipment, **changes), session.session_id)  # type: ignore[arg-type]

    session = open_session(hall, equipment)
    card = session.the(CardStep)
    assert refused(lambda: card.read(0.2)) is FailureCode.CARD_MISSING
    reader.daemon.kill()
    assert refused(lambda: card.read(0.5)) is FailureCode.READER_SERVICE_DOWN
    reader.daemon.start()
    reader.insert(PracticeCard.resident(portrait()))  # perhaps before anybody looks at that reader again
    try:
        card.read(10.0)
    except KnownError as error:
        assert error.code is FailureCode.CARD_NEEDS_LIFTING  # it may be raised or not
        reader.remove()
        reader.insert(PracticeCard.resident(portrait()))
        card.read(10.0)
    assert card.portrait is not None
    session.the(PrecheckStep).check()

    session.the(PortraitStep).give_consent(True)
    session = resumed(camera=OpenCvCamera(NO_SUCH_CAMERA, SystemClock()))
    assert refused(lambda: session.the(PortraitStep).compare(UNSEEN)) is FailureCode.CAMERA_MISSING
    stopping = PracticeCamera(live_picture(Scene.HOLDER), stops_after_s=0.3)
    session = resumed(camera=stopping)
    assert refused(lambda: session.the(PortraitStep).compare(UNSEEN)) is FailureCode.CAMERA_STOPPED
    session = resumed()
    assert session.the(PortraitStep).compare(shown(equipment)).decision is Decision.MATCHED

    session = resumed(microphone=SoundCardMicrophone(SystemClock(), device=NO_SUCH_CAMERA))
    assert refused(lambda: session.the(NoticeStep).start_recording(unseen, unseen)) is FailureCode.MICROPHONE_MISSING
    session = resumed()
    notice = session.the(NoticeStep)
    notice.start_recording(unseen, unseen)
    assert refused(notice.finish_recording) is FailureCode.RECORDING_TOO_SHORT
    notice.restart_recording()
    assert next_kind(session) == "notice"
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()


def test_without_a_centre_everything_is_kept(hall: OpenHall, equipment: Equipment, reader: VirtualReader) -> None:
    session = open_session(hall, equipment, "numbers_under_my_name")
    reader.insert(PracticeCard.resident(portrait()))
    session.the(CardStep).read(10.0)
    session.the(PrecheckStep).check()
    session.the(PortraitStep).give_consent(True)
    session.the(PortraitStep).compare(shown(equipment))
    session.seal()
    session.close()
    dispatch = Dispatch(hall)
    assert refused(dispatch.send_all) is FailureCode.CENTRE_UNREACHABLE
    assert dispatch.status.waiting == 1
    dispatch.close()
    assert inspect(hall.vault.package(session.session_id), hall.roots, ShippedRules()).holds


def test_a_card_that_is_taken_away_is_said_and_read_when_it_is_back(
    hall: OpenHall, equipment: Equipment, reader: VirtualReader
) -> None:
    session = open_session(hall, equipment)
    card = session.the(CardStep)
    reader.insert(PracticeCard.resident(portrait()), Trouble.REMOVED_MID_READ)
    assert refused(lambda: card.read(5.0)) is FailureCode.CARD_REMOVED
    reader.insert(PracticeCard.resident(portrait()))
    card.read(10.0)
    assert next_kind(session) == "precheck"
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()
