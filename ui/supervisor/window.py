"""The review desk: list, evidence, decision, without scrolling."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hallclient.devices import Clock
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import KnownError
from hallclient.domain.staff import Staff
from hallclient.services.bug_log import report_bug
from hallclient.services.dispatch import Dispatch
from hallclient.services.review import ReviewCase, ReviewDesk, ReviewItem
from ui import wording
from ui.access.lockable import LockableWindow
from ui.background import Background
from ui.latest_value import LatestValue
from ui.scale import CLERKS_DESIGN, fix_size, least_factor
from ui.supervisor.enlarged import EnlargedPictures
from ui.supervisor.evidence import EvidenceView
from ui.supervisor.queue_list import QueueList
from ui.supervisor.reasons import ReasonList, reasons_to_look
from ui.supervisor.verdict import VerdictPanel
from ui.widgets.blind_key import BlindKeyFilter
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import KeyButton, action, calm
from ui.widgets.pill import Pill
from ui.widgets.scroll import Scroll
from ui.widgets.status_pills import NetworkPill
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_LEAST = QSize(800, 420)
_NARROW, _LOW = 1180, 760  # pixels of the design, likewise
_LEAST_REASONS = 72  # the title and the first reason
_LOOK_AGAIN_MS = 20_000  # other counters seal sessions meanwhile


class ReviewWindow(LockableWindow):
    """One supervisor. Opening a case claims it; going to another gives it back.

    Signals:
        case_shown(str): session id.
        decided(str): session id.
        closed()
    """

    design = CLERKS_DESIGN
    case_shown = Signal(str)
    decided = Signal(str)
    closed = Signal()

    def __init__(self, desk: ReviewDesk, dispatch: Dispatch, staff: Staff, clock: Clock) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(wording.PRODUCT)
        self.setMinimumSize(_LEAST * least_factor(self.devicePixelRatio()))
        self._desk, self._dispatch, self._clock = desk, dispatch, clock
        self._background = Background("review", self)
        self._background.bug.connect(self.show_bug)
        self.case: ReviewCase | None = None
        self._closing = False
        self._blind = BlindKeyFilter(self, clock.monotonic)
        self._count = Text("", "soft")
        self.network = NetworkPill()
        self.queue = QueueList(clock.now)
        self.banner = FailureBanner()
        self.banner.keep_place(False)  # here every pixel of the height is the recording's
        self.evidence = EvidenceView()
        self.enlarged = EnlargedPictures(self)
        self.reasons, self.verdict = ReasonList(), VerdictPanel()
        self._lay_out(staff)
        refresh = action(self, wording.Review.REFRESH, Qt.Key.Key_F9)
        self.contents.addAction(refresh)  # dead while those are hidden
        self._delivery_news = LatestValue()
        self._tick = QTimer(self, interval=_LOOK_AGAIN_MS)
        self._tick.start()
        for news, told in (
            (refresh.triggered, self._list),
            (self._tick.timeout, self._list),
            (self.banner.retry, self._list),
            (self._background.unheard, self.banner.show_error),  # of a case that could not be released
            (self.queue.chosen, self._open),
            (self.verdict.decided, self._decide),
            (self.evidence.video.broken, self._show_broken),
            (self.evidence.enlarged, self.enlarged.show_pictures),
            (self._delivery_news.arrived, self.network.show_status),
        ):
            news.connect(told)
        self._background.run(lambda: dispatch.watch(self._delivery_news.offer))
        self.evidence.clear(wording.Review.NONE_WAITING)
        self.queue.setFocus()
        self._list()

    def _lay_out(self, staff: Staff) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(24, 0, 24, 0)
        line.setSpacing(12)
        line.addWidget(Text(wording.Review.TITLE, "lead").hug())
        line.addWidget(self._count, 1)
        line.addWidget(self.network)
        practice_mark = Pill(wording.PRACTICE, "look")
        practice_mark.setVisible(self._desk.practice)
        line.addWidget(practice_mark)
        line.addWidget(Text(f"{wording.ROLES[staff.role]} {staff.number}").hug())
        line.addWidget(calm(KeyButton(self.lock_now, "small")))
        top = Surface("top", margin=0)
        fix_size(top, height=52)
        top.column.addLayout(line)
        left = Surface(margin=8)
        self._left = left
        left.column.addWidget(self.queue)
        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.banner)
        middle.addWidget(self.evidence, 1)
        side = QWidget()
        self._side = side
        self._right = right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        self._reasons = Scroll(self.reasons, least=_LEAST_REASONS)
        right.addWidget(self._reasons, 1)
        self._verdict = Scroll(self.verdict, wanted=True)
        right.addWidget(self._verdict)
        self._row = row = QHBoxLayout()
        self._arrange()
        row.addWidget(left)
        row.addLayout(middle, 1)
        row.addWidget(side)
        column = QVBoxLayout(self.contents)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addLayout(row, 1)

    def rescale(self, factor: float) -> None:
        self._reasons.setMinimumHeight(round(_LEAST_REASONS * factor))
        self.setMinimumSize(_LEAST * least_factor(self.devicePixelRatio()))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.enlarged.setGeometry(self.rect())
        self._arrange()

    def _arrange(self) -> None:
        """In a narrow window the columns beside the evidence are narrow, in a low one their parts are closer."""
        factor = self.factor or 1.0
        narrow = self.width() < _NARROW * factor
        low = self.height() < _LOW * factor
        gap = round((8 if narrow or low else 16) * factor)
        inner = round((10 if low else 16) * factor)
        self._right.setSpacing(gap)
        for surface in (self.reasons, self.verdict):
            surface.column.setContentsMargins(inner, inner, inner, inner)
        self._verdict.updateGeometry()  # a scroll area does not hear that its contents want another height
        self._row.setContentsMargins(gap, gap, gap, gap)
        self._row.setSpacing(gap)
        self._left.setFixedWidth(round((224 if narrow else 240) * factor))
        self._side.setFixedWidth(round((250 if narrow else 280) * factor))
        self.evidence.column.setContentsMargins(*(4 * (round((12 if narrow else 24) * factor),)))

    def lock(self) -> None:
        """Nobody hears the recording of a desk that nobody sits at."""
        self.evidence.video.pause()
        super().lock()

    def unlock(self) -> None:
        super().unlock()
        self.queue.setFocus()

    @Slot(object)
    def show_bug(self, error: BaseException) -> None:
        self.banner.say(wording.Session.BUG_ELSEWHERE.format(number=report_bug(error)), tone="stop")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide at once, and say `closed` when the case is given back."""
        event.accept()
        if self._closing:
            return
        self._tick.stop()
        self._let_go(release=True)
        self._closing = True
        self._background.run(lambda: None).done.connect(self._end)  # behind a case that is only being opened now

    @Slot()
    def _end(self) -> None:
        self._background.run(lambda: None).done.connect(self.closed)
        self._background.close()

    @Slot()
    def _list(self) -> None:
        task = self._background.run(self._desk.waiting)
        task.done.connect(self._show_list)
        task.failed.connect(self.banner.show_error)

    @Slot(object)
    def _show_list(self, items: list[ReviewItem]) -> None:
        if items:
            oldest_s = max((self._clock.now() - item.sealed_at).total_seconds() for item in items)
            self._count.setText(wording.Review.COUNT.format(count=len(items), age=wording.age(oldest_s)))
        else:
            self._count.setText(wording.Review.NONE_WAITING_HINT)
            self._let_go(release=False)
            self.evidence.clear(wording.Review.NONE_WAITING)
        self.queue.show_items(items)

    @Slot(str)
    def _open(self, session_id: str) -> None:
        self._let_go(release=True)
        self.banner.clear()
        self.evidence.clear(wording.Review.OPENING)
        task = self._background.run(lambda: self._open_and_read(session_id))
        task.done.connect(self._show_case)
        task.failed.connect(self._show_unopened)

    def _open_and_read(self, session_id: str) -> tuple[ReviewCase, bytes | None]:
        case = self._desk.open(session_id)
        return case, self._desk.recording(case)

    @Slot(object)
    def _show_case(self, opened: tuple[ReviewCase, bytes | None]) -> None:
        case, recording = opened
        if self._closing or case.item.session_id != self.queue.current_id:  # the supervisor has gone on meanwhile
            self._background.run(lambda: self._desk.release(case.item.session_id))
            return
        self.case = case
        self.evidence.show_case(case, recording)
        self.reasons.show_lines(reasons_to_look(case))
        self.verdict.clear(True, both_faces=case.portrait is not None and case.live_photo is not None)
        self._blind.turned()
        self.case_shown.emit(case.item.session_id)

    @Slot(object)
    def _show_unopened(self, error: KnownError) -> None:
        self.evidence.clear(error.failure.cause)
        self.banner.show_error(error)

    @Slot(object, str, str)
    def _decide(self, decision: ReviewDecision, reason: str, document: str) -> None:
        if self.case is None:
            return
        session_id = self.case.item.session_id
        task = self._background.run(lambda: self._desk.decide(session_id, decision, reason, document))
        task.done.connect(self._show_decided)
        task.failed.connect(self._show_undecided)

    @Slot(object)
    def _show_decided(self, _: object) -> None:
        session_id = self.case.item.session_id if self.case else ""
        self._let_go(release=False)
        self._dispatch.wake()
        self.decided.emit(session_id)
        self._list()

    @Slot(object)
    def _show_undecided(self, error: KnownError) -> None:
        self.banner.show_error(error)
        self.verdict.submit.setEnabled(True)

    @Slot(str)
    def _show_broken(self, _: str) -> None:
        self.banner.say(wording.Review.VIDEO_BROKEN, tone="stop")

    def _let_go(self, release: bool) -> None:
        case, self.case = self.case, None
        self.enlarged.put_away()
        self.verdict.clear(False)
        self.reasons.show_lines([])
        if case is None:
            return
        self.evidence.clear("")
        if release:
            self._background.run(lambda: self._desk.release(case.item.session_id))
