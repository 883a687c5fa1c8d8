"""A person changes their own password."""

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget

from hallclient.domain.failures import FailureCode, KnownError
from ui import wording
from ui.access.credentials import CredentialsPage, Typed
from ui.access.new_password import NewPasswordPage
from ui.access.own_access import OwnAccess
from ui.access.page import AccessPage
from ui.background import Task


class _OldPage(CredentialsPage):
    typed_out = Signal(object)

    def __init__(self) -> None:
        super().__init__(
            wording.OwnPassword.HEADLINE,
            wording.OwnPassword.HINT,
            wording.Login.NEXT,
            password=wording.OwnPassword.OLD,
            back=wording.Login.BACK,
        )

    @Slot()
    def go_on(self) -> None:
        self.typed_out.emit(self.typed)


class OwnPassword(QStackedWidget):
    """First who it is, then the new password; both are proved and kept together.

    Signals:
        left(): back to the login; nothing was changed.
        changed(str): the password of this number is another one.
    """

    left = Signal()
    changed = Signal(str)

    def __init__(self, access: OwnAccess, run: Callable[[Callable[[], object]], Task]) -> None:
        """`run` runs a call in the background."""
        super().__init__()
        self._access, self._run = access, run
        self._old: Typed | None = None
        self.old = _OldPage()
        self.choice = NewPasswordPage(wording.OwnPassword.HEADLINE, wording.OwnPassword.CHANGE)
        for page in (self.old, self.choice):
            self.addWidget(page)
            page.left.connect(self._leave)
        self.old.typed_out.connect(self._take_old)
        self.choice.chosen.connect(self._change)

    @property
    def page(self) -> AccessPage:
        return self.choice if self.currentWidget() is self.choice else self.old

    def begin(self) -> None:
        self._old = None
        self.setCurrentWidget(self.old)
        self.old.begin()

    def fail(self, _: object) -> None:
        """Our own mistake, which the window says."""
        self.page.end_busy()

    @Slot(object)
    def _take_old(self, typed: Typed) -> None:
        self._old = typed
        self.setCurrentWidget(self.choice)
        self.choice.ask(typed.number)

    @Slot(str)
    def _change(self, new: str) -> None:
        old = self._old
        if old is None:
            return
        self.choice.set_busy(wording.Login.WORKING)
        task = self._run(lambda: self._access.change_password(old.number, old.password, old.code, new))
        task.done.connect(lambda _: self._end(old.number))
        task.failed.connect(self._show_failure)

    def _end(self, number: str) -> None:
        self._old = None
        self.choice.end_busy()
        self.changed.emit(number)

    @Slot(object)
    def _show_failure(self, error: KnownError) -> None:
        """Who it is has to be said anew: the code is used, whatever went wrong."""
        if error.code is FailureCode.INPUT_INVALID:
            self.choice.show_error(error)
            return
        number = self._old.number if self._old is not None else ""
        self.choice.end_busy()
        self.begin()
        self.old.number.setText(number)
        self.old.show_error(error)

    @Slot()
    def _leave(self) -> None:
        self._old = None
        self.left.emit()
