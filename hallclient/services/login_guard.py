"""Makes whoever tries out passwords wait, also across restarts of the program."""

import math
import threading
from pathlib import Path
from typing import ClassVar

from hallclient.devices import Clock
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.login_delay import login_delay_s, remaining_delay_s
from hallclient.storage import login_tries
from hallclient.storage.login_tries import LoginTries


class LoginGuard:
    """The tries at one hall's logins in this process and, as far as it is known, before it."""

    _guards: ClassVar["dict[Path, LoginGuard]"] = {}
    _guards_lock = threading.Lock()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._free_at_s: dict[str, float] = {}  # monotonic: a wall clock that somebody moves shortens nothing
        self._wrong: dict[str, int] = {}

    @classmethod
    def of(cls, folder: Path) -> "LoginGuard":
        """The guard of `folder`, one in this process."""
        with cls._guards_lock:
            return cls._guards.setdefault(folder.resolve(), cls(folder))

    def begin(self, number: str, known: bool, clock: Clock) -> None:
        """Count a try before it is made, as wrong until `succeed`: a crash in the middle is a try, too.

        Args:
            known: whether the hall has this staff number; only then it is written down. What somebody typed into the
                wrong field may be a password.

        Raises login_locked with the seconds to wait, disk_full, store_read_only.
        """
        with self._lock:
            now_s = clock.now().timestamp()
            tries = login_tries.read(self._folder) if known else {}
            noted = tries.get(number)
            wrong = max(self._wrong.get(number, 0), noted.wrong if noted else 0)
            if number in self._free_at_s:
                wait_s = self._free_at_s[number] - clock.monotonic()
            else:
                wait_s = remaining_delay_s(noted.wrong, now_s - noted.at_s) if noted else 0.0
                self._free_at_s[number] = clock.monotonic() + wait_s
            if wait_s > 0:
                raise KnownError(FailureCode.LOGIN_LOCKED, f"{math.ceil(wait_s)} s", wait_s=math.ceil(wait_s))
            if known:
                login_tries.write(self._folder, tries | {number: LoginTries(wrong=wrong + 1, at_s=now_s)})
            self._wrong[number] = wrong + 1
            self._free_at_s[number] = clock.monotonic() + login_delay_s(wrong + 1)

    def succeed(self, number: str) -> None:
        """The password was right: nothing is held against this number any more."""
        with self._lock:
            self._wrong.pop(number, None)
            self._free_at_s.pop(number, None)
            tries = login_tries.read(self._folder)
            if tries.pop(number, None) is not None:
                login_tries.write(self._folder, tries)
