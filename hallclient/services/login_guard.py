"""Makes whoever tries out passwords wait, also across restarts of the program."""

import hmac
import math
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from hallclient.devices import Clock
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.login_delay import login_delay_s, remaining_delay_s
from hallclient.storage import login_tries
from hallclient.storage.login_tries import NOBODY, LoginTries


class LoginGuard:
    """The tries at one hall's logins in this process and, as far as it is known, before it."""

    _guards: ClassVar["dict[Path, LoginGuard]"] = {}
    _guards_lock = threading.Lock()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        # By a digest under a key of this object: what was typed for a number may be a password.
        self._digest_key = secrets.token_bytes(32)
        self._free_at_s: dict[bytes, float] = {}  # monotonic: a wall clock that somebody moves shortens nothing
        self._wrong: dict[bytes, int] = {}

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

        Raises login_locked with the seconds to wait, disk_full, store_read_only, store_busy.
        """
        who = self._digest(number)
        with self._held():
            now_s = clock.now().timestamp()
            tries = login_tries.read(self._folder)
            noted = tries.get(number if known else NOBODY, LoginTries())
            noted_wrong = noted.wrong if known else 0
            wrong = max(self._wrong.get(who, 0), noted_wrong)
            if who in self._free_at_s:
                wait_s = self._free_at_s[who] - clock.monotonic()
            else:
                wait_s = remaining_delay_s(noted_wrong, now_s - noted.at_s)
                self._free_at_s[who] = clock.monotonic() + wait_s
            if wait_s > 0:
                raise KnownError(FailureCode.LOGIN_LOCKED, f"{math.ceil(wait_s)} s", wait_s=math.ceil(wait_s))
            update: dict[str, float] = {"wrong": wrong + 1, "at_s": now_s, "untold": noted.untold + 1}
            if not known:
                update = {"at_s": now_s, "untold": noted.untold + 1}
            self._write(tries | {number if known else NOBODY: noted.model_copy(update=update)})
            self._wrong[who] = wrong + 1
            self._free_at_s[who] = clock.monotonic() + login_delay_s(wrong + 1)

    def succeed(self, number: str, step: int | None) -> None:
        """Password and code were right: nothing is held against this number any more.

        `step` is the code's, which is used up; None where codes may be used again.

        Raises code_used, for the code of an earlier step too, disk_full, store_read_only, store_busy.
        """
        who = self._digest(number)
        with self._held():
            tries = login_tries.read(self._folder)
            noted = tries.get(number, LoginTries())
            used = step is not None and step <= noted.used_step
            self._wrong.pop(who, None)
            self._free_at_s.pop(who, None)
            latest = noted.used_step if step is None else max(step, noted.used_step)
            self._write(tries | {number: LoginTries(untold=max(0, noted.untold - 1), used_step=latest)})
        if used:
            raise KnownError(FailureCode.CODE_USED)

    def untold(self) -> dict[str, LoginTries]:
        """Who tried wrongly since the last login that was noted, by staff number. Raises store_read_only."""
        with self._held():
            return {number: tries for number, tries in login_tries.read(self._folder).items() if tries.untold}

    def told(self, events: dict[str, LoginTries]) -> None:
        """What `untold` said is in the audit log now. Raises disk_full, store_read_only, store_busy."""
        with self._held():
            tries = login_tries.read(self._folder)
            for number, event in events.items():
                noted = tries.get(number, LoginTries())
                left = max(0, noted.untold - event.untold)
                tries[number] = noted.model_copy(update={"untold": left})
            self._write(tries)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Alone in this process, and among all that use the folder: what is read inside is still so when it is written.

        Raises store_busy.
        """
        with self._lock, login_tries.changing(self._folder):
            yield

    def _digest(self, number: str) -> bytes:
        return hmac.digest(self._digest_key, number.encode(errors="surrogatepass"), "sha256")

    def _write(self, tries: dict[str, LoginTries]) -> None:
        login_tries.write(self._folder, {number: one for number, one in tries.items() if one != LoginTries()})
