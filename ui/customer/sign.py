"""The customer signs the notice."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from hallclient.domain.notice import Notice
from hallclient.domain.signature import is_too_little_ink
from ui import wording
from ui.customer.page import CustomerPage
from ui.widgets.notice_text import NoticeText
from ui.widgets.signature_pad import SignaturePad
from ui.widgets.text import Text

_SHARES = (40, 45, 50, 55, 60)  # of the width, in percent, that the text may have


class SignPage(CustomerPage):
    """The text that is signed, the pad beside it, and two buttons.

    Signals:
        signed(object, str): the strokes and the device they were written with.
    """

    signed = Signal(object, str)

    def __init__(self) -> None:
        super().__init__(awaits_customer=True)
        self.pad = SignaturePad()
        self.text = NoticeText("customer-title", "customer-body")
        self._meaning = ""
        self._hint = Text("", "customer-soft", wrap=True)
        self.clear = QPushButton(wording.Customer.CLEAR)
        self.clear.setProperty("rank", "customer")
        self.accept = QPushButton(wording.Customer.SIGNED)
        self.accept.setProperty("rank", "customer-first")
        foot = QHBoxLayout()
        foot.setSpacing(24)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.clear)
        foot.addWidget(self.accept)
        here = QVBoxLayout()
        here.addWidget(Text(wording.Customer.SIGN, "customer-title"))
        here.addWidget(self.pad, 1)
        self._both = both = QHBoxLayout()
        both.setSpacing(24)
        both.addWidget(self.text)
        both.addLayout(here)
        self.column.addLayout(both, 1)
        self.column.addLayout(foot)
        self.clear.clicked.connect(self.pad.clear)
        self.accept.clicked.connect(self._sign)
        self.pad.changed.connect(self._validate)
        self.sentence = wording.Customer.SIGN

    @property
    def at_work(self) -> bool:
        return True

    def ask(self, notice: Notice) -> None:
        self.text.show_notice(notice)
        self._meaning = wording.Customer.SIGN_HINT.format(title=notice.title)
        self.pad.setEnabled(True)
        self.forget()

    def forget(self) -> None:
        self.pad.clear()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):  # or a part has another size
            self._share_out()
        return done

    def _share_out(self) -> None:
        """The text has the width at which all of it can be read, the pad has the rest: its field is flat anyway."""
        self.column.activate()
        place = self._both.geometry()
        width = place.width() - self._both.spacing()
        fits = (share for share in _SHARES if self.text.height_for(width * share // 100) <= place.height())
        share = next(fits, _SHARES[-1])
        if self._both.stretch(0) != share:
            self._both.setStretch(0, share)
            self._both.setStretch(1, 100 - share)

    def _validate(self) -> None:
        """Whether it can be taken on; and why it cannot, where something is written."""
        self._hint.say(*((wording.Customer.SIGN_TOO_SHORT, "look") if self.pad.too_short else (self._meaning, "")))
        self.clear.setEnabled(self.pad.point_count > 0)
        self.accept.setEnabled(not is_too_little_ink(self.pad.strokes))

    def _sign(self) -> None:
        self.pad.setEnabled(False)
        self.clear.setEnabled(False)
        self.accept.setEnabled(False)
        self.signed.emit(self.pad.strokes, self.pad.device)
