"""The clerk's window: start page, session, and the line above both."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from hallclient.devices import Clock
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.session import AbandonReason
from hallclient.services.bug_log import report_bug
from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch
from hallclient.services.session.engine import Session
from ui import wording
from ui.access.lockable import LockableWindow
from ui.background import Background, Task
from ui.clerk.session_view import SessionView
from ui.clerk.start import StartPage
from ui.clerk.strip import CounterStrip
from ui.clerk.top_bar import TopBar
from ui.customer.window import CustomerWindow
from ui.event_relay import EventRelay
from ui.latest_value import LatestValue
from ui.scale import CLERKS_DESIGN, rescale
from ui.steps.page import Confirmation
from ui.steps.workplace import Workplace
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.practice_hand import Practice, PracticeHand

_LEAST = QSize(480, 200)


class ClerkWindow(LockableWindow):
    """One clerk at one counter. Sessions come and go in it; each has a worker thread of its own.

    Without a screen of the customer's own their window is a side of this one (`share_screen`): one top-level window
    that no window manager can put behind another. What the customer has to do turns to their side, everything else
    and every failure to the clerk's; a side that is not in front takes no key. From a check, which asks one thing after
    the other by itself, the clerk may turn to their own side: there it stays until they turn back or the try ends.

    Signals:
        session_shown(): a session was opened or continued and stands in `view`.
        session_gone(): the start page is back.
        closed(): the window was closed and the devices are let go of, also by a session that was only being opened
            then; it can be continued later.
    """

    design = CLERKS_DESIGN
    session_shown = Signal()
    session_gone = Signal()
    closed = Signal()

    def __init__(self, counter: Counter, dispatch: Dispatch, customer: CustomerWindow, clock: Clock) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(wording.PRODUCT)
        self._counter, self._dispatch, self._customer, self._clock = counter, dispatch, customer, clock
        self._background = Background("counter", self)
        self._background.bug.connect(self.show_bug)
        self._reader_news, self._delivery_news, self._face_news = LatestValue(), LatestValue(), LatestValue()
        self._preparation_news = LatestValue()
        self._events = EventRelay()
        self.top = TopBar(counter.staff, counter.place, counter.practice, self.lock_now)
        self.bug_banner = FailureBanner()
        self.start = StartPage(counter.scenes(), clock.now)
        self.start.started.connect(self._open)
        self.start.continued.connect(self._resume)
        self.start.given_up.connect(self._give_up)
        self.start.retried.connect(self._ask_again)
        self.view: SessionView | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start)
        self._own, self._sides, self.strip = QWidget(), QStackedWidget(), CounterStrip()
        self._lay_out()
        self._shared = False
        self._held = False  # the clerk has turned away from a check
        self._refused_to_lock = False  # and still says so
        self._told: FailureCode | None = None
        self._ask: Callable[[], Session] | None = None
        self._closing = False
        self._parting: list[Background] = []  # on which something is still let go of
        customer.turned.connect(self._follow_turn)
        self._reader_news.arrived.connect(self.top.reader.show_status)
        self._reader_news.arrived.connect(self._note_card)
        self._delivery_news.arrived.connect(self.top.network.show_status)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._show_time)
        self._second.start()
        self._preparation_news.arrived.connect(self.start.preparing.show_readiness)
        self._background.run(lambda: counter.watch_preparation(self._preparation_news.offer))
        self._background.run(lambda: dispatch.watch(self._delivery_news.offer))
        counter.listen(self._events.offer)
        self._list_unfinished()
        # From here on calls wait until the devices are there.
        self._background.run(lambda: counter.watch_reader(self._reader_news.offer))
        self._background.run(lambda: counter.watch_face_worker(self._face_news.offer))

    def _lay_out(self) -> None:
        self.bug_banner.keep_place(False)  # a mistake of ours may push the page down; it is not to be missed
        own = QVBoxLayout(self._own)
        own.setContentsMargins(0, 0, 0, 0)
        own.setSpacing(0)
        own.addWidget(self.top)
        own.addWidget(self.bug_banner)
        own.addWidget(self._stack, 1)
        self.strip.swapped.connect(self._swap)
        self.strip.stopped.connect(self._stop_check)
        self._sides.addWidget(self._own)
        self._sides.setMinimumSize(_LEAST)  # whatever page it is: what does not fit scrolls, and no screen is too small
        self._column = QVBoxLayout(self.contents)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.strip)
        self._column.addWidget(self._sides, 1)

    @Slot(object)
    def show_bug(self, error: BaseException) -> None:
        """Say that we made a mistake, the number under which it stands in the log, and what saves the session."""
        words = wording.Session.BUG if self.view is not None else wording.Session.BUG_ELSEWHERE
        self.bug_banner.say(words.format(number=report_bug(error)), tone="stop")
        self.bug_banner.offer(self.view.keep if self.view is not None else None)
        self.turn_to(customer=False)

    def share_screen(self, shared: bool) -> None:
        """True: the customer's window becomes a side of this one. False: a window of its own again, hidden."""
        self.start.show_customers_screen(not shared)
        if shared == self._shared:
            return
        self._shared = shared
        if shared:
            self._sides.addWidget(self._customer)
        else:
            self._sides.removeWidget(self._customer)
            self._customer.setParent(None, Qt.WindowType.Window | Qt.WindowType.WindowDoesNotAcceptFocus)
        self._fit_customer()
        self.turn_to(customer=shared and self.view is not None and self._customer.page.awaits_customer)

    @property
    def shows_customer(self) -> bool:
        """Whether the customer's side is in front."""
        return self._sides.currentWidget() is self._customer

    def turn_to(self, *, customer: bool) -> None:
        """Bring a side to the front, where there are two."""
        customer = customer and self._shared
        self._held = False
        self._sides.setCurrentWidget(self._customer if customer else self._own)
        awaited = customer and self._customer.page.awaits_customer
        self.strip.show_turn(self._shared, customer, awaited=awaited, checking=customer and self._checking)
        self._strip_moved()
        self._sides.setFocusPolicy(Qt.FocusPolicy.StrongFocus if customer else Qt.FocusPolicy.NoFocus)
        self._focus()

    def offer_practice(self, practice: Practice) -> None:
        """Give the clerk the practice customer's hand."""
        self.strip.show_practice(PracticeHand(practice))
        self._strip_moved()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_customer()

    def dressed(self) -> tuple[QWidget, ...]:
        """Not the customer's side: it has a design of its own."""
        return self._own, self.strip, self.lock_page

    def _fit_customer(self) -> None:
        """A side that is not in front has its size all the same: the small picture shows what will be there."""
        if self._shared and not self.shows_customer:
            self._customer.resize(self._sides.size())

    def _strip_moved(self) -> None:
        self._column.activate()
        self._fit_customer()

    def _focus(self) -> None:
        if self.locked:
            return
        if self.shows_customer:
            self._sides.setFocus()
        elif self.view is None:
            self.start.number.setFocus()
        else:
            self.view.setFocus()

    @property
    def customer_at_work(self) -> bool:
        return self.view is not None and self._customer.at_work

    def may_lock(self) -> bool:
        """Not where the lock would stand before who is at work: theirs is the same screen."""
        if self._shared and self.customer_at_work:
            self.bug_banner.say(wording.Lock.NOT_NOW)
            self._refused_to_lock = True
            return False
        return True

    def unlock(self) -> None:
        super().unlock()
        self._focus()

    def at_stake(self) -> Confirmation | None:
        return self.view.at_stake() if self.view is not None else None

    @Slot(object)
    def _note_card(self, _: object) -> None:
        self.touched.emit()

    @property
    def _checking(self) -> bool:
        """The customer is looked at, and something can be stopped: not while the page only asks them to wait."""
        page = self._customer.page
        return self.view is not None and page is self._customer.look and page.awaits_customer

    @Slot()
    def _swap(self) -> None:
        self.turn_to(customer=not self.shows_customer)
        self._held = self._shared and not self.shows_customer and self._checking

    @Slot()
    def _stop_check(self) -> None:
        """As by the same key on the clerk's own side."""
        if self.view is not None:
            self.view.leave.trigger()

    @Slot(bool)
    def _follow_turn(self, customer: bool) -> None:
        if self._refused_to_lock and not self.customer_at_work:
            self._refused_to_lock = False
            self.bug_banner.clear()
        if customer:
            self._told = None
        if self._shared and not (customer and self._held and self._checking):
            self.turn_to(customer=customer)

    @Slot(object)
    def _follow_failure(self, error: KnownError) -> None:
        """The clerk sees each failure once; one that is only repeated does not take the screen away again."""
        if self._shared and error.code is not self._told:
            self.turn_to(customer=False)
        self._told = error.code

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide at once, and say `closed` when the devices are let go of. What would destroy something asks first."""
        by_hand = event.spontaneous() and not self._closing
        if by_hand and self._asks_to_close():
            event.ignore()
            return
        event.accept()
        if self._closing:
            return
        self._second.stop()
        if self.strip.practice is not None:
            self.strip.practice.close_hand()
        self._closing = True
        if self.view is not None:
            self._end_view(self.view)
        self._run_last(self._background, lambda: None)

    def _asks_to_close(self) -> bool:
        if self.locked:
            return self.ask_on_lock_page(self._close_surely)
        return self.view is not None and self.view.ask_to_close(self._close_surely)

    def _close_surely(self) -> None:
        self.close()

    @Slot(object, str)
    def _open(self, scene: str, service_number: str) -> None:
        self._await_session(lambda: self._counter.open_session(scene, service_number))

    @Slot(str)
    def _resume(self, session_id: str) -> None:
        self.start.set_busy(True)
        task = self._await_session(lambda: self._counter.resume(session_id))
        task.failed.connect(lambda _: self.start.unfinished.offer_giving_up(session_id))

    @Slot(str, object)
    def _give_up(self, session_id: str, reason: AbandonReason) -> None:
        self.start.set_busy(True)
        task = self._background.run(lambda: self._counter.abandon(session_id, reason))
        task.done.connect(self._show_given_up)
        task.failed.connect(self.start.show_error)
        task.crashed.connect(self._recover_start)

    @Slot(object)
    def _show_given_up(self, _: object) -> None:
        self.start.banner.clear()
        self.start.set_busy(False)
        self._list_unfinished()

    @Slot()
    def _ask_again(self) -> None:
        if self._ask is not None:
            self.start.set_busy(True)
            self._await_session(self._ask)

    def _await_session(self, call: Callable[[], Session]) -> Task:
        self._ask = call
        task = self._background.run(call)
        task.done.connect(self._forget_asking)
        task.done.connect(self._show_session)
        task.failed.connect(self.start.show_error)
        task.crashed.connect(self._recover_start)
        return task

    @Slot(object)
    def _forget_asking(self, _: object) -> None:
        """It has the number of the customer in it."""
        self._ask = None

    @Slot(object)
    def _recover_start(self, _: object) -> None:
        self.start.set_busy(False)

    @Slot(object)
    def _show_session(self, session: Session) -> None:
        background = Background("session")
        background.bug.connect(self.show_bug)
        if self._closing:  # nobody will see it: nothing of it begins
            self._run_last(background, self._counter.close_session)
            return
        workplace = Workplace(
            session=session,
            background=background,
            customer=self._customer,
            dispatch=self._dispatch,
            print_copy=self._counter.print_copy,
            reader_news=self._reader_news,
            events=self._events,
            face_news=self._face_news,
            monotonic=self._clock.monotonic,
        )
        self.view = SessionView(workplace)
        self.view.over.connect(self._end_session)
        self.view.failed.connect(self._follow_failure)
        rescale(self.view, self.factor or 1.0)
        self._stack.addWidget(self.view)
        self._stack.setCurrentWidget(self.view)
        self._show_time()
        self.view.begin()
        self.session_shown.emit()

    @Slot()
    def _end_session(self) -> None:
        view, self.view = self.view, None
        if view is None:
            return
        self._end_view(view)
        self.bug_banner.clear()
        self._stack.setCurrentWidget(self.start)
        self._stack.removeWidget(view)
        view.deleteLater()
        self.top.show_none()
        self.start.clear()
        self._list_unfinished()
        self.session_gone.emit()

    def _end_view(self, view: SessionView) -> None:
        view.end()  # what still runs for it stops now, and does not keep `close` waiting
        self._run_last(view.workplace.background, self._counter.close_session)

    def _run_last(self, background: Background, call: Callable[[], None]) -> None:
        """Nothing else runs on `background` after `call`, and the window is not `closed` before that."""
        self._parting.append(background)
        last = background.run(call)
        background.close()
        for end in (last.done, last.failed, last.crashed):
            end.connect(self._note_parted)

    @Slot(object)
    def _note_parted(self, _: object) -> None:
        self._parting = [background for background in self._parting if not background.idle()]
        if self._closing and not self._parting:
            self.closed.emit()

    def _list_unfinished(self) -> None:
        self._background.run(self._counter.unfinished).done.connect(self.start.unfinished.show_sessions)

    @Slot()
    def _show_time(self) -> None:
        if self.view is not None:
            session = self.view.workplace.session
            elapsed_s = self._clock.monotonic() - session.opened_monotonic
            self.top.show_session(session.plan.words.name, session.session_id, elapsed_s)
