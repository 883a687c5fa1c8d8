"""Hand-made services: the product's own, with what needs a device or the disk replaced.

Each double is its service's subclass, so that mypy holds it to what it stands for.
"""

import datetime as dt
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import numpy as np

import tests.doubles as devices_doubles
from hallclient.devices import FaceSight, Frame, Image, ReaderState, ReaderStatus
from hallclient.domain.card import CardKind, CardReading, CardRecord, Finding, ReaderIdentity
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.delivery import DeliveryState
from hallclient.domain.equipment import DeviceIdentity, Place
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.notice import LineEnd, RecordingFacts
from hallclient.domain.evidence.facts.portrait import ConsentFacts, FaceFacts, PortraitOptions
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.evidence.facts.signature import SignatureFacts
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice, Challenge, Refusal
from hallclient.domain.notice import Notice
from hallclient.domain.person import MaskedPerson
from hallclient.domain.plan import Plan, PlannedStep
from hallclient.domain.rule_pack import PackScene
from hallclient.domain.session import AbandonReason, RefusalReason, SessionState, StepDone
from hallclient.domain.signature import PenPoint
from hallclient.domain.staff import Role, Staff
from hallclient.domain.staff_documents import Invitation
from hallclient.domain.step_kind import StepFacts
from hallclient.domain.supervised_way import failed_try
from hallclient.domain.totp import provisioning_uri
from hallclient.rule_texts import built_in_pack, text_in_force
from hallclient.services import counter as counter_service
from hallclient.services import dispatch as dispatch_service
from hallclient.services import idle_lock, staff_desk
from hallclient.services import joining as joining_service
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.counter import ListedSession
from hallclient.services.dispatch import DispatchStatus
from hallclient.services.events import SessionDelivered, SessionEvent
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.preparation import Readiness
from hallclient.services.session import card as card_step
from hallclient.services.session import engine
from hallclient.services.session import notice as notice_step
from hallclient.services.session import portrait as portrait_step
from hallclient.services.session import precheck as precheck_step
from hallclient.services.session import signature as signature_step
from hallclient.services.session.step import StepWork
from hallclient.services.staff import Invited, KnownStaff
from hallclient.services.staff_desk import SecondPerson
from hallclient.services.stop import Stop
from hallclient.storage.sessions import StoredSession, StoredStep
from tests.attempts import LIVE
from tests.clock import HandClock
from ui import wording

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
SESSION = "0192f3a0-0000-7000-8000-00000000ab7f"
DONE = StepDone(NOW.isoformat(), 0.0, "1001")
RIGHT_PASSWORD, RIGHT_CODE, INVITATION = "right-password", "123456", "ABCDEFGHIJKLMNOPQRST"
READER = ReaderIdentity("练习读卡器 00", "practice", "memory", practice=True)
THRESHOLDS = Thresholds(match=0.44, doubt=0.30, false_accept_rate=0.001, dataset="test", measured_on="2026-11-01")
ENGINE = EngineIdentity("sface", "2021dec", {})
NOTICE = Notice(
    code="fraud_risk",
    version="1",
    effective_from="2026-01-01",
    title="涉诈风险告知书",
    source="工信部联网安函〔2021〕133号",
    lines=(
        "我已知晓，出租、出借、出售电话卡属于违法行为。",
        "根据反电信网络诈骗法，任何单位和个人不得非法买卖、出租、出借电话卡。",
        "本人承诺，所办理的电话卡仅供本人使用。",
        "如将电话卡交给他人使用，本人愿意承担相应的法律责任。",
        "如发现名下有不明电话卡，我会及时向营业厅核实并注销。",
        "遇到可疑来电或要求转账，我会拨打九六一一零咨询。",
        "以上内容我已逐句阅读并理解。",
    ),
)
CONSENT = text_in_force("face_consent", dt.date(2026, 11, 26))  # the longest, as it is read today
STROKES = tuple(
    tuple(
        PenPoint(0.02 * i + stroke, 0.15 + stroke * 0.3 + i * 0.018, 0.5 + 0.3 * float(np.sin(i / 2.2)), 0.5)
        for i in range(14)
    )
    for stroke in range(2)
)


