"""Who has a login in this hall: number, role, and what keeps them from logging in."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from hallclient.services.staff import KnownStaff
from ui import wording
from ui.scale import fix_size, rescale
from ui.widgets.pill import Pill
from ui.widgets.text import Text

_NUMBER = Qt.ItemDataRole.UserRole
_ROW, _COLUMN = 48, 96  # pixels of the design


def state_of(person: KnownStaff) -> tuple[str, str]:
    """In words, and its tone."""
    usable, locked, pending = wording.StaffWindow.STATES
    if person.locked:
        return locked, "stop"
    return (pending, "look") if person.pending else (usable, "good")


class StaffList(QListWidget):
    """Signals:
    chosen(): another person is the current one, or the same in another state.
    """

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._people: dict[str, KnownStaff] = {}
        self._factor = 1.0
        self.setAccessibleName(wording.StaffWindow.LIST)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._tell)

    @property
    def current(self) -> KnownStaff | None:
        item = self.currentItem()
        return self._people.get(str(item.data(_NUMBER))) if item else None

    def person(self, number: str) -> KnownStaff | None:
        return self._people.get(number)

    def rescale(self, factor: float) -> None:
        self._factor = factor
        for row in range(self.count()):
            self.item(row).setSizeHint(self._row_size)

    @property
    def _row_size(self) -> QSize:
        return QSize(0, round(_ROW * self._factor))

    def show_people(self, people: list[KnownStaff], chosen: str = "") -> None:
        """The person who was the current one stays it; `chosen`: who is to be it now."""
        before = chosen or (self.current.staff.number if self.current else "")
        self.blockSignals(True)
        self.clear()
        self._people = {person.staff.number: person for person in people}
        for person in people:
            line = QListWidgetItem()
            words = wording.StaffWindow.ROW.format(number=person.staff.number, role=wording.ROLES[person.staff.role])
            line.setData(_NUMBER, person.staff.number)
            line.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words} {state_of(person)[0]}")
            line.setSizeHint(self._row_size)
            self.addItem(line)
            row = _row(person)
            rescale(row, self._factor)
            self.setItemWidget(line, row)
            if person.staff.number == before:
                self.setCurrentItem(line)
        if self.currentItem() is None and self.count():
            self.setCurrentRow(0)
        self.blockSignals(False)
        self.chosen.emit()

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit()


def _row(person: KnownStaff) -> QWidget:
    box = QWidget()
    line = QHBoxLayout(box)
    line.setContentsMargins(12, 0, 12, 0)
    line.setSpacing(16)
    for words, kind in ((person.staff.number, "strong"), (wording.ROLES[person.staff.role], "body")):
        text = Text(words, kind).hug()
        fix_size(text, width=_COLUMN)  # so that they line up
        line.addWidget(text)
    line.addStretch(1)
    line.addWidget(Pill(*state_of(person)))
    return box
