"""The points at which a counter can die: before a file has its name or after, at a commit, at a deletion, at a request
to the centre. Whoever copies the disk at one of them has what a `kill -9` just there leaves.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hallclient.storage.database import Database


class Points:
    """Tells of each point that this thread passes while it is `watched`. Others, such as the centre's, have none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._tell: Callable[[str], None] | None = None
        self._thread = threading.get_ident()
        self._patch_files(monkeypatch)
        self._patch_database(monkeypatch)
        self._patch_requests(monkeypatch)

    @contextmanager
    def watched(self, tell: Callable[[str], None]) -> Iterator[None]:
        """Inside, `tell` is called at each point, with what it is. What `tell` does has no points."""
        self._tell = tell
        try:
            yield
        finally:
            self._tell = None

    def _point(self, what: str) -> None:
        tell = self._tell
        if tell is None or threading.get_ident() != self._thread:
            return
        self._tell = None
        try:
            tell(what)
        finally:
            self._tell = tell

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