WEBCAM = DeviceIdentity("HD Webcam C525", practice=False, bus="pci0000:00/usb1/1-2", driver="uvcvideo", virtual=False)
UNKNOWN_CAMERA = DeviceIdentity("Some camera", practice=False)
LOOPBACK = DeviceIdentity(
    "OBS Virtual Camera: Dummy video device (0x0000)",
    practice=False,
    bus="virtual/video4linux/video4",
    driver="v4l2 loopback",
    virtual=True,
)
RECORDED = RecordingFacts(
    camera=WEBCAM,
    microphone=DeviceIdentity("mic", practice=True),
    line_starts_s=tuple(float(4 * line) for line in range(7)),
    line_ends=(LineEnd.CUSTOMER,) * 7,
    duration_s=28.0,
    pictures=700,
    pictures_dropped=0,
    sound_s=28.0,
    longest_silence_s=0.0,
)


class FixedClock:
    """Wall-clock time stands; monotonic time is the machine's."""

    def now(self) -> dt.datetime:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()


def picture(seed: int = 0, width: int = 640, height: int = 480) -> Image:
    """A coloured gradient."""
    across = np.linspace(40, 200, width, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 55, height, dtype=np.float32)[:, None, None]
    tint = np.array([1.0, 0.9, 0.6 + 0.1 * (seed % 4)], dtype=np.float32)
    return ((across + down) * tint).clip(0, 255).astype(np.uint8)


def reading_of_a_card(long_term: bool = False) -> CardReading:
    record = CardRecord(
        kind=CardKind.RESIDENT,
        name="张三丰",
        sex_code="1",
        nation_code="01",
        birth=dt.date(1990, 1, 1),
        address="",
        number="110101199001011237",
        authority="",
        valid_from=dt.date(2015, 6, 1),
        valid_to=None if long_term else dt.date(2035, 6, 1),
        long_term=long_term,
        raw=b"",
    )
    return CardReading(record, b"", "05.01", READER)


def comparison(decision: Decision = Decision.MATCHED, score: float | None = 0.61) -> Comparison:
    return Comparison(decision, score, THRESHOLDS, ENGINE)


class Step(StrEnum):
    """The ids of the steps of the built-in plans, and the seal."""

    CARD = "holder/card"
    PRECHECK = "holder/precheck"
    PORTRAIT = "holder/portrait"
    NOTICE = "notice"
    SIGNATURE = "signature"
    SEAL = wording.SEAL


def plan_of(scene: str) -> Plan:
    """Of a session that begins now, by the built-in rules."""
    return built_in_pack().plan(scene, lambda code: text_in_force(code, NOW.date()))


