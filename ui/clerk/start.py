"""Where a session begins: the business, the number; and sessions that can be continued."""

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from hallclient.domain.failures import KnownError
from hallclient.domain.rule_pack import PackScene
from hallclient.domain.service_number import FIRST, is_service_number
from ui import wording
from ui.clerk.preparing import PreparingLines
from ui.clerk.unfinished import UnfinishedList
from ui.icons import icon
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import KeyButton, action
from ui.widgets.number_field import NumberField
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_ICON = QSize(28, 28)
# The page at the design's scale, in pixels.
_NARROW, _SMALL, _LOW = 1100, 760, 480


class StartPage(QWidget):
    """Scenes by F1 to F4, the number, Enter.

    Signals:
        started(object, str): scene code and service number.
        continued(str): session id.
        given_up(str, object): session id, and for which AbandonReason.
        retried(): what failed is wanted again.
    """

    started = Signal(object, str)
    continued = Signal(str)
    given_up = Signal(str, object)
    retried = Signal()

    def __init__(self, scenes: tuple[PackScene, ...], now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self._offered = scenes
        self._busy = False
        self._factor = 1.0
        self.scenes: dict[str, QAction] = {}
        self._group = QButtonGroup(self)
        self._buttons: dict[str, KeyButton] = {}
        self.number = NumberField()
        self.number.setProperty("kind", "number")
        self.number.setPlaceholderText(wording.Start.NUMBER_HINT)
        self.number.setAccessibleName(wording.Start.NUMBER)
        self._hint = Text("", "soft", wrap=True)
        self.start = action(self, wording.Start.START, Qt.Key.Key_Return)
        self.start.triggered.connect(self._start)
        self.start_button = KeyButton(self.start, "first")
        self.banner = FailureBanner()
        self.banner.retry.connect(self._retry)
        self.preparing = PreparingLines()
        self.one_screen = Text(wording.OneScreen.NONE, "soft", wrap=True)
        self.one_screen.setVisible(False)
        self.unfinished = UnfinishedList(now)
        self.unfinished.continued.connect(self.continued)
        self.unfinished.given_up.connect(self.given_up)
        self._new = Surface(margin=24)
        self._fill()
        self._draw_icons()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._new, 1)
        self._row.addWidget(self.unfinished)
        self.number.textChanged.connect(self._validate)
        self._validate()
        self.choose(next((scene.code for scene in self._offered if scene.usual), self._offered[0].code))

    def _fill(self) -> None:
        """The scenes may scroll in a very small window; the number and the way on are always there."""
        scenes = QWidget()
        grid = QGridLayout(scenes)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        for index, scene in enumerate(self._offered):
            grid.addWidget(self._scene_button(scene, index), index // 2, index % 2)
        places = Scroll(scenes, wanted=True)
        places.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        entry = QHBoxLayout()
        entry.setSpacing(12)
        entry.addWidget(self.number, 1)
        entry.addWidget(self.start_button)
        column = self._new.column
        column.setSpacing(12)
        self._captions = (Text(wording.Start.HEADLINE, "headline"), Text(wording.Start.NUMBER, "lead"))
        column.addWidget(self._captions[0])
        column.addWidget(places)  # no stretch: with one its least would be what it gets, and not what it wants
        column.addWidget(self._captions[1])
        column.addLayout(entry)
        column.addWidget(self._hint)
        column.addWidget(self.banner)
        column.addWidget(self.preparing)
        column.addStretch(1)
        column.addWidget(self.one_screen)

    def _scene_button(self, scene: PackScene, index: int) -> KeyButton:
        one = action(self, scene.words.name, Qt.Key(Qt.Key.Key_F1 + index))
        one.setCheckable(True)
        one.triggered.connect(lambda _=False, chosen=scene.code: self.choose(chosen))
        self.scenes[scene.code] = one
        button = KeyButton(one, "choice")
        button.setIconSize(_ICON)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # F1 to F4 choose; the number keeps the cursor
        button.setToolTip(scene.words.hint)
        self._group.addButton(button)
        self._buttons[scene.code] = button
        return button

    @property
    def scene(self) -> str:
        return next(code for code, one in self.scenes.items() if one.isChecked())

    def choose(self, chosen: str) -> None:
        for code, one in self.scenes.items():
            one.setChecked(code == chosen)
        self.number.setFocus()

    def clear(self) -> None:
        """Ready for the next customer."""
        self.banner.clear()
        self.number.setText("")  # not `clear`, which the next customer could undo
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """While a session is being opened nothing can be typed; after it the cursor is back in the number."""
        self._busy = busy
        self.number.setEnabled(not busy)
        self.unfinished.setEnabled(not busy)
        self._validate()
        if not busy:
            self.number.setFocus()

    def show_error(self, error: KnownError) -> None:
        self.set_busy(False)
        self.banner.show_error(error)

    def show_customers_screen(self, there: bool) -> None:
        """Say so where the customer has no screen of their own."""
        self.one_screen.setVisible(not there)

    def rescale(self, factor: float) -> None:
        self._factor = factor
        for button in self._group.buttons():
            button.setIconSize(_ICON * factor)
        self._draw_icons()
        self._arrange()

    def _draw_icons(self) -> None:
        for scene in self._offered:
            button = self._buttons[scene.code]
            button.setIcon(icon(scene.icon, button.iconSize(), "accent", button.devicePixelRatio()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        narrow, small = self.width() < _NARROW * self._factor, self.width() < _SMALL * self._factor
        low = self.height() < _LOW * self._factor
        gap = round((8 if narrow else 16) * self._factor)
        inner = round((10 if low else 24) * self._factor)
        self._new.column.setContentsMargins(inner, inner, inner, inner)
        self._new.column.setSpacing(round((4 if low else 12) * self._factor))
        for caption in self._captions:
            caption.setVisible(not low)
        self.unfinished.column.setContentsMargins(inner, inner, inner, inner)
        self.banner.keep_place(not low)
        self._row.setContentsMargins(gap, gap, gap, gap)
        self._row.setSpacing(gap)
        self.unfinished.setFixedWidth(round((240 if small else 320 if narrow else 380) * self._factor))

    @Slot()
    def _validate(self) -> None:
        number = self.number.digits
        right = is_service_number(number)
        self.start.setEnabled(right and not self._busy)
        if right:
            self._hint.say(wording.Start.NUMBER_RIGHT, "good")
        elif not number:
            self._hint.say(wording.Start.NUMBER_NONE)
        elif not number.startswith(FIRST):
            self._hint.say(wording.Start.NUMBER_WRONG, "look")
        else:
            self._hint.say(wording.Start.NUMBER_SHORT.format(count=len(number)))

    @Slot()
    def _start(self) -> None:
        self.banner.clear()
        self.set_busy(True)
        self.started.emit(self.scene, self.number.digits)

    @Slot()
    def _retry(self) -> None:
        self.banner.clear()
        self.retried.emit()
