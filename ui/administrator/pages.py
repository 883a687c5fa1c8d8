"""What an administrator does about one person, one page each."""

import datetime as dt

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit

from hallclient.domain.hall_time import CHINA_STANDARD_TIME
from hallclient.domain.staff import Role
from hallclient.services.staff import Invited, KnownStaff
from ui import wording
from ui.access.credentials import CredentialsPage
from ui.access.page import AccessPage
from ui.administrator.staff_list import state_of
from ui.scale import blank, fix_size
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import KeyButton, action, calm
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_BUTTON = 168  # pixels of the design
_ROLE_KEYS = {
    Role.CLERK: Qt.Key.Key_F6,
    Role.SUPERVISOR: Qt.Key.Key_F7,
    Role.ADMINISTRATOR: Qt.Key.Key_F8,
}


class PersonPage(Surface):
    """The person who is chosen in the list, and what can be done about them.

    Signals:
        invite_asked(), lock_asked(), reset_asked(), remove_asked()
    """

    invite_asked = Signal()
    lock_asked = Signal()
    reset_asked = Signal()
    remove_asked = Signal()

    def __init__(self) -> None:
        super().__init__(margin=24)
        self.name = Text("", "headline")
        self.state = Text("")
        self.invite = action(self, wording.StaffWindow.INVITE, Qt.Key.Key_F2)
        self.lock = action(self, wording.StaffWindow.LOCK, Qt.Key.Key_F6)
        self.reset = action(self, wording.StaffWindow.RESET, Qt.Key.Key_F7)
        self.remove = action(self, wording.StaffWindow.REMOVE, Qt.Key.Key_F8)
        self.hint = Text("", "soft", wrap=True)
        self.banner = FailureBanner()
        column = self.column
        column.addWidget(self.name)
        column.addWidget(self.state)
        column.addWidget(self.hint)
        column.addWidget(blank(8))
        for one, told, words in (
            (self.lock, self.lock_asked, wording.StaffWindow.LOCK_HINT),
            (self.reset, self.reset_asked, wording.StaffWindow.RESET_HINT),
            (self.remove, self.remove_asked, wording.StaffWindow.REMOVE_HINT),
            (self.invite, self.invite_asked, wording.StaffWindow.INVITE_HINT),
        ):
            one.triggered.connect(told)
            button = calm(KeyButton(one))
            fix_size(button, width=_BUTTON)
            row = QHBoxLayout()
            row.setSpacing(16)
            row.addWidget(button)
            row.addWidget(Text(words, "soft", wrap=True), 1)
            column.addLayout(row)
        column.addStretch(1)
        column.addWidget(self.banner)

    def show_person(self, person: KnownStaff | None, own: str) -> None:
        """`own`: the number of who is logged in, who can do nothing about themselves."""
        if person is None:
            self.name.setText("")
            self.state.setText("")
            self.hint.setText(wording.StaffWindow.NONE_CHOSEN)
        else:
            staff = person.staff
            self.name.setText(wording.StaffWindow.ROW.format(number=staff.number, role=wording.ROLES[staff.role]))
            self.state.say(*state_of(person))
            self.hint.setText(wording.StaffWindow.NOT_SELF if staff.number == own else "")
            self.lock.setText(wording.StaffWindow.UNLOCK if person.locked else wording.StaffWindow.LOCK)
        able = person is not None and person.staff.number != own
        self.lock.setEnabled(able)
        self.reset.setEnabled(able)
        self.remove.setEnabled(able)
        self.invite.setEnabled(True)

    def set_busy(self) -> None:
        for one in (self.lock, self.reset, self.remove, self.invite):
            one.setEnabled(False)


class RemovePage(AccessPage):
    """Asked before somebody's login goes for good. Enter is no answer: it is pressed too easily.

    Signals:
        sure(str): the login of this number goes.
    """

    sure = Signal(str)

    def __init__(self) -> None:
        super().__init__(
            "",
            wording.StaffWindow.REMOVE_STAKE,
            wording.StaffWindow.REMOVE_YES,
            back=wording.StaffWindow.CLOSE,
            drawing="stop",
            key=Qt.Key.Key_F10,
        )
        self._number = ""
        self._words = Text("", wrap=True)
        self.body.addWidget(self._words)
        self.drawing.draw("stop", "stop")
        calm(self.button)

    def take_focus(self) -> None:
        """A space bar means no."""
        self.back_button.setFocus()

    def ask(self, number: str) -> None:
        self._number = number
        self.begin()
        self.headline.setText(wording.StaffWindow.REMOVE_SURE.format(number=number))
        self._words.setText(wording.StaffWindow.REMOVE_WORDS.format(number=number))

    @Slot()
    def go_on(self) -> None:
        self.sure.emit(self._number)