class Session(engine.Session):
    """A session without devices and disk, over the product's plan, its order of steps and its rules.

    `failures[method]` are raised first, in order, whichever step's the method is; `called` lists who called on what.
    """

    def __init__(self, scene: str = "second_verification", service_number: str = "13800000021") -> None:
        self._works = {}
        self._kept_to_a_thread, self._thread = False, None
        self._stored = StoredSession(SESSION, plan_of(scene), service_number, "1001", NOW.isoformat())
        self.about(scene, service_number)
        clock = HandClock()
        self.camera = devices_doubles.Camera(clock)
        self.camera.identity = WEBCAM
        self.feed = CameraFeed(self.camera, clock)  # nobody watches it
        self.opened_monotonic = time.monotonic()
        self.text = NOTICE  # that is read and signed
        self.failures: dict[str, list[Exception]] = defaultdict(list)
        self.called: list[tuple[str, str]] = []
        self.findings: tuple[Finding, ...] = ()
        self.usable = True
        self.centre_reachable = False
        self.result = comparison()
        self.photo = picture(1)
        self.chip_photo = picture(2, 102, 126)
        self.sight = FaceSight(1, (100.0, 100.0, 200.0, 200.0), 0.9)
        self.challenge: Challenge | None = None
        self.advice: Advice | None = None
        self.all_done = False
        self.card_is_down = threading.Event()
        self.card_is_down.set()
        self.looks = threading.Event()  # clear it to let a look take long
        self.looks.set()
        self.may_go_on = threading.Event()  # clear it to keep a call in the middle
        self.may_go_on.set()
        self.may_close = threading.Event()  # clear it to keep `close` in the middle
        self.may_close.set()
        self.camera_opens = threading.Event()  # clear it to keep `start_recording` in the middle
        self.camera_opens.set()
        self.stop_is_heard = True  # False: it is said too late for `start_recording`
        self.recording_is_whole = False
        self.shown_lines: list[int] = []
        self.line_ends: list[LineEnd] = []
        self.signed: tuple[object, str] | None = None
        self.ended: tuple[SessionState, AbandonReason | RefusalReason] | None = None
        self.tell_trouble: Callable[[KnownError | None], None] = lambda error: None
        self.listeners: tuple[Callable[[Frame], None], Callable[[float], None]] | None = None

    def about(self, scene: str, service_number: str) -> None:
        """What is done in it and about which number; steps that are done already stay so."""
        self._stored = replace(self._stored, plan=plan_of(scene), service_number=service_number)
        before = self._works
        self._works = {step.id: before.get(step.id) or work_for(self, step) for step in self.plan.steps}

    def come_to(self, step_id: str) -> None:
        """The steps before this one are done, and no other; what they found out stays."""
        card = self.the(CardStep)
        if card.reading is None:
            card.find()
        ids = [step.id for step in self.plan.steps]
        done = ids[: [*ids, Step.SEAL].index(step_id)]
        for an_id in ids:
            self._store(an_id, replace(self._stored.step(an_id), done=DONE if an_id in done else None))

    @property
    def elapsed_s(self) -> float:
        return 0.0

    def keep_to_a_thread(self) -> None:
        super().keep_to_a_thread()
        self._thread = None  # the same one is continued, on another

    def reveal_service_number(self) -> str:
        self.enter("reveal_service_number")
        return self.service_number

    def witness(self, event: str) -> None:
        self.enter(event)

    def note(
        self,
        step_id: str,
        event: str,
        detail: Mapping[str, object],
        facts: StepFacts | None,
        files: tuple[FileEntry, ...] | None = None,
    ) -> None:
        before = self._stored.step(step_id)
        kept = StoredStep(before.facts if facts is None else facts, before.files if files is None else files)
        self._store(step_id, kept)

    def finish(
        self, step_id: str, facts: StepFacts, files: tuple[FileEntry, ...], detail: Mapping[str, object]
    ) -> None:
        self.expect(step_id)
        self._store(step_id, StoredStep(facts, files, DONE))

    def seal(self) -> Manifest:
        self.enter("seal")
        self.may_go_on.wait(10)
        self._close_as(
            "seal", SessionState.SEALED, self._stored.steps, may=self.next_step is None and not self.forbidden
        )
        return Manifest.model_construct()  # it is for the package; no screen sees it

    def refuse(self) -> None:
        self.enter("refuse")
        forbidding = self.forbidding_step
        self._close_as("refuse", SessionState.REFUSED, {}, may=forbidding is not None)
        self.ended = (SessionState.REFUSED, RefusalReason.CARD_UNUSABLE)

    def abandon(self, reason: AbandonReason) -> None:
        self.enter("abandon")
        self._close_as("abandon", SessionState.ABANDONED, {}, may=True)
        self.ended = (SessionState.ABANDONED, reason)

    def close(self) -> None:
        self.enter("close")
        self.may_close.wait(10)

    def calls(self, name: str) -> int:
        return sum(called == name for called, _ in self.called)

    def enter(self, method: str) -> None:
        """A method begins: it is listed, and fails where the test wants it to."""
        self.require_its_thread()
        self.called.append((method, threading.current_thread().name))
        if self.failures[method]:
            raise self.failures[method].pop(0)

    def speak(self) -> None:
        """Frames and levels come, as from the devices' threads."""
        if self.listeners:
            on_frame, on_level = self.listeners
            on_frame(Frame(time.monotonic(), self.photo))
            for level in (0.1, 0.5, 0.7, 0.9, 0.6, 0.4, 0.8):
                on_level(level)
                time.sleep(0)

    def _store(self, step_id: str, step: StoredStep) -> None:
        self._stored = replace(self._stored, steps={**self._stored.steps, step_id: step})

    def _close_as(self, move: str, state: SessionState, steps: Mapping[str, StoredStep], *, may: bool) -> None:
        if self.state is not SessionState.OPEN or not may:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, move)
        self._stored = replace(self._stored, state=state, steps=steps)


