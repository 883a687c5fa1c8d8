"""The customer's window: one thing at a time, at arm's length."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.liveness import Advice, Challenge
from hallclient.domain.notice import Notice
from hallclient.domain.plan import SceneWords
from hallclient.domain.quality_issue import QualityIssue
from ui import wording
from ui.customer.consent import ConsentPage
from ui.customer.look import LookPage
from ui.customer.page import CustomerPage, MessagePage
from ui.customer.put_card import PutCardPage
from ui.customer.reading import ReadingPage
from ui.customer.sign import SignPage
from ui.customer.waiting import WaitingPage
from ui.latest_value import LatestValue
from ui.scale import CUSTOMERS_DESIGN, FittedWindow
from ui.widgets.pill import Pill
from ui.widgets.scroll import Scroll
from ui.widgets.text import Text

_DRAWINGS = {
    Outcome.PASSED: ("done", "good"),
    Outcome.NOT_PASSED: ("stop", "stop"),
    Outcome.PROVISIONAL: ("wait", "look"),
    Outcome.PENDING_REVIEW: ("wait", "look"),
}

_FAREWELL_MS = 8000


class CustomerWindow(FittedWindow):
    """Shows what the clerk's pages ask for and gives back what the customer does.

    Signals:
        consent_answered(bool)
        line_read()
        signed(object, str): strokes and device.
        changed(): another page, or other words on it.
        turned(bool): another thing is before the customer; whether they have to do something about it.
        asked(object): another Challenge can be read by the customer, or none (None): also when the window is hidden.
    """

    design = CUSTOMERS_DESIGN
    consent_answered = Signal(bool)
    line_read = Signal()
    signed = Signal(object, str)
    changed = Signal()
    turned = Signal(bool)
    asked = Signal(object)

    def __init__(self, practice: bool) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(wording.PRODUCT)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # its own ground also inside the clerk's window
        # A touch here must not take the keyboard away from the clerk.
        self.setWindowFlag(Qt.WindowType.WindowDoesNotAcceptFocus)
        self._step: tuple[int, int] | None = None
        self._said = ""
        self._number = ""
        self._asked: Challenge | None = None
        self._awaited = False  # what `turned` said last
        self._business = Text("", "customer-soft")
        self._place = Text("", "customer-soft").hug()
        mark = Pill(wording.PRACTICE, "look")
        mark.setVisible(practice)
        foot = QHBoxLayout()
        foot.setSpacing(24)
        foot.addWidget(self._business, 1)
        foot.addWidget(mark)
        foot.addWidget(self._place)
        self.message, self.put_card = MessagePage(), PutCardPage()
        self.consent, self.look = ConsentPage(), LookPage()
        self.reading, self.signing, self.waiting = ReadingPage(), SignPage(), WaitingPage()
        self._stack = QStackedWidget()
        self._places: dict[CustomerPage, Scroll] = {}
        pages = (self.message, self.put_card, self.consent, self.look, self.reading, self.signing, self.waiting)
        for page in pages:
            self._places[page] = Scroll(page)
            self._stack.addWidget(self._places[page])
        self._contents, self._cover = QWidget(), MessagePage()
        self._cover.show_message("wait", wording.Customer.COVERED, wording.Customer.COVERED_HINT)
        self._covered = QStackedLayout(self)
        self._covered.addWidget(self._contents)
        self._covered.addWidget(Scroll(self._cover))
        column = QVBoxLayout(self._contents)
        column.setContentsMargins(48, 40, 48, 24)
        column.setSpacing(24)
        column.addWidget(self._stack, 1)
        column.addLayout(foot)
        for button in self.findChildren(QPushButton):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # no key of the clerk's board may answer for the customer
        self.consent.answered.connect(self.consent_answered)
        self.consent.reworded.connect(self.changed)
        self.reading.line_read.connect(self.line_read)
        self.signing.signed.connect(self.signed)
        self.changed.connect(self._note_asked)
        self._may_close = False
        self._soon = QTimer(self, singleShot=True, interval=_FAREWELL_MS)
        self._soon.timeout.connect(self.welcome)
        self.welcome()

    @property
    def page(self) -> CustomerPage:
        """What the customer sees now."""
        return next(page for page, place in self._places.items() if place is self._stack.currentWidget())

    @property
    def at_work(self) -> bool:
        """See `CustomerPage.at_work`."""
        return self.page.at_work

    @property
    def covered(self) -> bool:
        return self._covered.currentIndex() == 1

    def cover(self, covered: bool) -> None:
        """Show a page to wait at in the place of everything, while the clerk is away; what stands behind it stays."""
        self._covered.setCurrentIndex(1 if covered else 0)

    def thumbnail(self, size: QSize, pixel_ratio: float) -> QPixmap:
        """What the customer sees now, small, for the clerk: fitted into `size`, with the pixels of their screen."""
        small = self.grab().scaled(
            size * pixel_ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        small.setDevicePixelRatio(pixel_ratio)
        return small

    def welcome(self) -> None:
        self._step, self._said = None, ""
        self.message.show_message("hall", wording.Customer.WELCOME, wording.Customer.WELCOME_HINT)
        self._turn_to(self.message)

    def begin(self, words: SceneWords, masked_number: str) -> None:
        """From now on the foot says what is done in the customer's name, and what is not."""
        business = words.business.format(number=masked_number)
        self._said = wording.Customer.BUSINESS.format(business=business, limit=words.limits)

    def begin_step(self, number: int, steps: int) -> None:
        """What is shown from now on belongs to step `number` of `steps`."""
        self._step = number, steps

    def ask_card(self, service_number: str, *, lift: bool = False) -> None:
        """The first page says what is done in the customer's name in large type; all others at the foot.

        Args:
            service_number: in full; nobody but the customer can see a slip in it.
            lift: a card that was there before has to be taken up first.
        """
        self.put_card.ask(self._said, service_number, lift=lift)
        self._turn_to(self.put_card)
        self._business.setText("")

    def pause_card(self) -> None:
        """No card can be read now; `ask_card` goes on."""
        self._say("wait", wording.Customer.CARD_PAUSED, wording.Customer.CARD_PAUSED_HINT)

    def show_checking(self) -> None:
        self._wait("card", wording.Customer.CHECKING, wording.Customer.CHECKING_HINT)

    def show_checked(self) -> None:
        """Nothing is checked any more: the clerk is to go on."""
        self._wait("card", wording.Customer.CHECKED, wording.Customer.CHECKED_HINT)

    def ask_consent(self, consent: Notice) -> None:
        self.consent.ask(consent)
        self._turn_to(self.consent)

    def ask_look(self, frames: LatestValue, hint: str = "") -> None:
        """See `LookPage.follow`."""
        self.look.follow(frames, hint)
        self._turn_to(self.look)

    def show_quality_issue(self, issue: QualityIssue | Advice | None) -> None:
        """See `LookPage.show_issue`; whoever mirrors this window hears of another sentence once."""
        said = self.look.sentence
        self.look.show_issue(issue)
        if self.look.sentence != said:
            self._reword()

    def pause_look(self) -> None:
        """See `LookPage.pause`."""
        self.look.pause()
        self._reword()

    def show_challenge(self, challenge: Challenge | None, advice: Advice | None = None, *, done: bool = False) -> None:
        """See `LookPage.show_challenge`; it is the customer's turn with each new challenge, not with each advice."""
        before = self.look.challenge
        self.look.show_challenge(challenge, advice, done=done)
        self._reword(to_do=challenge is not None and challenge is not before)

    def show_compared(self) -> None:
        self._wait("face", wording.Customer.COMPARING, wording.Customer.COMPARING_HINT)

    def show_uncompared(self) -> None:
        """No face is compared with another: refused, or the chip has none."""
        self._wait("face", wording.Customer.UNCOMPARED, wording.Customer.UNCOMPARED_HINT)

    def show_supervised(self) -> None:
        """A supervisor is to decide, whatever was compared."""
        self._wait("face", wording.Customer.SUPERVISED, wording.Customer.COMPARING_HINT)

    def announce_reading(self) -> None:
        self._say("face", wording.Customer.READ_SOON, wording.Customer.READ_SOON_HINT)

    def ask_reading(self, notice: Notice, frames: LatestValue, levels: LatestValue) -> None:
        self.reading.prepare(notice, frames, levels)
        self.show_line(0, heard=True)

    def show_line(self, index: int, *, heard: bool) -> None:
        """Line `index` is to be read, for the first time or still; `heard`: see `ReadingPage.show_voice_heard`."""
        self.reading.show_line(index)
        self.reading.show_voice_heard(heard)
        self._turn_to(self.reading)

    def show_voice_heard(self, heard: bool) -> None:
        """See `ReadingPage.show_voice_heard`."""
        self.reading.show_voice_heard(heard)
        self._reword()

    def pause_reading(self) -> None:
        """Nothing is recorded any more; the clerk will begin again."""
        self._say("wait", wording.Customer.READ_PAUSED, wording.Customer.READ_PAUSED_HINT)

    def ask_signature(self, notice: Notice) -> None:
        self.signing.ask(notice)
        self._turn_to(self.signing)

    def show_saving(self) -> None:
        self._wait("wait", wording.Customer.SAVING, wording.Customer.SAVING_SIMPLE)

    def show_outcome(self, outcome: Outcome) -> None:
        self._tell_end(_DRAWINGS[outcome][0], *wording.CUSTOMER_OUTCOMES[outcome], _DRAWINGS[outcome][1])

    def show_refused(self) -> None:
        self._tell_end("stop", wording.Customer.REFUSED, wording.Customer.REFUSED_HINT, "stop")

    def show_abandoned(self) -> None:
        self._said = ""
        self._tell_end("stop", wording.Customer.ABANDONED, wording.Customer.ABANDONED_HINT, "look")
        self._soon.start()

    def finish(self) -> None:
        """Let the window close: only the application does, never the customer."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(self._may_close)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._note_asked()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._note_asked()

    @Slot()
    def _note_asked(self) -> None:
        """What is asked is what can be read, and nothing else: on one screen nothing behind the clerk's side."""
        asked = self.look.challenge if self.page is self.look and self.isVisible() else None
        if asked is not self._asked:
            self._asked = asked
            self.asked.emit(asked)

    def _say(self, drawing: str, title: str, hint: str) -> None:
        self.message.show_message(drawing, title, hint)
        self._turn_to(self.message)

    def _tell_end(self, drawing: str, title: str, hint: str, colour: str = "accent") -> None:
        """How it ended: no step is shown any more, and nothing of the customer stays."""
        self._step = None
        self.message.show_message(drawing, title, hint, colour)
        self._turn_to(self.message)

    def _wait(self, drawing: str, title: str, hint: str) -> None:
        self.waiting.show_message(drawing, title, hint)
        if self._step is not None:
            self.waiting.show_progress(*self._step)
        self._turn_to(self.waiting)

    def _turn_to(self, page: CustomerPage) -> None:
        self._soon.stop()
        place = ""
        if self._step is not None:
            place = wording.Customer.STEP.format(step=self._step[0], steps=self._step[1])
        self._place.setText(place)
        self._business.setText(self._said)
        if page is not self.put_card:
            self.put_card.forget()  # the number is in full there
        if self._step is None:
            for one in self._places:
                one.forget()
        self._stack.setCurrentWidget(self._places[page])
        self.changed.emit()
        self._tell_turn()

    def _reword(self, *, to_do: bool = False) -> None:
        """Other words on a page: it may be another's turn with them, and something new `to_do` is always their turn."""
        self.changed.emit()
        if to_do or self.page.awaits_customer is not self._awaited:
            self._tell_turn()

    def _tell_turn(self) -> None:
        self._awaited = self.page.awaits_customer
        self.turned.emit(self._awaited)
