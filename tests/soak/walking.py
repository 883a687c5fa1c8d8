"""A rehearsal without pictures, in which one customer follows the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from hallclient.cli.rehearse import RehearsedCustomer
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.staff import Role
from hallclient.services.rehearsal_report import StepTimes
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_code, practice_password
from tests.soak.practice import running_counter
from ui.app import App, LocalHall, create_application
from ui.rehearsal import Login, Rehearsal, RehearsalReport
from ui.rehearsal.hands import press


class Walking(Rehearsal):
    """Walks sessions in the windows of one login."""

    def serve(self, scene: str, service_number: str) -> RehearsalReport:
        """One customer, from the start page to the start page."""
        self.report = RehearsalReport(StepTimes(SystemClock()))
        self.do_session(scene, service_number, lambda outcome: outcome not in {None, Outcome.PROVISIONAL})
        clerk = self._clerk
        press(clerk, self._page.primary_action)
        self._until(lambda: clerk.view is None, "the start page")
        return self.report

    def wait(self, seconds: float) -> None:
        """Let the windows live for `seconds`."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def _shoot(self, window: QWidget, name: str) -> None:
        """No pictures: they are no part of the application."""


@contextmanager
def walking_in(folder: Path) -> Iterator[tuple[QApplication, Walking]]:
    """The application with its practice devices and centre in `folder`; a clerk has logged in."""
    application = create_application()
    application.setQuitOnLastWindowClosed(False)
    clerk = PRACTICE_STAFF[Role.CLERK]
    with running_counter(folder) as running:
        clock = SystemClock()
        app = App(LocalHall(running.hall, clock, SystemEntropy(), running.centre_url), running.preparation, clock)
        app.start(full_screen=False)
        customer = RehearsedCustomer(running.counter)
        app.customer_asked.connect(customer.see)
        walking = Walking(app, customer, folder, clock)
        try:
            walking.log_in(Login(clerk, practice_password(clerk), lambda: practice_code(clerk, clock.now())))
            yield application, walking
        finally:
            walking.end()
