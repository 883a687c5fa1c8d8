"""One session before the clerk: steps, page, customer, buttons."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hallclient.domain.failures import KnownError
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.services.session.card import CardStep
from ui import wording
from ui.clerk.action_bar import ActionBar
from ui.clerk.leave import LeavePage
from ui.clerk.question import QuestionPage
from ui.clerk.side_panel import SidePanel
from ui.scale import rescale
from ui.steps.finish import FinishPage
from ui.steps.page import Confirmation, StepPage
from ui.steps.pages import page_for
from ui.steps.workplace import Workplace
from ui.widgets.blind_key import BlindKeyFilter
from ui.widgets.key_button import action
from ui.widgets.scroll import Scroll
from ui.widgets.step_list import StepList
from ui.widgets.surface import Surface

# The view's size at the design's scale, in pixels.
_NARROW, _SMALL, _LOW = 1180, 860, 480


class SessionView(QWidget):
    """Turns to the page of the session's next step; one page lives at a time.

    Signals:
        over(): the session is closed, kept or abandoned; this view can go.
        turned(str): the page of this step is shown, by its id, or `seal`.
        failed(object): a KnownError is before the clerk.
    """

    over = Signal()
    turned = Signal(str)
    failed = Signal(object)

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self.workplace = workplace
        session = workplace.session
        self.steps = StepList(session.plan.steps)
        self._left = Surface(margin=8)
        self._left.column.addWidget(Scroll(self.steps))
        self.side = SidePanel(session.plan.words, session.masked_service_number, workplace.customer)
        self._stack = QStackedWidget()
        self._leave_page = LeavePage()
        self._stack.addWidget(self._leave_page)
        self.question = QuestionPage()
        self._stack.addWidget(self.question)
        middle = Surface(margin=0)
        middle.column.addWidget(self._stack, 1)
        self.bar = ActionBar()
        self._row = row = QHBoxLayout()
        row.addWidget(self._left)
        row.addWidget(middle, 1)
        row.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.bar)
        self.leave = action(self, wording.Leave.BUTTON, Qt.Key.Key_Escape)
        self.leave.triggered.connect(self._ask_to_leave)
        self._back = action(self, wording.Leave.BACK, Qt.Key.Key_Escape)
        self._back.triggered.connect(self._stay)
        self._leave_page.abandoned.connect(self._abandon)
        self._leave_page.kept.connect(self._keep_for_later)
        self.question.sure.connect(self._go_through)
        self.keep = self._leave_page.keep
        # No button: a space bar that was meant for another page must leave nothing and press nothing.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._factor = 1.0
        self.page: StepPage | None = None
        self.step = self._due
        self._begun_s = workplace.monotonic()
        self._blind = BlindKeyFilter(self, workplace.monotonic)
        self._way: tuple[bool, str] = (False, "")  # on from the page: whether it can be gone, and its words
        self._leaving = self._ended = False
        self._found: str | None = None  # by a step that was done while the session was to be abandoned

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._blind.turned()

    def _arrange(self) -> None:
        """The middle has the room: the columns beside it are narrow in a narrow window, and go in a very small one."""
        width, height = self.width() / self._factor, self.height() / self._factor
        narrow, small = width < _NARROW, width < _SMALL or height < _LOW
        gap = round((8 if narrow or small else 16) * self._factor)
        self._row.setContentsMargins(gap, gap, gap, gap)
        self._row.setSpacing(gap)
        self.steps.show_words(not small)
        self._left.setFixedWidth(round((76 if small else 188 if narrow else 212) * self._factor))
        self.side.setFixedWidth(round((232 if narrow else 280) * self._factor))
        self.side.setVisible(not small)

    def begin(self) -> None:
        """Turn to the first step that is not done: in a continued session not the first of all."""
        session = self.workplace.session
        self.workplace.customer.begin(session.plan.words, session.masked_service_number)
        self._show_customer()
        for step in session.plan.steps:
            if step.id == self._due:
                break
            self.steps.done(step.id, wording.Session.DONE_EARLIER, look=self._to_be_looked_at(step.id))
        self._turn()

    def _turn(self) -> None:
        step = self._due
        before, self.step = self.page, step
        if before is not None:
            before.leave()
        self.page = page = FinishPage(self.workplace) if step == wording.SEAL else page_for(self.workplace, step)
        page.finished.connect(self._finish_step)
        page.over.connect(self._let_go)
        page.stopped.connect(self._stop_step)
        page.customer_shown.connect(self._show_customer)
        page.failed.connect(self.failed)
        page.asks.connect(self._ask_first)
        page.asks_no_more.connect(self._ask_no_more)
        page.primary_action.changed.connect(self._follow_way)
        rescale(page, self._factor)
        self._stack.addWidget(page)
        if self._stack.currentWidget() is not self._leave_page or before is None:
            self._show_page()
        else:
            page.put_aside()
        if before is not None:
            self._stack.removeWidget(before)
            before.deleteLater()
        self.steps.now(step)
        self.workplace.customer.begin_step(self.steps.number(step), len(self.steps.rows))
        self._begun_s = self.workplace.monotonic()
        self.turned.emit(step)
        page.begin()

    @Slot(str)
    def _finish_step(self, found: str) -> None:
        if self._leaving:
            self._found = found  # for when it cannot be left
            return
        self._found = None
        seconds = self.workplace.monotonic() - self._begun_s
        found = wording.Session.STEP_TIME.format(found=found, took=wording.took(seconds))
        self.steps.done(self.step, found, look=self._to_be_looked_at(self.step))
        if self.workplace.session.state is SessionState.SEALED:
            self._show_page()  # nothing is left to abandon
        else:
            self._turn()

    def _to_be_looked_at(self, step: str) -> bool:
        """Whether what a step found is for a supervisor's eye: no tick beside it says that all is well."""
        return step != wording.SEAL and self.workplace.session.work(step).remarkable

    @property
    def _due(self) -> str:
        """The id of the step to be done, of the one that forbids to go on, or the seal."""
        session = self.workplace.session
        following = session.next_step
        return following.id if following is not None else session.forbidding_step or wording.SEAL

    @Slot(str)
    def _stop_step(self, found: str) -> None:
        if self.step is not None:
            self.steps.stopped(self.step, found)
        if not self._leaving:
            self._show_page()

    def _show_page(self) -> None:
        page = self.page
        if page is None:
            return
        self._stack.setCurrentWidget(page)
        page.take_up()
        closed = self.workplace.session.state in (SessionState.SEALED, SessionState.REFUSED)
        self.bar.offer([] if closed else [self.leave], page.secondary_actions, page.primary_action)
        self._take_focus()

    @Slot()
    def _show_customer(self) -> None:
        for work in self.workplace.session.works:
            if isinstance(work, CardStep) and work.holder is not None:
                self.side.card.show_person(work.holder)
                return

    @Slot()
    def _ask_to_leave(self) -> None:
        if self._leaving:
            return
        stopped = self.page is not None and self.page.put_aside()
        self._leave_page.show_stake(self.at_stake() is not None, check_stopped=stopped)
        self._stack.setCurrentWidget(self._leave_page)
        self.bar.offer([self._back], [], None)
        self._take_focus()

    @Slot()
    def _follow_way(self) -> None:
        """A way on that opens, or leads elsewhere than a moment ago, is as new as a page."""
        if self.page is None:
            return
        before, self._way = self._way, (self.page.primary_action.isEnabled(), self.page.primary_action.text())
        if self.page.primary_action.isEnabled() and self._way != before:
            self._blind.turned()

    def _take_focus(self) -> None:
        self._blind.turned()
        rescale(self.bar, self._factor)
        if self.isVisible():
            self.setFocus()

    @Slot()
    def _stay(self) -> None:
        if self._leaving:
            return
        if self.page is not None:
            self.page.say_no()
        self._show_page()

    @Slot(object)
    def _ask_first(self, question: Confirmation) -> None:
        self.question.show_question(question)
        self._stack.setCurrentWidget(self.question)
        self.bar.offer([self._back], [], None)
        self._take_focus()
        self.bar.button(self._back).setFocus()  # a space bar means no

    @Slot()
    def _ask_no_more(self) -> None:
        if self._stack.currentWidget() is self.question:
            self._show_page()

    @Slot()
    def _go_through(self) -> None:
        self._show_page()
        if self.page is not None:
            self.page.say_yes()

    @Slot(object)
    def _abandon(self, reason: AbandonReason) -> None:
        if self._leaving:
            return
        self._leaving = True
        self._leave_page.show_ending()
        self.bar.offer([], [], None)
        if self.page is not None:
            self.page.put_aside()
        task = self.workplace.background.run(lambda: self.workplace.session.abandon(reason))
        task.done.connect(self._show_abandoned)
        task.failed.connect(self._stay_after)
        task.crashed.connect(self._stay_unsaid)

    @Slot(object)
    def _show_abandoned(self, _: object) -> None:
        if self._ended:
            return
        self.workplace.customer.show_abandoned()
        self.over.emit()

    @Slot(object)
    def _stay_unsaid(self, _: object) -> None:
        """Our own mistake, which the window says: the session goes on, or is kept for later."""
        if self._ended:
            return
        self._leaving = False
        self.keep.setEnabled(True)
        self._show_page()
        if self._found is not None:
            self._finish_step(self._found)

    @Slot(object)
    def _stay_after(self, error: KnownError) -> None:
        self._stay_unsaid(error)
        if self.page is not None:
            self.page.banner.show_error(error, retriable=False)

    def ask_to_close(self, close: Callable[[], None]) -> bool:
        """Whether ending this view would destroy something: then the clerk is asked, and `close` follows on yes."""
        stake = self.at_stake()
        if self.page is None or stake is None:
            return False
        self.page.ask_first(stake, close)
        return True

    def at_stake(self) -> Confirmation | None:
        """What ending this view would destroy."""
        return self.page.at_stake() if self.page is not None and not self._leaving else None

    @Slot()
    def _keep_for_later(self) -> None:
        """What would be destroyed by it is asked about first, as when the window is closed."""
        if self._leaving:
            return
        if not self.ask_to_close(self._let_go):
            self._let_go()

    def end(self) -> None:
        """Nothing is shown to the customer any more."""
        self._ended = True
        if self.page is not None:
            self.page.leave()

    @Slot()
    def _let_go(self) -> None:
        self._leaving = True
        self.workplace.customer.welcome()
        self.over.emit()
