"""Locks the windows of a login, and opens them for its person alone."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from hallclient.domain.failures import KnownError
from hallclient.services.bug_log import report_bug
from hallclient.services.idle_lock import IdleLock
from ui import wording
from ui.access.idle_watch import IdleWatch
from ui.access.lockable import LockableWindow
from ui.background import Background, Task
from ui.customer.window import CustomerWindow


class WindowLock(QObject):
    """Session and devices know nothing of it. A customer who is at work goes on; their screen waits after that, and
    also where it was left amid it.

    Signals:
        changed(): the person who takes over has been let in to the login; nothing of this one is at stake.
    """

    changed = Signal()

    def __init__(
        self,
        lock: IdleLock,
        window: LockableWindow,
        customer: CustomerWindow | None,
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(window)
        self._lock, self._window, self._customer = lock, window, customer
        self._background = Background("lock")  # outlives the windows: what runs on it ends in peace
        self._background.bug.connect(self._show_bug)
        self._abandoned = False  # nobody is at the windows: there is no customer at work, whatever page they are on
        at_work = lock.at_work_after_s
        self.watch = IdleWatch(lock.after_s, at_work, monotonic, lambda: window.customer_at_work, self)
        self.watch.idle.connect(self._lock_abandoned)
        window.lock_page.show_who(lock.staff)
        window.lock_now.setEnabled(True)
        for news, told in (
            (window.lock_now.triggered, self.lock),
            (window.touched, self.watch.touch),
            (window.lock_page.unlock_asked, self._unlock),
            (window.lock_page.change_asked, self._change),
        ):
            news.connect(told)
        if customer is not None:
            customer.changed.connect(self._cover_customer)
        self.watch.start()

    def show_practice(self, logins: Callable[[], str]) -> None:
        """See `AccessPage.show_practice`."""
        self._window.lock_page.show_practice(logins)

    def close(self) -> Task:
        """The windows go; what still looks into the hall is done when the task is."""
        self.watch.stop()
        last = self._background.run(lambda: None)
        self._background.close()
        return last

    @Slot()
    def lock(self) -> None:
        """By hand. Whether anybody is there is watched on: for the customer."""
        if self._window.locked or not self._window.lock_now.isEnabled() or not self._window.may_lock():
            self.watch.start()
            return
        self._cover_all()

    @Slot()
    def _lock_abandoned(self) -> None:
        if self._window.locked:
            self._abandoned = True
            self._cover_customer()
        elif self._window.lock_now.isEnabled():
            self._abandoned = True
            self._cover_all()
        else:
            self.watch.start()

    def _cover_all(self) -> None:
        self._window.lock()
        self._cover_customer()
        self._background.run(self._lock.note)

    @Slot()
    def _cover_customer(self) -> None:
        if self._customer is not None:
            self._customer.cover(self._window.locked and (self._abandoned or not self._customer.at_work))

    @Slot(str, str)
    def _unlock(self, password: str, code: str) -> None:
        self._window.lock_page.set_busy(wording.Login.WORKING)
        task = self._background.run(lambda: self._lock.unlock(password, code))
        task.done.connect(self._open)
        task.failed.connect(self._show_failure)

    @Slot(object)
    def _open(self, _: object) -> None:
        self._abandoned = False
        self._window.unlock()
        self._cover_customer()
        self.watch.start()

    @Slot(object)
    def _show_failure(self, error: KnownError) -> None:
        self._window.lock_page.show_error(error)

    @Slot(object)
    def _show_bug(self, error: BaseException) -> None:
        page = self._window.lock_page
        page.end_busy()
        page.forget()
        page.banner.say(wording.Session.BUG_ELSEWHERE.format(number=report_bug(error)), tone="stop")

    @Slot()
    def _change(self) -> None:
        if not self._window.ask_on_lock_page(self.changed.emit):
            self.changed.emit()