class CardStep(card_step.CardStep):
    def __init__(self, session: Session, planned: PlannedStep) -> None:
        StepWork.__init__(self, session, planned)  # the product's notes since when a card is awaited
        self._session = session
        self.reading, self.portrait = None, None

    def read(self, timeout_s: float) -> MaskedPerson:
        self._session.enter("read")
        if not self._session.card_is_down.wait(min(timeout_s, 0.02)):
            raise KnownError(FailureCode.CARD_MISSING)
        self._expect()
        reading = self.find()
        facts = CardFacts(kind=reading.record.kind, reader=READER, sam_number="05.01", findings=self._session.findings)
        self._finish(facts)
        return MaskedPerson.of(reading.record)

    def find(self) -> CardReading:
        """What a card has is known."""
        self.reading, self.portrait = reading_of_a_card(), self._session.chip_photo
        return self.reading


class PrecheckStep(precheck_step.PrecheckStep):
    def __init__(self, session: Session, planned: PlannedStep) -> None:
        super().__init__(session, planned)
        self._session = session

    def check(self) -> PrecheckFacts:
        self._session.enter("check")
        facts = PrecheckFacts(
            card_usable=self._session.usable, network_check="pending", centre_reachable=self._session.centre_reachable
        )
        self._finish(facts)
        return facts


class PortraitStep(portrait_step.PortraitStep):
    """`failed_with` is how its tries failed; of a session that was abandoned no fact tells it any more."""

    def __init__(self, session: Session, planned: PlannedStep) -> None:
        super().__init__(session, planned)
        self._session = session
        self.failed_with: list[FailureCode] = []

    def consent_text(self) -> Notice:
        self._session.enter("consent_text")
        return CONSENT

    def give_consent(self, given: bool) -> None:
        self._session.enter("give_consent")
        consent = ConsentFacts(given=given, text=self._options(PortraitOptions).consent)
        if given:
            self.keep(consent=consent)
        else:
            self.decide(comparison(Decision.CONSENT_REFUSED, None), consent=consent)

    def compare(self, listener: PortraitListener, stop: Stop | None = None) -> Comparison:
        try:
            self._session.enter("compare")
            self._look(listener, stop or Stop())
        except Exception as error:
            known = error if isinstance(error, KnownError) else KnownError(FailureCode.INTERNAL_ERROR)
            self.failed_with.append(known.code)
            failed = failed_try(known)
            if failed is not None:
                self.keep(failed_tries=(*self.facts.failed_tries, failed))
            if known.code is FailureCode.NOT_LIVE:
                self.attempt(Refusal(known.detail))
            raise
        self.live_photo = self._session.photo
        self.attempt(None)
        self.decide(self._session.result)
        return self._session.result

    def _look(self, listener: PortraitListener, stop: Stop) -> None:
        session = self._session
        for _ in range(3):
            frame = Frame(time.monotonic(), session.photo)
            listener.on_frame(frame)
            listener.on_sight(frame, session.sight)
        asked, advised = None, None
        while not session.may_go_on.wait(0.02):
            session.looks.wait(10)
            if stop.said:
                raise KnownError(FailureCode.CHECK_STOPPED)
            if session.challenge is not asked:
                asked = session.challenge
                listener.on_challenge(asked)
            if session.advice is not advised:
                advised = session.advice
                listener.on_advice(advised)
            if session.all_done:
                session.all_done = False
                listener.on_done()
            listener.on_sight(Frame(time.monotonic(), session.photo), session.sight)

    def leave_to_supervisor(self) -> Comparison:
        self._session.enter("leave_to_supervisor")
        if self.supervised_way is None:
            raise KnownError(FailureCode.SUPERVISED_WAY_CLOSED)
        result = comparison(Decision.NO_FACE, None)
        self.decide(result)
        return result

    def keep(self, **facts: object) -> None:
        """It found this out before it is done."""
        self._note("found", facts=self.facts.changed(**facts))

    def attempt(self, refusal: Refusal | None) -> None:
        attempts = (*self.facts.liveness.attempts, LIVE.changed(refusal=refusal))
        self.keep(liveness=LivenessFacts(attempts=attempts))

    def decide(self, result: Comparison, **facts: object) -> None:
        self._finish(self.facts.changed(face=FaceFacts(camera=None, frames_seen=3, comparison=result), **facts))


