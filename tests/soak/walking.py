"""A rehearsal without pictures, in which one customer follows the other."""

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from hallclient.domain.evidence import Outcome
from hallclient.domain.scene import SceneCode
from hallclient.services.rehearsal_report import StepTimes
from hallclient.system import SystemClock
from ui.rehearsal import Rehearsal, RehearsalReport, _press


class Walking(Rehearsal):
    """Walks sessions in the windows of one login."""

    def serve(self, scene: SceneCode, service_number: str) -> RehearsalReport:
        """One customer, from the start page to the start page."""
        self.report = RehearsalReport(StepTimes(SystemClock()))
        self.do_session(scene, service_number, lambda outcome: outcome not in {None, Outcome.PROVISIONAL})
        clerk = self._clerk
        _press(clerk, self._page.way_on)
        self._until(lambda: clerk.view is None, "the start page")
        return self.report

    def wait(self, seconds: float) -> None:
        """Let the windows live for `seconds`."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def _shoot(self, window: QWidget, name: str) -> None:
        """No pictures: they are no part of the application."""
