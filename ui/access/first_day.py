"""Somebody's first day: one-time code, password, second factor; then the centre's word."""

import base64
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Staff
from hallclient.services.joining import Joining
from ui import wording
from ui.access.new_password import NewPasswordPage
from ui.access.own_access import OwnAccess
from ui.access.page import AccessPage
from ui.background import Task
from ui.widgets.key_button import action
from ui.widgets.qr_code import QrCode
from ui.widgets.secret_fields import INVITATION_LETTERS, CodeField, InvitationField
from ui.widgets.text import Text

_QR = 200  # pixels of the design
_GROUP = 4


class InvitationPage(AccessPage):
    """Who was invited, and the code that they were given."""

    def __init__(self) -> None:
        super().__init__(
            wording.FirstDay.HEADLINE, wording.FirstDay.INVITATION_HINT, wording.Login.NEXT, back=wording.Login.BACK
        )
        self.number, self.invitation = QLineEdit(), InvitationField()
        self._count = Text(wording.FirstDay.INVITATION_FORM, "soft")
        self.add_field(wording.Login.NUMBER, self.number)
        self.add_field(wording.FirstDay.INVITATION, self.invitation)
        self.body.addWidget(self._count)
        self.invitation.textChanged.connect(self._say_count)

    def is_whole(self) -> bool:
        return bool(self.number.text().strip()) and self.invitation.whole

    def forget_secrets(self) -> None:
        self.invitation.setText("")

    @Slot()
    def _say_count(self) -> None:
        count = len(self.invitation.letters)
        if self.invitation.whole:
            self._count.say(wording.FirstDay.INVITATION_WHOLE, "good")
        elif count:
            self._count.say(wording.FirstDay.INVITATION_COUNT.format(count=count, all=INVITATION_LETTERS))
        else:
            self._count.say(wording.FirstDay.INVITATION_FORM)

    @Slot()
    def go_on(self) -> None:
        self.asked.emit(self.number.text().strip(), self.invitation.letters)

    asked = Signal(str, str)


class AuthenticatorPage(AccessPage):
    """The second factor's secret, to be scanned or typed; it is shown here alone, and is nowhere else."""

    confirmed = Signal(str)

    def __init__(self) -> None:
        super().__init__(
            wording.FirstDay.AUTHENTICATOR,
            wording.FirstDay.AUTHENTICATOR_HINT,
            wording.FirstDay.FINISH,
            back=wording.Login.BACK,
        )
        self.qr = QrCode(_QR)
        self.qr.setAccessibleName(wording.FirstDay.QR)
        self.secret = Text("", "lead", wrap=True)
        self.code = CodeField()
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(Text(wording.FirstDay.TYPED, "soft", wrap=True))
        words.addWidget(self.secret)
        words.addWidget(Text(wording.FirstDay.TYPED_FORM, "soft", wrap=True))
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.qr)
        row.addLayout(words, 1)
        self.body.addLayout(row)
        self.add_field(wording.Login.CODE, self.code, wording.Login.CODE_HINT)

    def ask(self, joining: Joining) -> None:
        self.begin()
        letters = base64.b32encode(joining.totp_secret).decode().rstrip("=")
        groups = [letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP)]
        lines = [" ".join(groups[at : at + 2]) for at in range(0, len(groups), 2)]
        self.secret.setText("\n".join(lines))
        self.qr.show_text(joining.totp_uri)

    def is_whole(self) -> bool:
        return self.code.whole

    def forget(self) -> None:
        super().forget()
        self.qr.show_text("")
        self.secret.setText("")

    def forget_secrets(self) -> None:
        """The secret stays before who has to scan it again."""
        self.code.setText("")

    @Slot()
    def go_on(self) -> None:
        self.confirmed.emit(self.code.digits)


class JoinedPage(AccessPage):
    """The login is made: it can be used, or the centre has to certify it yet."""

    login_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__("", "", wording.FirstDay.TO_LOGIN, drawing="done")
        self._number = ""
        self.words = Text("", wrap=True)
        self.body.addWidget(self.words)
        self.look = action(self, wording.FirstDay.LOOK_AGAIN, Qt.Key.Key_F5)
        self.add_way(self.look)
        self._ways_on = self._ways.itemAt(0).widget()

    def show_end(self, number: str, certified: bool, *, again: bool = False) -> None:
        self._number = number
        self.begin()
        headline, words = (
            (wording.FirstDay.READY, wording.FirstDay.READY_HINT)
            if certified
            else (wording.FirstDay.PENDING, wording.FirstDay.PENDING_HINT)
        )
        self.drawing.draw("done" if certified else "wait", "good" if certified else "look")
        self.headline.say(headline, "good" if certified else "look")
        self.status.say(wording.FirstDay.PENDING_STILL if again and not certified else "", "look")
        self.words.setText(words.format(number=number))
        self._ways_on.setVisible(not certified)
        self.look.setEnabled(not certified)

    @property
    def number(self) -> str:
        return self._number

    @Slot()
    def go_on(self) -> None:
        self.login_wanted.emit(self._number)


