"""Who works here today."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hallclient.domain.failures import KnownError
from hallclient.services.bug_log import report_bug
from ui import wording
from ui.background import Background
from ui.scale import CLERKS_DESIGN, FittedWindow, blank, fix_size, window_factor
from ui.widgets.drawing import Drawing
from ui.widgets.failure_banner import FailureBanner
from ui.widgets.key_button import KeyButton, action
from ui.widgets.scroll import Scroll
from ui.widgets.surface import Surface
from ui.widgets.text import Text

_LOW = 560  # pixels of the design
_USUAL = QSize(640, 680)
_FRAME = QSize(16, 48)  # pixels: what a window manager adds at most


class LoginWindow(FittedWindow):
    """Staff number, password and code. `login` blocks and runs in the background; the password is forgotten at once.

    Signals:
        shown(): it is on the screen for the first time; what takes time may begin.
        opened(object): what `login` returned.
        given_up(object): what `login` returned to a window that was closed meanwhile; it is to be closed again.
        closed(): the window was closed without a login; after the one that still ran.
    """

    design = _USUAL
    shown = Signal()
    opened = Signal(object)
    given_up = Signal(object)
    closed = Signal()

    def __init__(self, login: Callable[[str, str, str], Any]) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle(wording.PRODUCT)
        self._login = login
        self._painted = False
        self._background = Background("login", self)
        self._background.bug.connect(self._show_bug)
        self.number, self.password, self.code = QLineEdit(), QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._status = Text(wording.Login.HINT, "soft")
        self.enter = action(self, wording.Login.ENTER, Qt.Key.Key_Return)
        self.enter.triggered.connect(self._try)
        self.number.returnPressed.connect(self._go_to_password)  # while there is no password, Enter is not the way on
        self.password.returnPressed.connect(self._go_to_code)
        self._practice_logins: Callable[[], str] = str
        self._practice_second = QTimer(self)
        self._practice_second.setInterval(1000)
        self._practice_second.timeout.connect(self._say_practice)
        self.button = KeyButton(self.enter, "first")
        self.banner = FailureBanner()
        self._practice = Text("", "soft", wrap=True)
        self._lay_out()
        self._validate()
        self.number.setFocus()

    def _lay_out(self) -> None:
        self._card = card = Surface(margin=32)
        fix_size(card, width=440)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(Drawing(QSize(48, 48), "hall"))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(wording.PRODUCT, "headline"))
        words.addWidget(self._status)
        head.addLayout(words, 1)
        card.column.addLayout(head)
        card.column.addWidget(blank(16))
        for line in (
            ((wording.Login.NUMBER, self.number, 1),),
            ((wording.Login.PASSWORD, self.password, 2), (wording.Login.CODE, self.code, 1)),  # as low as two fields
        ):
            fields = QHBoxLayout()
            fields.setSpacing(8)
            for caption, field, share in line:
                captioned = QVBoxLayout()
                captioned.addWidget(Text(caption, "soft"))
                captioned.addWidget(field)
                fields.addLayout(captioned, share)
                field.setAccessibleName(caption)
                field.textChanged.connect(self._validate)
            card.column.addLayout(fields)
            card.column.addWidget(blank(4))
        card.column.addWidget(blank(12))
        card.column.addWidget(self.button)
        card.column.addWidget(blank(8))
        card.column.addWidget(self.banner)
        fix_size(self._practice, width=440)
        self._practice.setVisible(False)
        self._practice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        paper = QWidget()
        inner = QVBoxLayout(paper)
        inner.addStretch(1)
        for part in (card, self._practice):
            row = QHBoxLayout()  # not its alignment: so it is as high as its words need in its width
            row.addStretch(1)
            row.addWidget(part)
            row.addStretch(1)
            inner.addLayout(row)
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._place = Scroll(paper)
        self._place.verticalScrollBar().rangeChanged.connect(self._keep_banner_in_sight)
        column.addWidget(self._place)

    def show_error(self, error: KnownError) -> None:
        self._end_try()
        self.banner.show_error(error, retriable=False)

    def show_practice(self, logins: Callable[[], str]) -> None:
        """Say with which numbers, passwords and codes of now one can log in at a practice hall."""
        self._practice_logins = logins
        self._say_practice()
        self._practice.setVisible(True)
        self._practice_second.start()

    @Slot()
    def _say_practice(self) -> None:
        text = f"{wording.Practice.LOGINS}\n{self._practice_logins()}"
        if text != self._practice.text():  # somebody may be marking a part of it
            self._practice.setText(text)

    def sizeHint(self) -> QSize:
        return _USUAL

    def present(self) -> None:
        """Show it in its usual size, which Qt would cut to a part of the screen; a small screen is used whole."""
        there = self.screen().availableSize()
        usual = _USUAL * window_factor(there, CLERKS_DESIGN, 1.0)  # as large as the windows that come after it
        needed = usual + _FRAME
        if needed.width() > there.width() or needed.height() > there.height():
            self.showMaximized()
        else:
            self.resize(usual)
            self.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a very low window no room is kept for a failure that is not there: the way on stays in sight."""
        super().resizeEvent(event)
        self._arrange()

    def rescale(self, factor: float) -> None:
        del factor
        self._arrange()

    def _arrange(self) -> None:
        factor = self.factor or 1.0
        low = self.height() < _LOW * factor
        margin = round((12 if low else 32) * factor)
        self._card.column.setContentsMargins(margin, margin, margin, margin)
        self.banner.keep_place(not low)

    @Slot()
    def _keep_banner_in_sight(self) -> None:
        """What went wrong is read without scrolling, once it has its place."""
        if self.banner.isVisible():
            self._place.ensureWidgetVisible(self.banner)

    def refuse_role(self) -> None:
        """The person may log in, but has no window here."""
        self._end_try()
        self.banner.say(wording.Login.NO_WINDOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.shown.emit)  # once the picture has left for the screen

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self._background.close()
        if self._background.idle():
            self.closed.emit()

    @Slot()
    def _go_to_password(self) -> None:
        """Not from an empty field: the number that is typed next would go unseen into the password."""
        if self.number.text().strip():
            self.password.setFocus()

    @Slot()
    def _go_to_code(self) -> None:
        if self.password.text() and not self.code.text():
            self.code.setFocus()

    @Slot()
    def _validate(self) -> None:
        self.enter.setEnabled(bool(self.number.text() and self.password.text() and self.code.text().strip()))

    @Slot()
    def _try(self) -> None:
        number, password, code = self.number.text().strip(), self.password.text(), self.code.text().strip()
        self.banner.clear()
        self._status.say(wording.Login.WORKING, "accent")
        for widget in (self.number, self.password, self.code):
            widget.setEnabled(False)
        self.enter.setEnabled(False)
        task = self._background.run(lambda: self._login(number, password, code))
        task.done.connect(self._hand_over)
        task.failed.connect(self.show_error)
        for end in (task.failed, task.crashed):
            end.connect(self._end_late)

    @Slot(object)
    def _hand_over(self, services: object) -> None:
        (self.opened if self.isVisible() else self.given_up).emit(services)

    @Slot(object)
    def _end_late(self, _: object) -> None:
        """The login that ran when the window was closed has failed: nothing is open."""
        if not self.isVisible():
            self.closed.emit()

    @Slot(object)
    def _show_bug(self, error: BaseException) -> None:
        self._end_try()
        self.banner.say(wording.Session.BUG_ELSEWHERE.format(number=report_bug(error)), tone="stop")

    def _end_try(self) -> None:
        self._status.say(wording.Login.HINT)
        for widget in (self.number, self.password, self.code):
            widget.setEnabled(True)
        for secret in (self.password, self.code):
            secret.setText("")  # not `clear`, which can be undone
        self.password.setFocus()
