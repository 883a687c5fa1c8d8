"""Walks a session over its steps with the devices of `tests.doubles`."""

from dataclasses import replace

from hallclient.domain.scene import SceneCode, Step
from hallclient.services.verification import Verification

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.notice import shortest_line_s
from hallclient.domain.signature import PenPoint
from hallclient.services.access import OpenHall
from hallclient.services.equipment import Equipment
from hallclient.services.portrait_taking import PortraitListener
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually

SERVICE_NUMBER = "13800000021"
UNSEEN = PortraitListener(lambda frame: None, lambda frame, sight: None, lambda challenge: None, lambda advice: None)
STROKES = (tuple(PenPoint(i / 50, i / 40, 0.5, 0.6) for i in range(30)),)


def shown(session: Verification) -> PortraitListener:
    """A screen that the customer of `tests.doubles` before the camera looks at."""
    customer = session._equipment.faces.analyser
    assert isinstance(customer, doubles.Customer)
    return replace(UNSEEN, on_challenge=customer.asked)


def unplug(session: Verification) -> None:
    """No camera any more."""
    camera = session._equipment.camera
    assert isinstance(camera, doubles.Camera)
    camera.failure = KnownError(FailureCode.CAMERA_MISSING)


def plug_in(session: Verification) -> None:
    """There is a camera again."""
    camera = session._equipment.camera
    assert isinstance(camera, doubles.Camera)
    camera.failure = None


def read_notice(session: Verification, clock: HandClock) -> None:
    session.start_reading(lambda frame: None, lambda level: None)
    for index, line in enumerate(session.notice().lines):
        session.show_line(index)
        hear(session)
        clock.advance(read_s(line))
    session.finish_reading()


def read_s(line: str) -> float:
    """Just long enough for the line to have been read."""
    return shortest_line_s(line) + 0.01


def hear(session: Verification) -> None:
    """Wait until the microphone has given something since the line was shown."""
    recording = session._recording
    assert recording is not None
    eventually(lambda: recording._silence.line_heard)


def do_step(session: Verification, step: Step, clock: HandClock) -> None:
    """Do one step as a customer would."""
    if step is Step.CARD:
        session.read_card(1.0)
    elif step is Step.PRECHECK:
        session.precheck()
    elif step is Step.PORTRAIT:
        session.give_consent(True)
        session.compare(shown(session))
    elif step is Step.NOTICE:
        read_notice(session, clock)
    elif step is Step.SIGNATURE:
        session.sign(STROKES, "pen")
    else:
        session.seal()


def walk(session: Verification, clock: HandClock, until: Step | None = None) -> None:
    """Do the steps from where the session stands up to, not including, `until`."""
    while (step := session.next_step) is not None and step is not until:
        do_step(session, step, clock)


def open_session(hall: OpenHall, equipment: Equipment, scene: SceneCode = SceneCode.NEW_NUMBER) -> Verification:
    return Verification.open(hall, equipment, scene, SERVICE_NUMBER)