class FirstDay(QStackedWidget):
    """Turns from page to page; what was opened on the way is forgotten with it.

    Signals:
        left(): back to the login, without having become anybody.
        joined(str): the login of this number is made; back to the login.
    """

    left = Signal()
    joined = Signal(str)

    def __init__(self, access: OwnAccess, run: Callable[[Callable[[], object]], Task]) -> None:
        """`run` runs a call in the background."""
        super().__init__()
        self._access, self._run = access, run
        self._joining: Joining | None = None
        self._password = ""
        self.invitation, self.choice = (
            InvitationPage(),
            NewPasswordPage(wording.NewPassword.HEADLINE, wording.Login.NEXT),
        )
        self.authenticator, self.end = AuthenticatorPage(), JoinedPage()
        for page in (self.invitation, self.choice, self.authenticator, self.end):
            self.addWidget(page)
        self.invitation.asked.connect(self._open)
        self.choice.chosen.connect(self._take_password)
        self.authenticator.confirmed.connect(self._finish)
        self.end.login_wanted.connect(self._leave_joined)
        self.end.look.triggered.connect(self._look_again)
        for page in (self.invitation, self.choice, self.authenticator):
            page.left.connect(self._leave)

    @property
    def page(self) -> AccessPage:
        page = self.currentWidget()
        assert isinstance(page, AccessPage)  # noqa: S101  # nothing else is added
        return page

    def begin(self) -> None:
        self._forget()
        self.setCurrentWidget(self.invitation)
        self.invitation.begin()

    def fail(self, _: object) -> None:
        """Our own mistake, which the window says."""
        self.page.end_busy()

    def _forget(self) -> None:
        self._joining, self._password = None, ""

    @Slot(str, str)
    def _open(self, number: str, code: str) -> None:
        self.invitation.set_busy(wording.Login.WORKING)
        task = self._run(lambda: self._access.join(number, code))
        task.done.connect(self._show_choice)
        task.failed.connect(self.invitation.show_error)

    @Slot(object)
    def _show_choice(self, joining: Joining) -> None:
        if not self.isVisible():
            return
        self._joining = joining
        self.invitation.end_busy()
        self.setCurrentWidget(self.choice)
        self.choice.ask(joining.staff.number)

    @Slot(str)
    def _take_password(self, password: str) -> None:
        if self._joining is None:
            return
        self._password = password
        self.setCurrentWidget(self.authenticator)
        self.authenticator.ask(self._joining)

    @Slot(str)
    def _finish(self, code: str) -> None:
        joining, password = self._joining, self._password
        if joining is None:
            return
        self.authenticator.set_busy(wording.FirstDay.MAKING)

        def finish() -> tuple[Staff, bool]:
            staff = joining.finish(password, code)
            return staff, self._access.is_certified(staff.number)

        task = self._run(finish)
        task.done.connect(self._show_end)
        task.failed.connect(self._show_unfinished)

    @Slot(object)
    def _show_unfinished(self, error: KnownError) -> None:
        self.authenticator.show_error(error)
        if error.code is FailureCode.LOGIN_WRONG:  # nobody has a password yet that could be wrong
            self.authenticator.banner.say(wording.FirstDay.CODE_WRONG, tone="stop")
        elif error.code is FailureCode.INVITATION_INVALID:
            self.begin()
            self.invitation.banner.show_error(error, retriable=False)

    @Slot(object)
    def _show_end(self, ended: tuple[Staff, bool]) -> None:
        staff, certified = ended
        self._forget()
        self.setCurrentWidget(self.end)
        self.end.show_end(staff.number, certified)

    @Slot()
    def _look_again(self) -> None:
        number = self.end.number
        self.end.set_busy(wording.Login.WORKING)
        task = self._run(lambda: self._access.is_certified(number))
        task.done.connect(lambda certified: self.end.show_end(number, certified, again=True))
        task.failed.connect(self.end.show_error)

    @Slot()
    def _leave(self) -> None:
        self._forget()
        self.left.emit()

    @Slot(str)
    def _leave_joined(self, number: str) -> None:
        self.joined.emit(number)
