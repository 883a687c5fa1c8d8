"""What all steps share: a sentence, a line, the thing to look at, a failure's place, and the way on."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.bug_log import report_bug
from ui import wording
from ui.steps.workplace import Workplace
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import action
from ui.widgets.scroll import Scroll
from ui.widgets.text import Text

_LOW = 560  # of the page, in pixels of the design: below it no room is kept for a failure that is not there


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Asked before something is destroyed: what it is, what follows, and the words of yes."""

    headline: str
    status: str
    yes: str


def _as_known(error: BaseException) -> KnownError:
    return KnownError(FailureCode.INTERNAL_ERROR, number=report_bug(error))


class StepPage(QWidget):
    """One step in the middle of the clerk's window. It shows, and calls the session.

    `primary_action` and `secondary_actions` are the buttons at the foot of the window.

    Signals:
        finished(str): the step is committed; the words say what it found.
        over(): the session is closed and the clerk wants the next customer.
        customer_shown(): the session learned something about the customer.
        stopped(str): the session was closed at this step; the words say how.
        failed(object): a KnownError is before the clerk now.
        asks(object): this Confirmation is to be answered before anything is done.
        asks_no_more(): there is nothing left to answer it for.
    """

    finished = Signal(str)
    over = Signal()
    customer_shown = Signal()
    stopped = Signal(str)
    failed = Signal(object)
    asks = Signal(object)
    asks_no_more = Signal()

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self.workplace = workplace
        self.headline = Text("", "headline", wrap=True)
        self.status = Text("", "soft", wrap=True)
        inner = QWidget()
        self.content = QVBoxLayout(inner)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.banner = FailureBanner()
        self.banner.retry.connect(self.retry)
        self.primary_action = action(self, wording.Session.NEXT, Qt.Key.Key_Return)
        self.primary_action.setEnabled(False)
        self.primary_action.triggered.connect(self.go_on)
        self.secondary_actions: list[QAction] = []
        self._asked: Callable[[], None] = self.begin
        self._once_sure: Callable[[], None] | None = None
        self._heard: list[tuple[SignalInstance, Callable[..., None]]] = []
        self._left = False
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.headline)
        self._column.addWidget(self.status)
        self._place = Scroll(inner)
        self._column.addWidget(self._place, 1)
        self._column.addWidget(self.banner)
        self._factor = 1.0
        self.listen(workplace.background.unheard, self._show_unheard)

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @property
    def is_low(self) -> bool:
        """Height is scarce."""
        return self.height() < _LOW * self._factor

    def _arrange(self) -> None:
        low = self.is_low
        across, down = (round(side * self._factor) for side in ((12, 6) if low else (24, 16)))
        self._column.setContentsMargins(across, down, across, down)
        self._column.setSpacing(round((4 if low else 12) * self._factor))
        self.banner.keep_place(not low)

    def listen(self, signal: SignalInstance, slot: Callable[..., None]) -> None:
        """Connect what outlives this page, until it is left."""
        signal.connect(slot)
        self._heard.append((signal, slot))

    def leave(self) -> None:
        """Another page is next: whatever comes now, this one shows nothing on either screen any more."""
        self._left = True
        for signal, slot in self._heard:
            signal.disconnect(slot)
        self._heard.clear()

    def put_aside(self) -> bool:
        """The clerk turns to the question whether to leave the session; `take_up` or `leave` follows.

        Return whether a check of the customer was stopped by it.
        """
        return False

    def take_up(self) -> None:
        """This page is, or is again, before the clerk."""

    def begin(self) -> None:
        """The page is before the clerk: start what the step starts with."""
        raise NotImplementedError

    @Slot()
    def go_on(self) -> None:
        """The clerk took the way on."""
        raise NotImplementedError

    @Slot()
    def retry(self) -> None:
        """The clerk wants to try again what failed."""
        self._asked()

    def say(self, headline: str, status: str = "", tone: str = "") -> None:
        self.headline.setText(headline)
        self.status.say(status, tone)

    def keep_in_sight(self, part: QWidget) -> None:
        """Scroll to `part` of the content, as soon as it has its place."""
        QTimer.singleShot(0, self, lambda: self._place.ensureWidgetVisible(part))

    def ask(self, call: Callable[[], object], done: Callable[..., None]) -> None:
        """Run `call` on the session's thread, then `done` (a method of this page) with its result.

        Meanwhile nothing can be pressed twice; a failure is shown here, and a retry asks the same again.
        """
        self._asked = lambda: self.ask(call, done)
        if self._left:
            return
        self.banner.clear()
        self.set_busy(True)
        self.run(call, done, self.show_failure)

    def run(
        self,
        call: Callable[[], object],
        done: Callable[..., None] | None,
        failed: Callable[[KnownError], None],
    ) -> None:
        """Run `call` on the session's thread, then `done` with its result or `failed` with what it raised.

        A page that is left asks for nothing, and hears nothing of what it has asked for. What nobody foresaw ends it
        like a known failure: internal_error, with its number in the log.
        """
        if self._left:
            return
        task = self.workplace.background.run(call)
        if done is not None:
            task.done.connect(self._while_here(done))
        task.failed.connect(self._while_here(failed))
        task.crashed.connect(self._while_here(lambda error: failed(_as_known(error))))

    def _while_here(self, slot: Callable[..., None]) -> Callable[[object], None]:
        def hear(result: object) -> None:
            if not self._left:
                slot(result)

        return hear

    def at_stake(self) -> Confirmation | None:
        """What leaving the session for later, or closing the window, would destroy now; None while nothing would be."""
        return None

    def ask_first(self, question: Confirmation, then: Callable[[], None]) -> None:
        """Do `then`, which destroys something, when the clerk has said yes to `question`."""
        self._once_sure = then
        self.asks.emit(question)

    def say_yes(self) -> None:
        """The clerk is sure."""
        then, self._once_sure = self._once_sure, None
        if then is not None:
            then()

    def say_no(self) -> None:
        """The clerk has thought better of it."""
        self._once_sure = None

    def withdraw(self) -> None:
        """What was asked about is no longer there, or something else comes first."""
        if self._once_sure is not None:
            self._once_sure = None
            self.asks_no_more.emit()

    def set_busy(self, busy: bool) -> None:
        """While the session works nobody asks it for anything else."""
        for way in (self.primary_action, *self.secondary_actions):
            way.setEnabled(not busy)

    @Slot(object)
    def _show_unheard(self, error: KnownError) -> None:
        """Something failed beside what this page asks: it is said, unless the clerk reads another failure now."""
        if self.banner.error is None:
            self.banner.show_error(error, retriable=False)
            self.failed.emit(error)

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        self.withdraw()  # the failure is on this page, and wants to be read
        self.banner.show_error(error)
        self.failed.emit(error)