class InvitePage(AccessPage):
    """Signals:
    asked(str, object): somebody with this number is to come in this Role.
    """

    asked = Signal(str, object)

    def __init__(self) -> None:
        super().__init__(
            wording.StaffWindow.INVITE,
            wording.StaffWindow.INVITE_HINT,
            wording.StaffWindow.MAKE,
            back=wording.StaffWindow.CLOSE,
        )
        self.number = QLineEdit()
        self.add_field(wording.Login.NUMBER, self.number)
        self.taken: frozenset[str] = frozenset()
        self._advice = Text("", wrap=True)
        self.body.addWidget(self._advice)
        self.body.addWidget(Text(wording.StaffWindow.ROLE, "soft"))
        self.roles: dict[Role, QAction] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        for role, key in _ROLE_KEYS.items():
            one = action(self, wording.ROLES[role], key)
            one.setCheckable(True)
            one.triggered.connect(lambda _=False, chosen=role: self.choose(chosen))
            self.roles[role] = one
            button = calm(KeyButton(one, "way"))
            self._group.addButton(button)
            row.addWidget(button, 1)
        self.body.addLayout(row)
        self.choose(Role.CLERK)

    @property
    def role(self) -> Role:
        return next(role for role, one in self.roles.items() if one.isChecked())

    def choose(self, role: Role) -> None:
        for one, shown in self.roles.items():
            shown.setChecked(one is role)

    def forget_secrets(self) -> None:
        """None was typed: the number stays."""

    def is_whole(self) -> bool:
        number = self.number.text().strip()
        return bool(number) and number not in self.taken

    @Slot()
    def validate(self) -> None:
        super().validate()
        if self.fields and hasattr(self, "taken"):
            taken = self.number.text().strip() in self.taken
            self._advice.say(wording.StaffWindow.NUMBER_TAKEN if taken else "", "look")

    @Slot()
    def go_on(self) -> None:
        self.asked.emit(self.number.text().strip(), self.role)


class SecondPage(CredentialsPage):
    """Another administrator agrees.

    Signals:
        agreed(object): what they `Typed`.
    """

    agreed = Signal(object)

    def __init__(self) -> None:
        super().__init__(
            wording.StaffWindow.SECOND,
            wording.StaffWindow.SECOND_HINT,
            wording.StaffWindow.CONFIRM,
            number=wording.StaffWindow.SECOND_NUMBER,
            back=wording.StaffWindow.CLOSE,
        )

    @Slot()
    def go_on(self) -> None:
        self.agreed.emit(self.typed)


class CodePage(AccessPage):
    """A one-time code, large, to be copied by hand; it goes with this page and is nowhere else."""

    def __init__(self) -> None:
        super().__init__("", "", wording.StaffWindow.CODE_COPIED, drawing="done")
        self.code = Text("", "code", wrap=True)
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.body.addWidget(self.code)
        self.body.addWidget(blank(8))
        self._words = Text("", wrap=True)
        self.body.addWidget(self._words)

    def show_code(self, invited: Invited) -> None:
        self.begin()
        until = dt.datetime.fromisoformat(invited.invitation.until).astimezone(CHINA_STANDARD_TIME)
        self.headline.setText(wording.StaffWindow.CODE_TITLE.format(number=invited.invitation.number))
        self.status.setText(wording.ROLES[invited.invitation.role])
        groups = invited.code.split("-")
        half = len(groups) // 2
        self.code.setText("-".join(groups[:half]) + "-\n" + "-".join(groups[half:]))
        self._words.setText(wording.StaffWindow.CODE_HINT.format(until=f"{until:%m-%d %H:%M} "))

    def is_whole(self) -> bool:
        return bool(self.code.text())

    def forget(self) -> None:
        super().forget()
        self.code.setText("")

    def end_busy(self) -> None:
        super().end_busy()
        self.enter.setEnabled(True)

    @Slot()
    def go_on(self) -> None:
        self.left.emit()
