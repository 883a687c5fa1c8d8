"""Walks a session over its steps with the devices of `tests.doubles`."""

from dataclasses import replace

from hallclient.domain.evidence.facts.notice import RecordingFacts
from hallclient.domain.evidence.facts.portrait import FaceFacts, PortraitFacts
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.notice import shortest_line_s
from hallclient.domain.rule_pack import RulePack
from hallclient.domain.signature import PenPoint
from hallclient.rule_texts import built_in_pack
from hallclient.services.access import OpenHall
from hallclient.services.equipment import Equipment
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session, Work
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from hallclient.services.session.signature import SignatureStep
from hallclient.storage import sessions
from hallclient.storage.sessions import StoredSession
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually

SERVICE_NUMBER = "13800000021"
UNSEEN = PortraitListener(lambda frame: None, lambda frame, sight: None, lambda challenge: None, lambda advice: None)
STEPS = ("card", "precheck", "portrait", "notice", "signature", "seal")  # the kinds of the longest plan, and its end
STROKES = (tuple(PenPoint(i / 50, i / 40, 0.5, 0.6) for i in range(30)),)


def shown(session: Session) -> PortraitListener:
    """A screen that the customer of `tests.doubles` before the camera looks at."""
    customer = session.equipment.faces.analyser
    assert isinstance(customer, doubles.Customer)
    return replace(UNSEEN, on_challenge=customer.asked)


def unplug(session: Session) -> None:
    """No camera any more, neither the one that is open nor another one."""
    camera = session.equipment.camera
    assert isinstance(camera, doubles.Camera)
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_MISSING), 0


def plug_in(session: Session) -> None:
    """There is a camera again."""
    camera = session.equipment.camera
    assert isinstance(camera, doubles.Camera)
    camera.failure = None


def due(session: Session, model: type[Work]) -> Work:
    """The next step, where `model` does it; else the first of the plan that it does."""
    following = session.next_step
    work = None if following is None else session.work(following.id)
    return work if isinstance(work, model) else session.the(model)


def read_notice(session: Session, clock: HandClock) -> None:
    step = due(session, NoticeStep)
    step.start_recording(lambda frame: None, lambda level: None)
    for index, line in enumerate(step.notice().lines):
        step.show_line(index)
        hear(session)
        clock.advance(read_s(line))
    step.finish_recording()


def read_s(line: str) -> float:
    """Just long enough for the line to have been read."""
    return shortest_line_s(line) + 0.01


def hear(session: Session) -> None:
    """Wait until the microphone has given something since the line was shown."""
    recording = due(session, NoticeStep)._recording
    assert recording is not None
    eventually(lambda: recording._silence.line_heard)


def do_step(session: Session, kind: str, clock: HandClock) -> None:
    """Do one step, of today's plans, as a customer would; the seal is called `seal`."""
    match kind:
        case "card":
            due(session, CardStep).read(1.0)
        case "precheck":
            due(session, PrecheckStep).check()
        case "portrait":
            portrait = due(session, PortraitStep)
            portrait.give_consent(True)
            portrait.compare(shown(session))
        case "notice":
            read_notice(session, clock)
        case "signature":
            due(session, SignatureStep).sign(STROKES, "pen")
        case _:
            session.seal()


def walk(session: Session, clock: HandClock, until: str | None = None) -> None:
    """Do the steps from where the session stands up to, not including, the kind `until`; without it, also seal."""
    while (step := session.next_step) is not None and step.kind != until:
        do_step(session, step.kind, clock)
    if session.next_step is None and until is None:
        session.seal()


def open_session(
    hall: OpenHall, equipment: Equipment, scene: str = "new_number", pack: RulePack | None = None
) -> Session:
    return Session.open(hall, equipment, pack or built_in_pack(), scene, SERVICE_NUMBER)


def resume_session(hall: OpenHall, equipment: Equipment, session: str) -> Session:
    return Session.resume(hall, equipment, session)


def open_consented(hall: OpenHall, equipment: Equipment, clock: HandClock) -> Session:
    """A session at its portrait, whose customer has consented."""
    session = open_session(hall, equipment)
    walk(session, clock, until="portrait")
    session.the(PortraitStep).give_consent(True)
    return session


def next_kind(session: Session | StoredSession) -> str | None:
    """The kind of the step that is to be done."""
    step = session.next_step
    return None if step is None else step.kind


def face_of(session: Session) -> FaceFacts:
    """What was decided of the face."""
    face = session.the(PortraitStep).facts.face
    assert face is not None
    return face


def recording_of(session: Session) -> RecordingFacts:
    """What was kept of the reading."""
    recording = session.the(NoticeStep).facts.recording
    assert recording is not None
    return recording


def stored(hall: OpenHall, session: Session) -> StoredSession:
    """As it stands on the disk."""
    with hall.database.reading() as tables:
        return sessions.load(tables, session.session_id)


def stored_portrait(hall: OpenHall, session: Session) -> PortraitFacts:
    """What the disk has of the holder's portrait."""
    facts = stored(hall, session).step("holder/portrait").facts
    assert isinstance(facts, PortraitFacts)
    return facts


def sealed_portrait(manifest: Manifest) -> PortraitFacts:
    """What the manifest says of the holder's portrait."""
    done = manifest.done_step("holder/portrait")
    assert done is not None
    assert isinstance(done.facts, PortraitFacts)
    return done.facts
