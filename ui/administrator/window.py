"""The administrator's window: the list, and beside it what is done about one person."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hallclient.domain.failures import KnownError
from hallclient.domain.staff import Role
from hallclient.services.bug_log import report_bug
from hallclient.services.dispatch import Dispatch
from hallclient.services.staff import Invited, KnownStaff
from hallclient.services.staff_desk import SecondPerson, StaffDesk
from ui import wording
from ui.access.credentials import Typed
from ui.access.lockable import LockableWindow
from ui.access.page import AccessPage
from ui.administrator.pages import CodePage, InvitePage, PersonPage, RemovePage, SecondPage
from ui.administrator.staff_list import StaffList
from ui.background import Background, Task
from ui.latest_value import LatestValue
from ui.scale import CLERKS_DESIGN, fix_size
from ui.widgets.key_button import KeyButton, calm
from ui.widgets.pill import Pill
from ui.widgets.scroll import Scroll
from ui.widgets.status_pills import NetworkPill
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_NARROW = 1180  # pixels of the design
_LEAST = QSize(480, 200)


class StaffWindow(LockableWindow):
    """One administrator. What needs two asks for the other one's login beside it.

    Signals:
        closed()
        removed(str, object): the login of this number is gone, or a KnownError says why not; the desk is closed.
    """

    design = CLERKS_DESIGN
    closed = Signal()
    removed = Signal(str, object)

    def __init__(self, desk: StaffDesk, dispatch: Dispatch) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(wording.PRODUCT)
        self.setMinimumSize(_LEAST)
        self._desk, self._dispatch = desk, dispatch
        self._background = Background("staff", self)
        self._background.bug.connect(self.show_bug)
        self._closing = False
        self._with_second: Callable[[SecondPerson], Invited] | None = None
        self._count = Text("", "soft")
        self.network = NetworkPill()
        self.people = StaffList()
        self.person, self.invitation = PersonPage(), InvitePage()
        self.second, self.code, self.removal = SecondPage(), CodePage(), RemovePage()
        self._person_place = Scroll(self.person)
        self._pages = QStackedWidget()
        for page in (self._person_place, self.invitation, self.second, self.code, self.removal):
            self._pages.addWidget(page)
        self._lay_out()
        self._delivery_news = LatestValue()
        for news, told in (
            (self.people.chosen, self._show_person),
            (self.person.invite_asked, self._turn_to_invitation),
            (self.person.lock_asked, self._change_lock),
            (self.person.reset_asked, self._ask_to_reset),
            (self.person.remove_asked, self._ask_to_remove),
            (self.removal.sure, self._remove),
            (self.removal.left, self._turn_back),
            (self.person.banner.retry, self._list),
            (self.invitation.asked, self._invite),
            (self.second.agreed, self._go_on_with_second),
            (self.invitation.left, self._turn_back),
            (self.second.left, self._turn_back),
            (self.code.left, self._turn_back),
            (self._delivery_news.arrived, self.network.show_status),
        ):
            news.connect(told)
        self._background.run(lambda: dispatch.watch(self._delivery_news.offer))
        self.people.setFocus()
        self._list()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(24, 0, 24, 0)
        line.setSpacing(12)
        line.addWidget(Text(wording.StaffWindow.TITLE, "lead").hug())
        line.addWidget(self._count, 1)
        line.addWidget(self.network)
        mark = Pill(wording.PRACTICE, "look")
        mark.setVisible(self._desk.practice)
        line.addWidget(mark)
        staff = self._desk.staff
        line.addWidget(Text(f"{wording.ROLES[staff.role]} {staff.number}").hug())
        line.addWidget(calm(KeyButton(self.lock_now, "small")))
        top = Surface("top", margin=0)
        fix_size(top, height=52)
        top.column.addLayout(line)
        self._left = left = Surface(title=wording.StaffWindow.LIST, margin=16)
        left.column.addWidget(self.people)
        self._row = row = QHBoxLayout()
        row.addWidget(left, 1)
        row.addWidget(self._pages, 1)
        column = QVBoxLayout(self.contents)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addLayout(row, 1)

    def rescale(self, factor: float) -> None:
        del factor
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        factor = self.factor or 1.0
        gap = round((8 if self.width() < _NARROW * factor else 16) * factor)
        self._row.setContentsMargins(gap, gap, gap, gap)
        self._row.setSpacing(gap)

    @Slot(object)
    def show_bug(self, error: BaseException) -> None:
        words = wording.Session.BUG_ELSEWHERE.format(number=report_bug(error))
        self._turn_back()
        self.person.banner.say(words, tone="stop")

    def unlock(self) -> None:
        super().unlock()
        self.people.setFocus()

    def lock(self) -> None:
        """What was typed or shown to be copied goes with its page."""
        self._turn_back()
        super().lock()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide at once, and say `closed` when nothing runs any more."""
        event.accept()
        if self._closing:
            return
        self._closing = True
        last = self._background.run(lambda: None)
        self._background.close()
        for end in (last.done, last.failed, last.crashed):
            end.connect(self._end)

    @Slot(object)
    def _end(self, _: object) -> None:
        self.closed.emit()

    @property
    def page(self) -> QWidget:
        """What stands beside the list."""
        page = self._pages.currentWidget()
        return self.person if page is self._person_place else page

    def _list(self, chosen: str = "") -> None:
        task = self._background.run(self._desk.known)
        task.done.connect(lambda people: self._show_list(people, chosen))
        task.failed.connect(self.person.banner.show_error)

    def _show_list(self, people: list[KnownStaff], chosen: str) -> None:
        self._count.setText(wording.StaffWindow.COUNT.format(count=len(people)))
        self.invitation.taken = frozenset(person.staff.number for person in people)
        self.people.show_people(people, chosen)

    @Slot()
    def _show_person(self) -> None:
        self.person.show_person(self.people.current, self._desk.staff.number)

    @Slot()
    def _turn_back(self) -> None:
        self._with_second = None
        self._pages.setCurrentWidget(self._person_place)
        self.people.setEnabled(True)
        self._show_person()
        self.people.setFocus()

    def _turn_to(self, page: AccessPage) -> None:
        """Meanwhile nobody else is chosen."""
        self.person.banner.clear()
        self._pages.setCurrentWidget(page)
        page.begin()  # the cursor leaves the list before that takes none any more
        self.people.setEnabled(False)

    @Slot()
    def _turn_to_invitation(self) -> None:
        self._turn_to(self.invitation)
        self.invitation.choose(Role.CLERK)

    @Slot()
    def _change_lock(self) -> None:
        person = self.people.current
        if person is None:
            return
        number, locked = person.staff.number, not person.locked
        self.person.banner.clear()
        self.person.set_busy()
        task = self._background.run(lambda: self._desk.lock(number, locked))
        task.done.connect(lambda _: self._say_locked(number, locked))
        task.failed.connect(self._show_failure)

    def _say_locked(self, number: str, locked: bool) -> None:
        words = wording.StaffWindow.LOCKED if locked else wording.StaffWindow.UNLOCKED
        self.person.banner.say(words.format(number=number), tone="look" if locked else "good")
        self._list(number)

    @Slot(object)
    def _show_failure(self, error: KnownError) -> None:
        self._show_person()
        self.person.banner.show_error(error, retriable=False)

    @Slot()
    def _ask_to_reset(self) -> None:
        person = self.people.current
        if person is not None:
            number = person.staff.number
            self._ask_second(lambda second: self._desk.invite_again(number, second))

    @Slot()
    def _ask_to_remove(self) -> None:
        person = self.people.current
        if person is not None:
            self._turn_to(self.removal)
            self.removal.ask(person.staff.number)

    @Slot(str)
    def _remove(self, number: str) -> None:
        self.removal.set_busy(wording.StaffWindow.REMOVING)
        self.lock_now.setEnabled(False)  # nobody could unlock a hall that is closed
        task = self._background.run(lambda: self._desk.remove(number))
        task.done.connect(lambda _: self.removed.emit(number, None))
        task.failed.connect(lambda error: self.removed.emit(number, error))

    @Slot(str, object)
    def _invite(self, number: str, role: Role) -> None:
        if self._desk.needs_second(role):
            self._ask_second(lambda second: self._desk.invite(number, role, second))
            return
        self.invitation.set_busy(wording.StaffWindow.WORKING)
        task = self._background.run(lambda: self._desk.invite(number, role))
        self._show_code_of(task, self.invitation.show_error)

    def _ask_second(self, call: Callable[[SecondPerson], Invited]) -> None:
        self._turn_to(self.second)
        self._with_second = call

    @Slot(object)
    def _go_on_with_second(self, typed: Typed) -> None:
        call = self._with_second
        if call is None:
            return
        second = SecondPerson(typed.number, typed.password, typed.code)
        self.second.set_busy(wording.StaffWindow.WORKING)
        self._show_code_of(self._background.run(lambda: call(second)), self.second.show_error)

    def _show_code_of(self, task: Task, failed: Callable[[KnownError], None]) -> None:
        task.done.connect(self._show_code)
        task.failed.connect(failed)

    @Slot(object)
    def _show_code(self, invited: Invited) -> None:
        """The code exists only here: a window that was locked meanwhile shows it all the same, when it is opened."""
        self._turn_to(self.code)
        self.code.show_code(invited)
        self._list()