class NoticeStep(notice_step.NoticeStep):
    def __init__(self, session: Session, planned: PlannedStep) -> None:
        super().__init__(session, planned)
        self._session = session

    def notice(self) -> Notice:
        self._session.enter("notice")
        return self._session.text

    def start_recording(
        self,
        on_frame: Callable[[Frame], None],
        on_level: Callable[[float], None],
        on_trouble: Callable[[KnownError | None], None] = lambda error: None,
        stop: Stop | None = None,
    ) -> None:
        session, stop = self._session, stop or Stop()
        session.enter("start_recording")
        while not session.camera_opens.wait(0.02):
            if stop.said and session.stop_is_heard:
                raise KnownError(FailureCode.CHECK_STOPPED)
        session.listeners = on_frame, on_level
        session.tell_trouble = on_trouble
        session.speak()

    def show_line(self, index: int, end: LineEnd = LineEnd.CLERK) -> None:
        self._session.enter("show_line")
        self._session.shown_lines.append(index)
        if index:
            self._session.line_ends.append(end)
        self._session.speak()

    @property
    def recording_is_whole(self) -> bool:
        return self._session.recording_is_whole

    def finish_recording(self, end: LineEnd = LineEnd.CLERK) -> RecordingFacts:
        self._session.enter("finish_recording")
        self._session.line_ends.append(end)
        recorded = RECORDED.changed(camera=DeviceIdentity("camera", practice=True))
        self._finish(self.facts.changed(recording=recorded))
        return recorded

    def restart_recording(self) -> None:
        self._session.enter("restart_recording")
        self._session.listeners = None


class SignatureStep(signature_step.SignatureStep):
    def __init__(self, session: Session, planned: PlannedStep) -> None:
        super().__init__(session, planned)
        self._session = session

    def notice(self) -> Notice:
        self._session.enter("notice")
        return self._session.text

    def sign(self, strokes: tuple[tuple[PenPoint, ...], ...], device: str) -> None:
        self._session.enter("sign")
        self._session.signed = strokes, device
        facts = SignatureFacts(
            strokes_sha256="",
            points=sum(len(stroke) for stroke in strokes),
            device=device,
            practice=True,
            pressure=False,
            unsigned_bytes=0,
            unsigned_sha256="",
        )
        self._finish(facts)

    def customer_copy(self) -> bytes:
        self._session.enter("customer_copy")
        return b"%PDF-"


_STEPS: dict[str, Callable[[Session, PlannedStep], StepWork]] = {
    "card": CardStep,
    "precheck": PrecheckStep,
    "portrait": PortraitStep,
    "notice": NoticeStep,
    "signature": SignatureStep,
}


def work_for(session: Session, step: PlannedStep) -> StepWork:
    return _STEPS[step.kind](session, step)


def kept(name: str, scene: str, service_number_masked: str, step_id: str) -> ListedSession:
    """A session in the list of those that can be continued, at this step."""
    plan = plan_of(scene)
    return ListedSession(
        name, plan.words.name, service_number_masked, plan.step(step_id), "2026-11-22T09:42:00+00:00", clerk="1001"
    )


