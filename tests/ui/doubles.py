"""Hand-made services: the same methods as `hallclient.services`, the real session table, no device and no disk."""

import datetime as dt
import io
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from hallclient.domain.scene import SCENES, SceneCode, Step

from hallclient.devices import FaceSight, Frame, Image, ReaderState, ReaderStatus
from hallclient.domain.card import CardKind, CardReading, CardRecord, Finding, ReaderIdentity
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.equipment import DeviceIdentity, Place
from hallclient.domain.evidence import SessionFacts
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.notice import LineEnd, ReadingFacts
from hallclient.domain.evidence.facts.portrait import ConsentFacts, FaceFacts, FailedTry
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice, Challenge, Refusal
from hallclient.domain.notice import Notice
from hallclient.domain.review import ReviewState
from hallclient.domain.session import AbandonReason, Move, RefusalReason, State, moved, next_step
from hallclient.domain.signature import PenPoint
from hallclient.domain.staff import Role, Staff
from hallclient.domain.supervised_way import SupervisedWay, failed_try, supervised_way
from hallclient.domain.why_reviewed import tries_beside_attempts, why_not_live
from hallclient.services.counter import OpenSession
from hallclient.services.dispatch import DispatchStatus
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.preparation import Readiness
from hallclient.services.review import ReviewCase, ReviewItem
from hallclient.services.stop import Stop
from tests.attempts import LIVE

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
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
CONSENT = Notice(
    code="face_consent",
    version="1",
    effective_from="2026-01-01",
    title="人脸信息处理单独同意书",
    source="《人脸识别技术应用安全管理办法》（2025）",
    lines=(
        "为核对您与身份证芯片照片是否为同一人，需要现场拍摄您的面部照片。",
        "只保存一张现场照片，加密后送省中心，用于实名核验存档。",
        "比对用的人脸特征不保存；您可以不同意，改由两名工作人员人工核验。",
    ),
)
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
READING = ReadingFacts(
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


class Verification:
    """A session without devices. `failures[method]` are raised first, in order; `called` lists who called on what."""

    def __init__(self, scene: SceneCode = SceneCode.SECOND_VERIFICATION, service_number: str = "13800000021") -> None:
        self.session_id = "0192f3a0-0000-7000-8000-00000000ab7f"
        self.scene = SCENES[scene]
        self.service_number = service_number
        self.state = State.OPENED
        self.facts = SessionFacts()
        self.reading_of_card: CardReading | None = None
        self.portrait: Image | None = None
        self.camera = WEBCAM
        self.live_photo: Image | None = None
        self.opened_monotonic = time.monotonic()
        self.failures: dict[str, list[Exception]] = defaultdict(list)
        self.called: list[tuple[str, str]] = []
        self.findings: tuple[Finding, ...] = ()
        self.usable = True
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
        self.camera_opens = threading.Event()  # clear it to keep `start_reading` in the middle
        self.camera_opens.set()
        self.stop_is_heard = True  # False: it is said too late for `start_reading`
        self.reading_is_whole = False
        self.shown_lines: list[int] = []
        self.line_ends: list[LineEnd] = []
        self.signed: tuple[object, str] | None = None
        self.ended: tuple[str, str] | None = None
        self.tell_trouble: Callable[[KnownError | None], None] = lambda error: None
        self._listeners: tuple[Callable[[Frame], None], Callable[[float], None]] | None = None

    @property
    def next_step(self) -> Step | None:
        return next_step(self.scene, self.state, self.facts.card_usable)

    def read_card(self, timeout_s: float) -> CardReading:
        self._enter("read_card")
        if not self.card_is_down.wait(min(timeout_s, 0.02)):
            raise KnownError(FailureCode.CARD_MISSING)
        self.reading_of_card = reading_of_a_card()
        self.portrait = self.chip_photo
        facts = CardFacts(kind=CardKind.RESIDENT, reader=READER, sam_number="05.01", findings=self.findings)
        self._commit(Move.CARD_READ, card=facts)
        return self.reading_of_card

    def precheck(self, centre_reachable: bool = False) -> PrecheckFacts:
        self._enter("precheck")
        facts = PrecheckFacts(card_usable=self.usable, network_check="pending", centre_reachable=centre_reachable)
        self._commit(Move.PRECHECKED, precheck=facts)
        return facts

    def refuse(self) -> None:
        self._enter("refuse")
        self.ended = ("refused", RefusalReason.CARD_UNUSABLE)
        self._commit(Move.REFUSED)

    def consent_text(self) -> Notice:
        self._enter("consent_text")
        return CONSENT

    def give_consent(self, given: bool) -> None:
        self._enter("give_consent")
        consent = ConsentFacts(given=given, version="1", sha256="")
        if given:
            self.facts = self.facts.changed(consent=consent)
        else:
            self._decide(comparison(Decision.CONSENT_REFUSED, None), consent=consent)

    @property
    def may_try_again(self) -> bool:
        return self.facts.liveness.may_try_again

    @property
    def supervised_way(self) -> SupervisedWay | None:
        return supervised_way(self.facts)

    def compare(self, listener: PortraitListener, stop: Stop | None = None) -> Comparison:
        try:
            self._enter("compare")
            self._look(listener, stop or Stop())
        except Exception as error:
            known = error if isinstance(error, KnownError) else KnownError(FailureCode.INTERNAL_ERROR)
            failed = failed_try(known)
            if failed is not None:
                self.facts = self.facts.changed(failed_tries=(*self.facts.failed_tries, failed))
            if known.code is FailureCode.NOT_LIVE:
                self._attempt(Refusal(known.detail))
            raise
        self.live_photo = self.photo
        self._attempt(None)
        self._decide(self.result)
        return self.result

    def _look(self, listener: PortraitListener, stop: Stop) -> None:
        for _ in range(3):
            frame = Frame(time.monotonic(), self.photo)
            listener.on_frame(frame)
            listener.on_sight(frame, self.sight)
        asked, advised = None, None
        while not self.may_go_on.wait(0.02):
            self.looks.wait(10)
            if stop.said:
                raise KnownError(FailureCode.CHECK_STOPPED)
            if self.challenge is not asked:
                asked = self.challenge
                listener.on_challenge(asked)
            if self.advice is not advised:
                advised = self.advice
                listener.on_advice(advised)
            if self.all_done:
                self.all_done = False
                listener.on_done()
            listener.on_sight(Frame(time.monotonic(), self.photo), self.sight)

    def leave_to_supervisor(self) -> Comparison:
        self._enter("leave_to_supervisor")
        if self.supervised_way is None:
            raise KnownError(FailureCode.SUPERVISED_WAY_CLOSED)
        result = comparison(Decision.NO_FACE, None)
        self._decide(result)
        return result

    def _attempt(self, refusal: Refusal | None) -> None:
        attempts = (*self.facts.liveness.attempts, LIVE.changed(refusal=refusal))
        self.facts = self.facts.changed(liveness=LivenessFacts(attempts=attempts))

    def notice(self) -> Notice:
        self._enter("notice")
        return NOTICE

    def start_reading(
        self,
        on_frame: Callable[[Frame], None],
        on_level: Callable[[float], None],
        on_trouble: Callable[[KnownError | None], None],
        stop: Stop | None = None,
    ) -> None:
        self._enter("start_reading")
        stop = stop or Stop()
        while not self.camera_opens.wait(0.02):
            if stop.said and self.stop_is_heard:
                raise KnownError(FailureCode.CHECK_STOPPED)
        self._listeners = on_frame, on_level
        self.tell_trouble = on_trouble
        self.speak()

    def speak(self) -> None:
        """Frames and levels come, as from the devices' threads."""
        if self._listeners:
            on_frame, on_level = self._listeners
            on_frame(Frame(time.monotonic(), self.photo))
            for level in (0.1, 0.5, 0.7, 0.9, 0.6, 0.4, 0.8):
                on_level(level)
                time.sleep(0)

    def show_line(self, index: int, end: LineEnd = LineEnd.CLERK) -> None:
        self._enter("show_line")
        self.shown_lines.append(index)
        if index:
            self.line_ends.append(end)
        self.speak()

    def finish_reading(self, end: LineEnd = LineEnd.CLERK) -> ReadingFacts:
        self._enter("finish_reading")
        self.line_ends.append(end)
        facts = ReadingFacts(
            camera=DeviceIdentity("camera", practice=True),
            microphone=DeviceIdentity("mic", practice=True),
            line_starts_s=tuple(float(4 * line) for line in range(7)),
            line_ends=(LineEnd.CUSTOMER,) * 7,
            duration_s=28.0,
            pictures=700,
            pictures_dropped=0,
            sound_s=28.0,
            longest_silence_s=0.0,
        )
        self._commit(Move.NOTICE_READ, reading=facts)
        return facts

    def restart_reading(self) -> None:
        self._enter("restart_reading")
        self._listeners = None

    def sign(self, strokes: tuple[tuple[PenPoint, ...], ...], device: str) -> None:
        self._enter("sign")
        self.signed = strokes, device
        self._commit(Move.NOTICE_SIGNED)

    def seal(self) -> None:
        self._enter("seal")
        self.may_go_on.wait(10)
        self._commit(Move.PACKAGE_SEALED)

    def customer_copy(self) -> bytes:
        self._enter("customer_copy")
        return b"%PDF-"

    def abandon(self, reason: AbandonReason) -> None:
        self._enter("abandon")
        self.ended = ("abandoned", reason)
        self._commit(Move.ABANDONED)

    def close(self) -> None:
        self._enter("close")
        self.may_close.wait(10)

    def calls(self, name: str) -> int:
        return sum(called == name for called, _ in self.called)

    def _decide(self, result: Comparison, **facts: object) -> None:
        self._commit(Move.FACE_DECIDED, face=FaceFacts(camera=None, frames_seen=3, comparison=result), **facts)

    def _commit(self, move: Move, **facts: object) -> None:
        self.facts = self.facts.changed(**facts)
        self.state = moved(self.scene, self.state, move, self.facts.card_usable)

    def _enter(self, method: str) -> None:
        self.called.append((method, threading.current_thread().name))
        if self.failures[method]:
            raise self.failures[method].pop(0)


class Counter:
    """A counter with one session, which is opened and continued alike."""

    def __init__(self, session: Verification | None = None, practice: bool = True) -> None:
        self.staff = Staff("1001", Role.CLERK)
        self.place = Place("示例营业厅", "own_hall", "3")
        self.practice = practice
        self.session = session
        self.sessions: list[OpenSession] = []
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

    def open_session(self, scene: SceneCode, service_number: str) -> Verification:
        self.opening.set()
        self.may_open.wait(10)
        if self.open_failures:
            raise self.open_failures.pop(0)
        if self.session is None or self.session.ended:
            self.session = Verification(scene, service_number)
        self.session.scene, self.session.service_number = SCENES[scene], service_number
        return self.session

    def unfinished(self) -> list[OpenSession]:
        return self.sessions

    def resume(self, session_id: str) -> Verification:
        if self.resume_failures:
            raise self.resume_failures.pop(0)
        assert self.session is not None
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


class Dispatch:
    """Tells the outcome that the test wants."""

    def __init__(self) -> None:
        self.said = Outcome.PROVISIONAL
        self.failures: list[KnownError] = []
        self.listeners: list[Callable[[DispatchStatus], None]] = []
        self.status = DispatchStatus(True, 2, 0, None)
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


class ReviewDesk:
    """Cases in memory."""

    practice = True

    def __init__(self, cases: list[ReviewCase]) -> None:
        self.cases = {case.item.session_id: case for case in cases}
        self.decisions: list[tuple[str, ReviewDecision, str, str]] = []
        self.opened: list[str] = []
        self.released: list[str] = []
        self.opening = threading.Event()
        self.may_open = threading.Event()  # clear it to keep a case in the middle of being opened
        self.may_open.set()
        self.failures: dict[str, list[KnownError]] = defaultdict(list)

    def waiting(self) -> list[ReviewItem]:
        return [case.item for case in self.cases.values()]

    def open(self, session_id: str) -> ReviewCase:
        self.opening.set()
        self.may_open.wait(10)
        if self.failures["open"]:
            raise self.failures["open"].pop(0)
        self.opened.append(session_id)
        return self.cases[session_id]

    def recording(self, case: ReviewCase) -> bytes | None:
        if self.failures["recording"]:
            raise self.failures["recording"].pop(0)
        if case.video is None:
            return None
        with case.video as video:
            return video.read()

    def decide(self, session_id: str, decision: ReviewDecision, reason: str, auxiliary_document: str) -> None:
        if self.failures["decide"]:
            raise self.failures["decide"].pop(0)
        self.decisions.append((session_id, decision, reason, auxiliary_document))
        del self.cases[session_id]

    def release(self, session_id: str) -> None:
        if self.failures["release"]:
            raise self.failures["release"].pop(0)
        self.released.append(session_id)


def review_case(
    name: str = "s-1",
    result: Comparison | None = None,
    video: io.RawIOBase | None = None,
    findings: tuple[Finding, ...] = (),
    reading: ReadingFacts | None = None,
    minutes: int = 12,
    liveness: LivenessFacts | None = None,
    scene: SceneCode = SceneCode.SECOND_VERIFICATION,
    cameras: tuple[DeviceIdentity, ...] = (WEBCAM,),
    refused_cameras: tuple[DeviceIdentity, ...] = (),
    failed_tries: tuple[FailedTry, ...] = (),
    way: SupervisedWay | None = None,
) -> ReviewCase:
    result = result or comparison(Decision.DOUBTFUL, 0.38)
    liveness = liveness or LivenessFacts(attempts=(LIVE,))
    tried = SessionFacts(liveness=liveness, failed_tries=failed_tries)
    item = ReviewItem(
        session_id=name,
        scene=scene,
        clerk="1001",
        counter="3",
        decision=result.decision,
        score=result.score,
        live=liveness.live,
        why_not_live=why_not_live(tried),
        sealed_at=NOW - dt.timedelta(minutes=minutes),
        state=ReviewState.PENDING,
    )
    return ReviewCase(
        item=item,
        comparison=result,
        portrait=picture(2, 102, 126),
        live_photo=picture(1),
        video=video,
        strokes=STROKES,
        masked_name="张**",
        masked_number="1101**********1237",
        findings=findings,
        reading=reading,
        liveness=liveness,
        failed_tries=tries_beside_attempts(tried),
        supervised_way=way,
        cameras=cameras,
        refused_cameras=refused_cameras,
    )


class PracticeCustomer:
    """Acts at once."""

    def __init__(self, session: Verification) -> None:
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
