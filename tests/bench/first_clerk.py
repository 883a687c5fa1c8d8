"""The application with a clerk at it who logs in as soon as the window is there, and leaves when all is ready."""

import time
from typing import ClassVar

from hallclient.devices import Clock, ReaderState, ReaderStatus
from hallclient.domain.staff import Role
from hallclient.services.preparation import Preparation, Readiness
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_code, practice_password
from ui.app import App, Hall


class FirstClerk(App):
    """Notes in `times`: window, login (the clerk's windows are shown), devices; and window by the wall's clock."""

    times: ClassVar[dict[str, float]] = {}

    def __init__(self, hall: Hall, preparation: Preparation, clock: Clock) -> None:
        super().__init__(hall, preparation, clock)
        self.login.shown.connect(self._log_in)
        self.ready.connect(self._logged_in)
        self._all_ready = self._reader_ready = False

    def _log_in(self) -> None:
        self.times["window"], self.times["window_wall"] = time.monotonic(), time.time()
        number = PRACTICE_STAFF[Role.CLERK]
        self.login.number.setText(number)
        self.login.password.setText(practice_password(number))
        self.login.code.setText(practice_code(number, self._clock.now()))
        self.login.enter.trigger()

    def _logged_in(self) -> None:
        self.times["login"] = time.monotonic()
        assert self.clerk is not None
        self.clerk._preparation_news.arrived.connect(self._see_readiness)
        self.clerk._reader_news.arrived.connect(self._see_reader)

    def _see_readiness(self, readiness: Readiness) -> None:
        self._all_ready = not readiness.missing
        if readiness.failures:
            raise RuntimeError([error for _, error in readiness.failures])
        self._leave_when_ready()

    def _see_reader(self, status: ReaderStatus) -> None:
        self._reader_ready = status.state is ReaderState.READY
        self._leave_when_ready()

    def _leave_when_ready(self) -> None:
        if self.clerk and self._all_ready and self._reader_ready and "devices" not in self.times:
            self.times["devices"] = time.monotonic()
            self.clerk.close()