class Counter(counter_service.Counter):
    """A counter with one session, which is opened and continued alike."""

    staff = Staff("1001", Role.CLERK)
    place = Place("示例营业厅", "own_hall", "3")
    practice = True

    def __init__(self, session: Session | None = None, practice: bool = True) -> None:
        self.practice = practice
        self.session = session
        self.sessions: list[ListedSession] = []
        self.listeners: list[Callable[[SessionEvent], None]] = []
        self.printed: list[bytes] = []
        self.printed_to: Path | None = None  # of a practice printer
        self.printer_failures: list[KnownError] = []
        self.open_failures: list[KnownError] = []
        self.resume_failures: list[KnownError] = []
        self.abandon_failures: list[KnownError] = []
        self.abandoned: list[tuple[str, AbandonReason]] = []
        self.opening = threading.Event()
        self.may_open = threading.Event()  # clear it to keep a session in the middle of being opened
        self.may_open.set()
        self.tell_reader: Callable[[ReaderStatus], None] = lambda status: None
        self.tell_face_worker: Callable[[], None] = lambda: None
        self.tell_preparation: Callable[[Readiness], None] = lambda readiness: None

    def watch_preparation(self, listener: Callable[[Readiness], None]) -> None:
        self.tell_preparation = listener
        listener(Readiness(missing=()))

    def scenes(self) -> tuple[PackScene, ...]:
        return built_in_pack().scenes

    def open_session(self, scene: str, service_number: str) -> Session:
        self.opening.set()
        self.may_open.wait(10)
        if self.open_failures:
            raise self.open_failures.pop(0)
        if self.session is None or self.session.ended:
            self.session = Session()
        self.session.about(scene, service_number)
        self.session.keep_to_a_thread()
        return self.session

    @property
    def live(self) -> Session | None:
        return self.session

    def listen(self, listener: Callable[[SessionEvent], None]) -> None:
        self.listeners.append(listener)

    def delivered(self, outcome: Outcome | None, session: str = SESSION) -> None:
        """A package has come to the centre, which said this of it, or nothing yet."""
        for listener in self.listeners:
            listener(SessionDelivered(session, DeliveryState.ACCEPTED, outcome, None))

    def close_session(self) -> None:
        if self.session is not None:
            self.session.close()

    def unfinished(self) -> list[ListedSession]:
        return self.sessions

    def today(self) -> list[ListedSession]:
        return self.sessions

    def resume(self, session_id: str) -> Session:
        if self.resume_failures:
            raise self.resume_failures.pop(0)
        assert self.session is not None
        self.session.keep_to_a_thread()
        return self.session

    def abandon(self, session_id: str, reason: AbandonReason) -> None:
        if self.abandon_failures:
            raise self.abandon_failures.pop(0)
        self.abandoned.append((session_id, reason))
        self.sessions = [item for item in self.sessions if item.session_id != session_id]

    def watch_reader(self, listener: Callable[[ReaderStatus], None]) -> None:
        self.tell_reader = listener
        listener(ReaderStatus(ReaderState.READY, READER, None))

    def watch_face_worker(self, listener: Callable[[], None]) -> None:
        self.tell_face_worker = listener

    def print_copy(self, pdf: bytes) -> Path | None:
        if self.printer_failures:
            raise self.printer_failures.pop(0)
        self.printed.append(pdf)
        return self.printed_to


class Dispatch(dispatch_service.Dispatch):
    """Tells the outcome that the test wants."""

    status = DispatchStatus(True, 2, 0, None)

    def __init__(self) -> None:
        self.said = Outcome.PROVISIONAL
        self.failures: list[KnownError] = []
        self.listeners: list[Callable[[DispatchStatus], None]] = []
        self.woken = 0

    def watch(self, listener: Callable[[DispatchStatus], None]) -> None:
        self.listeners.append(listener)
        listener(self.status)

    def outcome(self, session: str) -> Outcome:
        if self.failures:
            raise self.failures.pop(0)
        return self.said

    def wake(self) -> None:
        self.woken += 1

    def tell(self, **changes: object) -> None:
        self.status = replace(self.status, **changes)  # type: ignore[arg-type]
        for listener in self.listeners:
            listener(self.status)

    def close(self) -> None:
        """Nothing to stop."""


class Joining(joining_service.Joining):
    """An invitation that was opened."""

    def __init__(self, number: str) -> None:
        self.staff = Staff(number, Role.CLERK)
        self.totp_secret = b"nobody's own secret!"
        self.totp_uri = provisioning_uri(self.totp_secret, number, "演练厅")
        self.finished: list[str] = []

    def finish(self, password: str, totp_code: str) -> Staff:
        if totp_code != RIGHT_CODE:
            raise KnownError(FailureCode.LOGIN_WRONG)
        self.finished.append(password)
        return self.staff


