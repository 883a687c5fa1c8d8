"""A failure where the eye is: the remedy first, then the cause and its code."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hallclient.domain.failures import KnownError
from ui import wording
from ui.scale import fix_size
from ui.widgets.key_button import KeyButton, action
from ui.widgets.text import Text, restyle

_TICK_MS = 500  # no second is skipped
_HEIGHT = 68  # of two lines and the button


class FailureBanner(QFrame):
    """Keeps its place while it is empty, so that nothing jumps when a failure comes or goes.

    Attributes:
        error: the failure that can be read here now; None for other words, or none.
        way_out: the button that `offer` gave it.

    Signals:
        retry(): the person wants to try again.
    """

    retry = Signal()

    def __init__(self, parent: QWidget | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._monotonic = monotonic
        self._over_at_s = 0.0  # when another try makes sense
        self._second = QTimer(self, interval=_TICK_MS)
        self._second.timeout.connect(self._count_down)
        self.error: KnownError | None = None
        self.remedy = Text("", "strong", wrap=True)
        self.cause = Text("", "small", wrap=True)
        self.again = action(self, wording.Session.RETRY, Qt.Key.Key_F5)
        self.again.triggered.connect(self.retry)
        self.button = KeyButton(self.again)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.remedy)
        words.addWidget(self.cause)
        self.way_out: KeyButton | None = None
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(self.button)
        fix_size(self, least_height=_HEIGHT)
        self.setAccessibleName(wording.Banner.NAME)
        self.keep_place(True)
        self.hide()

    def keep_place(self, keeps: bool) -> None:
        """Whether its room stays empty while there is nothing to say."""
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(keeps)
        self.setSizePolicy(policy)

    def show_error(self, error: KnownError, *, retriable: bool = True) -> None:
        """Show what `error` means, and its number in the log. Its detail, for the operator's IT, stays in the tip."""
        failure = error.failure
        cause = wording.Banner.DETAIL.format(cause=failure.cause, code=wording.coded(error.code, error.number))
        self.say(failure.remedy, cause, "stop", retriable)
        self.setToolTip(error.detail)
        self.error = error
        if error.wait_s is not None:
            self._over_at_s = self._monotonic() + error.wait_s
            self._second.start()

    @Slot()
    def _count_down(self) -> None:
        """What is still to be waited is true at each moment that it can be read."""
        left_s = math.ceil(self._over_at_s - self._monotonic())
        if self.error is None or left_s <= 0:
            self._second.stop()
            if self.error is not None:
                self.remedy.setText(wording.Banner.WAIT_OVER)
                restyle(self, "banner", "look")
            return
        self.remedy.setText(KnownError(self.error.code, wait_s=left_s).failure.remedy)

    def say(self, first: str, second: str = "", tone: str = "look", retriable: bool = False) -> None:
        """Show words that are no failure code: something to look at."""
        self.remedy.setText(first)
        self.cause.setText(second)
        self.cause.setVisible(bool(second))
        self.button.setVisible(retriable)
        self.again.setEnabled(retriable)
        self.setToolTip("")
        self._second.stop()
        self.error = None
        restyle(self, "banner", tone)
        self.show()

    def offer(self, way_out: QAction | None) -> None:
        """Let what the words name be done here: by this button, and by its key."""
        if self.way_out is not None:
            self.way_out.hide()  # at once: a hidden button's key is dead
            self.way_out.deleteLater()
        self.way_out = KeyButton(way_out) if way_out is not None else None
        if self.way_out is not None:
            self.way_out.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._row.addWidget(self.way_out)
            self.way_out.show()

    def clear(self) -> None:
        self._second.stop()
        self.error = None
        self.offer(None)
        self.hide()
