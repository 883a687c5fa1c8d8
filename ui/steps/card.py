"""The card is put down and read: nobody presses anything."""

from PySide6.QtCore import QSize, Qt, QTimer, Slot

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import READ_AGAIN_UNASKED, FailureCode, KnownError
from hallclient.domain.person import MaskedPerson
from hallclient.services.session.card import CardStep
from ui import wording
from ui.scale import blank
from ui.steps.page import StepPage
from ui.steps.workplace import Workplace
from ui.widgets.drawing import Drawing
from ui.widgets.text import Text

_WAIT_S = 2.0  # short, so that giving up never waits long for the reader
_AGAIN_MS = 600
# No card can be read while these last; the reader's news come at once, and say when it is over.
_NO_READER = frozenset(
    {
        FailureCode.READER_MISSING,
        FailureCode.READER_SERVICE_DOWN,
        FailureCode.READER_SERVICE_HUNG,
        FailureCode.INTERNAL_ERROR,
    }
)


class CardPage(StepPage):
    """Waits for the card as long as it takes; a failure stands until the card is read or the next one comes."""

    def __init__(self, workplace: Workplace, work: CardStep) -> None:
        super().__init__(workplace)
        self.work = work
        rule = Text(wording.Card.FIELDS, "soft")
        rule.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.content.addStretch(1)
        self.content.addWidget(Drawing(QSize(216, 144), "card"))
        self.content.addWidget(blank(24))
        self.content.addWidget(rule)
        self.content.addStretch(2)
        self._number = ""  # that the session is about, in full, for the customer
        self._lift = False  # the customer was told to take up what lies there
        self._paused = False  # the customer was told to wait, because there is no reader
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._read)
        self.listen(workplace.reader_news.arrived, self._follow_reader)

    def begin(self) -> None:
        self.say(wording.Card.HEADLINE, wording.Card.STATUS)
        self.ask(self.workplace.session.reveal_service_number, self._ask_for_card)

    @Slot(object)
    def _ask_for_card(self, service_number: str) -> None:
        self._number = service_number
        self._show_customer()
        self._read()

    def leave(self) -> None:
        super().leave()
        self._number = ""

    def retry(self) -> None:
        if not self._number:
            super().retry()
            return
        self._again.stop()
        self.banner.clear()
        self._ask_customer(reader_there=True, lift=False)
        self._read()

    @Slot()
    def _read(self) -> None:
        self.run(lambda: self.work.read(_WAIT_S), self._show_card, self.show_failure)

    @Slot(object)
    def _show_card(self, holder: MaskedPerson) -> None:
        self.banner.clear()
        self.customer_shown.emit()
        self.finished.emit(wording.CARD_KINDS[holder.document])

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        lift = error.code is FailureCode.CARD_NEEDS_LIFTING
        if lift:
            self._say_lift(error)
        elif error.code is not FailureCode.CARD_MISSING:  # no card yet is what we wait for, not a failure
            super().show_failure(error)
        if error.code in READ_AGAIN_UNASKED:
            self.banner.button.setVisible(False)
            self._again.start()
        self._ask_customer(reader_there=error.code not in _NO_READER, lift=lift)

    @Slot(object)
    def _follow_reader(self, status: ReaderStatus) -> None:
        reading = status.state is ReaderState.READING
        self.status.say(wording.Card.READING if reading else wording.Card.STATUS, "accent" if reading else "")
        gone = status.failure if status.failure in _NO_READER else None
        if gone is not None:
            self.banner.show_error(KnownError(gone, status.detail, number=status.number), retriable=False)
        lift = status.failure is FailureCode.CARD_NEEDS_LIFTING
        if lift:
            self._say_lift(KnownError(FailureCode.CARD_NEEDS_LIFTING))
        self._ask_customer(reader_there=gone is None, lift=lift)

    def _say_lift(self, error: KnownError) -> None:
        """The customer reads it on their own side, too: on one screen it stays in front."""
        self.banner.show_error(error, retriable=False)

    def _ask_customer(self, *, reader_there: bool, lift: bool) -> None:
        """Nobody puts a card on a reader that is not there, nor on a card."""
        if (self._paused, self._lift) == (not reader_there, lift):
            return
        self._paused, self._lift = not reader_there, lift
        if not self._paused and self.banner.error is not None and self.banner.error.code in _NO_READER:
            self.banner.clear()
        self._show_customer()

    def _show_customer(self) -> None:
        """The reader may be gone before the number is there that the customer is to compare."""
        if self._paused:
            self.workplace.customer.pause_card()
        elif self._number:
            self.workplace.customer.ask_card(self._number, lift=self._lift)