class OwnAccess:
    """A hall that has invited one person, and in which everybody has one password and one code."""

    def __init__(self) -> None:
        self.joining = Joining("1003")
        self.invitation = INVITATION
        self.certified = False
        self.passwords: list[str] = []

    def join(self, number: str, code: str) -> Joining:
        if (number, code) != (self.joining.staff.number, self.invitation):
            raise KnownError(FailureCode.INVITATION_INVALID)
        return self.joining

    def is_certified(self, number: str) -> bool:
        return self.certified

    def change_password(self, number: str, old: str, code: str, new: str) -> None:
        if (old, code) != (RIGHT_PASSWORD, RIGHT_CODE):
            raise KnownError(FailureCode.LOGIN_WRONG)
        self.passwords.append(new)


class Lock(idle_lock.IdleLock):
    """Opens for one password and one code."""

    def __init__(self, after_s: int = 300) -> None:
        self.staff = Staff("1001", Role.CLERK)
        self.after_s = after_s
        self.noted = 0
        self.refuses_with: KnownError | None = None

    def note(self) -> None:
        self.noted += 1

    def unlock(self, password: str, code: str) -> None:
        if self.refuses_with is not None:
            raise self.refuses_with
        if (password, code) != (RIGHT_PASSWORD, RIGHT_CODE):
            raise KnownError(FailureCode.LOGIN_WRONG)


class StaffDesk(staff_desk.StaffDesk):
    """The desk of 9001, beside whom 9002 agrees."""

    def __init__(self) -> None:
        self.removed: list[str] = []
        self.people = [
            KnownStaff(Staff("1001", Role.CLERK), locked=False, pending=False),
            KnownStaff(Staff("1002", Role.CLERK), locked=True, pending=False),
            KnownStaff(Staff("1003", Role.CLERK), locked=False, pending=True),
            KnownStaff(Staff("2001", Role.SUPERVISOR), locked=False, pending=False),
            KnownStaff(Staff("9001", Role.ADMINISTRATOR), locked=False, pending=False),
        ]
        self.refuses_with: KnownError | None = None

    @property
    def staff(self) -> Staff:
        return Staff("9001", Role.ADMINISTRATOR)

    @property
    def practice(self) -> bool:
        return True

    def known(self) -> list[KnownStaff]:
        return list(self.people)

    def invite(self, number: str, role: Role, second: SecondPerson | None = None) -> Invited:
        self._must_agree(second, needed=self.needs_second(role))
        return _invited(number, role, replaces=False)

    def invite_again(self, number: str, second: SecondPerson) -> Invited:
        self._must_agree(second, needed=True)
        return _invited(
            number, next(one.staff.role for one in self.people if one.staff.number == number), replaces=True
        )

    def lock(self, number: str, locked: bool) -> None:
        if self.refuses_with is not None:
            raise self.refuses_with
        self.people = [replace(one, locked=locked) if one.staff.number == number else one for one in self.people]

    def remove(self, number: str) -> None:
        if self.refuses_with is not None:
            raise self.refuses_with
        self.removed.append(number)

    def _must_agree(self, second: SecondPerson | None, *, needed: bool) -> None:
        if self.refuses_with is not None:
            raise self.refuses_with
        if needed and second != SecondPerson("9002", RIGHT_PASSWORD, RIGHT_CODE):
            raise KnownError(FailureCode.LOGIN_WRONG)


def _invited(number: str, role: Role, *, replaces: bool) -> Invited:
    invitation = Invitation(
        id="00" * 16,
        number=number,
        role=role,
        hall="演练厅",
        signing_key="00" * 32,
        until=(NOW + dt.timedelta(days=3)).isoformat(),
        replaces=replaces,
    )
    return Invited(invitation, "ABCDE-FGHIJ-KLMNO-PQRST")


class PracticeCustomer:
    """Acts at once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        session.card_is_down.clear()

    def put_card_down(self) -> None:
        self._session.card_is_down.set()

    def take_card_up(self) -> None:
        self._session.card_is_down.clear()

    def see(self, challenge: Challenge | None) -> None:
        """Nobody is before the camera."""

    def begin_line(self, index: int) -> None:
        self._session.speak()

    def line_is_read(self, index: int) -> bool:
        return index in self._session.shown_lines

    def strokes(self) -> tuple[tuple[PenPoint, ...], ...]:
        return STROKES
