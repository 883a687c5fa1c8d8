"""A window that can be locked: then a page stands in the place of all that it shows."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedLayout, QWidget

from ui import wording
from ui.access.lock_page import LockPage
from ui.scale import FittedWindow
from ui.steps.page import Confirmation
from ui.widgets.key_button import action


class LockableWindow(FittedWindow):
    """Contents that are hidden take no key; what runs behind them goes on.

    Attributes:
        contents: the window's own parts are laid out in it.
        lock_now: the person locks it by hand; belongs to the contents, so that it is dead while those are hidden.

    Signals:
        touched(): somebody did something here that is neither a key nor a pointer, such as a card put down.
    """

    touched = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.contents, self.lock_page = QWidget(), LockPage()
        self.lock_now: QAction = action(self.contents, wording.Lock.BUTTON, Qt.Key.Key_F11)
        self.lock_now.setEnabled(False)  # until there is a lock
        self.contents.addAction(self.lock_now)
        self._places = QStackedLayout(self)
        self._places.addWidget(self.contents)
        self._places.addWidget(self.lock_page)

    @property
    def locked(self) -> bool:
        return self._places.currentWidget() is self.lock_page

    @property
    def customer_at_work(self) -> bool:
        """A customer reads, signs or is before the camera: nobody shall lock them out of it."""
        return False

    def lock(self) -> None:
        """Cover everything."""
        self.lock_page.begin()
        self._places.setCurrentWidget(self.lock_page)

    def unlock(self) -> None:
        """Everything is as it was."""
        self.lock_page.end_busy()
        self.lock_page.banner.clear()
        self._places.setCurrentWidget(self.contents)

    def may_lock(self) -> bool:
        """Whether it can be covered now; else it says why not."""
        return True

    def at_stake(self) -> Confirmation | None:
        """What closing the window now would destroy."""
        return None

    def ask_on_lock_page(self, then: Callable[[], None]) -> bool:
        """Whether `then` would destroy something: then it is asked on the lock page, and follows on yes."""
        stake = self.at_stake()
        if stake is None:
            return False
        words = wording.Lock.STAKE.format(headline=stake.headline, status=stake.status)
        self.lock_page.ask_first(words, stake.yes, then)
        return True
