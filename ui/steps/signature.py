"""The customer signs on their own screen; the clerk sees the pen move and can only ask for it again."""

from PySide6.QtCore import Qt, Slot

from hallclient.domain.failures import KnownError
from hallclient.domain.notice import Notice
from hallclient.services.session.signature import SignatureStep
from ui import wording
from ui.steps.page import StepPage
from ui.steps.workplace import Workplace
from ui.widgets.key_button import action
from ui.widgets.notice_text import NoticeText
from ui.widgets.signature_view import SignatureView, Strokes
from ui.widgets.text import Text


class SignaturePage(StepPage):
    """The customer's strokes as they are written."""

    def __init__(self, workplace: Workplace, work: SignatureStep) -> None:
        super().__init__(workplace)
        self.work = work
        self.text = NoticeText("lead", "body")
        self.view = SignatureView()
        self.content.addWidget(self.text, 3)
        self.content.addWidget(Text(wording.Signature.LIVE, "soft"))
        self.content.addWidget(self.view, 2)
        self.clear = action(self, wording.Signature.CLEAR, Qt.Key.Key_F8)
        self.clear.triggered.connect(self._clear)
        self.secondary_actions = [self.clear]
        self._notice: Notice | None = None
        self._found = ""
        self.listen(workplace.customer.signing.pad.changed, self._follow)
        self.listen(workplace.customer.signed, self._sign)

    def begin(self) -> None:
        self.say(wording.Signature.HEADLINE, wording.Signature.STATUS)
        self.ask(self.work.notice, self._invite)

    @Slot(object)
    def _invite(self, notice: Notice) -> None:
        self._notice = notice
        self.text.show_notice(notice)
        self._clear()

    def go_on(self) -> None:
        """Only the customer's own hand goes on from here."""

    @Slot()
    def _clear(self) -> None:
        self.banner.clear()
        self.status.say(wording.Signature.STATUS)
        if self._notice is not None:
            self.workplace.customer.ask_signature(self._notice)

    @Slot()
    def _follow(self) -> None:
        pad = self.workplace.customer.signing.pad
        self.view.show_strokes(pad.strokes)
        self.clear.setEnabled(pad.point_count > 0)
        if pad.too_short:
            self.status.say(wording.Signature.TOO_SHORT, "look")
        elif pad.point_count:
            device = wording.SIGNATURE_DEVICES[pad.device]
            self.status.say(wording.Signature.WRITING.format(points=pad.point_count, device=device), "accent")

    @Slot(object, str)
    def _sign(self, strokes: Strokes, device: str) -> None:
        self.status.say(wording.Signature.SAVING, "accent")
        points = sum(len(stroke) for stroke in strokes)
        self._found = wording.Signature.FOUND.format(points=points, device=wording.SIGNATURE_DEVICES[device])
        self.ask(lambda: self.work.sign(strokes, device), self._show_signed)

    @Slot(object)
    def _show_signed(self, _: object) -> None:
        self.finished.emit(self._found)

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        super().show_failure(error)
        self.status.say(wording.Signature.STATUS)
        self.clear.setEnabled(self.workplace.customer.signing.pad.point_count > 0)
