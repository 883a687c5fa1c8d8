"""The clerk's window: start page, session, and the line above both."""

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from hallclient.devices import Clock
from hallclient.domain.scene import SceneCode
from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch, DispatchStatus
from hallclient.services.verification import Verification
from ui import wording
from ui.background import Background, Task
from ui.clerk.session_view import SessionView
from ui.clerk.start import StartPage
from ui.clerk.top_bar import TopBar
from ui.customer.window import CustomerWindow
from ui.newest import Newest
from ui.steps.workplace import Workplace
from ui.widgets.failure_banner import FailureBanner


class ClerkWindow(QWidget):
    """One clerk at one counter. Sessions come and go in it; each has a worker thread of its own.

    Signals:
        session_shown(): a session was opened or continued and stands in `view`.
        session_gone(): the start page is back.
        closed(): the window was closed; an open session can be continued later.
    """

    session_shown = Signal()
    session_gone = Signal()
    closed = Signal()

    def __init__(self, counter: Counter, dispatch: Dispatch, customer: CustomerWindow, clock: Clock) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(wording.PRODUCT)
        self.setMinimumSize(QSize(1180, 700))
        self._counter, self._dispatch, self._customer, self._clock = counter, dispatch, customer, clock
        self._background = Background("counter", self)
        self._background.bug.connect(self.show_bug)
        self._reader_news, self._delivery_news, self._face_news = Newest(), Newest(), Newest()
        self._preparation_news = Newest()
        self._online = False
        self.top = TopBar(counter.staff, counter.place, counter.practice)
        self.bug_banner = FailureBanner()
        self.start = StartPage(clock.now)
        self.start.started.connect(self._open)
        self.start.continued.connect(self._resume)
        self.view: SessionView | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.bug_banner)
        column.addWidget(self._stack, 1)
        gives_way = self.bug_banner.sizePolicy()
        gives_way.setRetainSizeWhenHidden(False)  # a mistake of ours may push the page down; it is not to be missed
        self.bug_banner.setSizePolicy(gives_way)
        self._reader_news.arrived.connect(self.top.reader.show_status)
        self._delivery_news.arrived.connect(self.top.network.show_status)
        self._delivery_news.arrived.connect(self._note_delivery)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._show_time)
        self._second.start()
        self._preparation_news.arrived.connect(self.start.preparing.show_readiness)
        self._background.run(lambda: counter.watch_preparation(self._preparation_news.offer))
        self._background.run(lambda: dispatch.watch(self._delivery_news.offer))
        self._list_unfinished()
        # From here on calls wait until the devices are there.
        self._background.run(lambda: counter.watch_reader(self._reader_news.offer))
        self._background.run(lambda: counter.watch_face_worker(self._face_news.offer))

    @Slot(object)
    def show_bug(self, error: BaseException) -> None:
        """Say that we made a mistake; only the kind of it, its text may hold anything."""
        self.bug_banner.say(wording.Session.BUG.format(name=type(error).__name__), tone="stop")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide at once, and say `closed` when the devices are let go of."""
        self._second.stop()
        last = self._background.run(lambda: None) if self.view is None else self._end_view(self.view)
        for end in (last.done, last.failed, last.crashed):
            end.connect(self.closed)
        self._background.close()
        event.accept()

    @Slot(object, str)
    def _open(self, scene: SceneCode, service_number: str) -> None:
        self._await_session(lambda: self._counter.open_session(scene, service_number))

    @Slot(str)
    def _resume(self, session_id: str) -> None:
        self.start.set_busy(True)
        self._await_session(lambda: self._counter.resume(session_id))

    def _await_session(self, call: Callable[[], Verification]) -> None:
        task = self._background.run(call)
        task.done.connect(self._show_session)
        task.failed.connect(self.start.show_error)

    @Slot(object)
    def _show_session(self, session: Verification) -> None:
        background = Background("session")
        background.bug.connect(self.show_bug)
        workplace = Workplace(
            session=session,
            background=background,
            customer=self._customer,
            dispatch=self._dispatch,
            print_copy=self._counter.print_copy,
            reader_news=self._reader_news,
            delivery_news=self._delivery_news,
            face_news=self._face_news,
            centre_reachable=lambda: self._online,
            monotonic=self._clock.monotonic,
        )
        self.view = SessionView(workplace)
        self.view.over.connect(self._end_session)
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
        self.start.set_busy(False)
        self.start.clear()
        self._list_unfinished()
        self.session_gone.emit()

    def _end_view(self, view: SessionView) -> Task:
        background = view.at.background
        closing = background.run(view.at.session.close)
        background.close()
        return closing

    def _list_unfinished(self) -> None:
        self._background.run(self._counter.unfinished).done.connect(self.start.unfinished.show_sessions)

    @Slot(object)
    def _note_delivery(self, status: DispatchStatus) -> None:
        self._online = status.online is True

    @Slot()
    def _show_time(self) -> None:
        if self.view is not None:
            session = self.view.at.session
            elapsed_s = self._clock.monotonic() - session.opened_monotonic
            self.top.show_session(wording.SCENES[session.scene.code], session.session_id, elapsed_s)
