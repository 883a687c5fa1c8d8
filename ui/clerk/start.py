"""Where a session begins: the business, the number; and sessions that can be continued."""

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import QRegularExpression, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QRegularExpressionValidator
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from hallclient.domain.failures import KnownError
from hallclient.domain.scene import SCENES, SceneCode
from ui import wording
from ui.clerk.preparing import PreparingLines
from ui.clerk.unfinished import UnfinishedList
from ui.icons import icon
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import KeyButton, action
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_LENGTHS = (11, 13)  # a phone number, an IoT number


class StartPage(QWidget):
    """Scenes by F1 to F4, the number, Enter.

    Signals:
        started(object, str): scene code and service number.
        continued(str): session id.
    """

    started = Signal(object, str)
    continued = Signal(str)

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self.scenes: dict[SceneCode, QAction] = {}
        self._group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setSpacing(12)
        for index, code in enumerate(SCENES):
            one = action(self, wording.SCENES[code], Qt.Key(Qt.Key.Key_F1 + index))
            one.setCheckable(True)
            one.triggered.connect(lambda _=False, chosen=code: self.choose(chosen))
            self.scenes[code] = one
            button = KeyButton(one, "choice")
            button.setIcon(icon(code.value, QSize(28, 28), "accent"))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # F1 to F4 choose; the number keeps the cursor
            button.setIconSize(QSize(28, 28))
            button.setToolTip(wording.SCENE_HINTS[code])
            self._group.addButton(button)
            grid.addWidget(button, index // 2, index % 2)
        self.number = QLineEdit()
        self.number.setPlaceholderText(wording.Start.NUMBER_HINT)
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,13}"), self))
        self.number.setMinimumHeight(48)
        self._hint = Text(wording.Start.NUMBER_WRONG, "small")
        self.start = action(self, wording.Start.START, Qt.Key.Key_Return)
        self.start.triggered.connect(self._start)
        self.start_button = KeyButton(self.start, "first")
        self.start_button.setMinimumHeight(48)
        entry = QHBoxLayout()
        entry.setSpacing(12)
        entry.addWidget(self.number, 1)
        entry.addWidget(self.start_button)
        self.banner = FailureBanner()
        self.preparing = PreparingLines()
        new = Surface(margin=24)
        new.column.setSpacing(12)
        new.column.addWidget(Text(wording.Start.HEADLINE, "headline"))
        new.column.addLayout(grid)
        new.column.addSpacing(8)
        new.column.addWidget(Text(wording.Start.NUMBER, "lead"))
        new.column.addLayout(entry)
        for below in (self._hint, self.banner, self.preparing):
            new.column.addWidget(below)
        new.column.addStretch(1)
        self.unfinished = UnfinishedList(now)
        self.unfinished.continued.connect(self.continued)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(new, 1)
        row.addWidget(self.unfinished)
        self.number.textChanged.connect(self._weigh)
        self.choose(SceneCode.SECOND_VERIFICATION)

    @property
    def scene(self) -> SceneCode:
        return next(code for code, one in self.scenes.items() if one.isChecked())

    def choose(self, chosen: SceneCode) -> None:
        for code, one in self.scenes.items():
            one.setChecked(code is chosen)
        self.number.setFocus()

    def clear(self) -> None:
        """Ready for the next customer."""
        self.banner.clear()
        self.number.clear()
        self._weigh()
        self.number.setFocus()

    def set_busy(self, busy: bool) -> None:
        self.start.setEnabled(not busy)
        self.number.setEnabled(not busy)

    def show_error(self, error: KnownError) -> None:
        self.number.setEnabled(True)
        self._weigh()
        self.banner.show_error(error, retriable=False)

    @Slot()
    def _weigh(self) -> None:
        right = len(self.number.text()) in _LENGTHS
        self.start.setEnabled(right)
        self._hint.say(wording.Start.NUMBER_RIGHT if right else wording.Start.NUMBER_WRONG, "good" if right else "")

    @Slot()
    def _start(self) -> None:
        self.banner.clear()
        self.set_busy(True)
        self.started.emit(self.scene, self.number.text())
