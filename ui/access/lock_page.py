"""What covers the windows of a counter that is locked."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QShowEvent

from hallclient.domain.staff import Staff
from ui import wording
from ui.access.page import AccessPage
from ui.widgets.key_button import action
from ui.widgets.secret_fields import CodeField, password_field
from ui.widgets.text import Text


class LockPage(AccessPage):
    """Nothing of a customer is on it. Its person unlocks it; anybody else may take over.

    Signals:
        unlock_asked(str, str): password and code of its person.
        change_asked(): somebody else wants to log in here.
    """

    unlock_asked = Signal(str, str)
    change_asked = Signal()

    def __init__(self) -> None:
        super().__init__(wording.Lock.HEADLINE, wording.Lock.HINT, wording.Lock.UNLOCK)
        self._who = Text("", "lead")
        self.body.addWidget(self._who)
        self.password, self.code = password_field(), CodeField()
        self.add_field(wording.Login.PASSWORD, self.password)
        self.add_field(wording.Login.CODE, self.code, wording.Login.CODE_HINT)
        self.change = action(self, wording.Lock.CHANGE, Qt.Key.Key_F9)
        self.change.triggered.connect(self.change_asked)
        self.add_way(self.change)
        self.add_note(wording.Lock.CHANGE_HINT)
        self._sure = action(self, "", Qt.Key.Key_F10)
        self._sure.triggered.connect(self._go_through)
        self._then: Callable[[], None] | None = None

    def show_who(self, staff: Staff) -> None:
        self._who.setText(wording.Lock.WHO.format(role=wording.ROLES[staff.role], number=staff.number))

    def is_whole(self) -> bool:
        return bool(self.password.text()) and self.code.whole

    def set_busy(self, words: str) -> None:
        super().set_busy(words)
        self.change.setEnabled(False)

    def end_busy(self) -> None:
        super().end_busy()
        self.change.setEnabled(True)

    def ask_first(self, words: str, yes: str, then: Callable[[], None]) -> None:
        """`then` destroys something: it is done when whoever is there has said yes."""
        self._then = then
        self._sure.setText(yes)
        self.banner.say(words)
        self.banner.offer(self._sure)

    @property
    def sure(self) -> QAction:
        """Yes to what was asked."""
        return self._sure

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.take_focus()

    @Slot()
    def go_on(self) -> None:
        self._then = None
        password, code = self.password.text(), self.code.digits
        self.banner.offer(None)
        self.unlock_asked.emit(password, code)

    @Slot()
    def _go_through(self) -> None:
        then, self._then = self._then, None
        self.banner.clear()
        if then is not None:
            then()
