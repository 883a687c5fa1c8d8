"""A counter that dies at one of its points: before a file has its name or after, at a commit, at a deletion, at a
request to the centre. In this process: what dies is one thread's work, see `Mortality`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hallclient.storage.database import Database


class DeathError(BaseException):
    """What nobody foresaw and nobody may catch: the process is gone."""


class Mortality:
    """Counts the points that this thread passes while `armed`, and raises `DeathError` at one of them.

    Other threads, such as those of the centre, live on. Who is dead does nothing any more: whatever clears up on the
    way out meets `DeathError` again, and changes nothing on the disk.

    Attributes:
        passed: what each point was, in their order.
        dead: it died.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed: list[str] = []
        self.dead = False
        self._dies_at: int | None = None
        self._thread = threading.get_ident()
        self._patch_files(monkeypatch)
        self._patch_database(monkeypatch)
        self._patch_requests(monkeypatch)

    @contextmanager
    def armed(self, dies_at: int) -> Iterator[None]:
        """Inside, the `dies_at`-th point is the last one; that it was is swallowed here."""
        self.passed, self.dead, self._dies_at = [], False, dies_at
        try:
            yield
        except DeathError:
            assert self.dead
        finally:
            self._dies_at = None

    def _point(self, what: str) -> None:
        if self._dies_at is None or threading.get_ident() != self._thread:
            return
        if self.dead:
            raise DeathError
        self.passed.append(what)
        if len(self.passed) == self._dies_at:
            self.dead = True
            raise DeathError

    def _patch_files(self, monkeypatch: pytest.MonkeyPatch) -> None:
        replace, unlink, mkdir, rmdir, opened = Path.replace, Path.unlink, Path.mkdir, Path.rmdir, Path.open

        def mortal_replace(path: Path, target: Path) -> Path:
            self._point("before a file has its name")
            named = replace(path, target)
            self._point("after a file has its name")
            return named

        def mortal_unlink(path: Path, missing_ok: bool = False) -> None:
            if path.exists():
                self._point("before a file is deleted")
            unlink(path, missing_ok=missing_ok)

        def mortal_mkdir(path: Path, *given: Any, **named: Any) -> None:
            self._point("before a folder is made")
            mkdir(path, *given, **named)

        def mortal_rmdir(path: Path) -> None:
            self._point("before a folder is deleted")
            rmdir(path)

        def mortal_open(path: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
            if set(mode) & set("wxa"):
                self._point("before a file is begun")
            return opened(path, mode, *given, **named)

        monkeypatch.setattr(Path, "replace", mortal_replace)
        monkeypatch.setattr(Path, "unlink", mortal_unlink)
        monkeypatch.setattr(Path, "mkdir", mortal_mkdir)
        monkeypatch.setattr(Path, "rmdir", mortal_rmdir)
        monkeypatch.setattr(Path, "open", mortal_open)

    def _patch_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        transaction, forget_old_pages = Database.transaction, Database.forget_old_pages

        @contextmanager
        def mortal_transaction(database: Database, busy_timeout_s: float | None = None) -> Iterator[Any]:
            with transaction(database, busy_timeout_s) as tables:
                yield tables
                self._point("before a commit")
            self._point("after a commit")

        def mortal_forgetting(database: Database) -> None:
            self._point("before old pages are forgotten")
            forget_old_pages(database)

        monkeypatch.setattr(Database, "transaction", mortal_transaction)
        monkeypatch.setattr(Database, "forget_old_pages", mortal_forgetting)

    def _patch_requests(self, monkeypatch: pytest.MonkeyPatch) -> None:
        request = httpx.Client.request

        def mortal_request(client: httpx.Client, *given: Any, **named: Any) -> httpx.Response:
            self._point("before a request")
            response = request(client, *given, **named)
            self._point("after an answer")
            return response

        monkeypatch.setattr(httpx.Client, "request", mortal_request)
