"""A login that fails halfway lets go of what it had opened."""

from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.preparation import Preparation
from hallclient.storage.database import Database
from tests.clock import CountingEntropy, HandClock
from tests.halls import CLERK, PASSWORD, code_now, make_hall
from ui import app


def test_a_login_whose_services_cannot_begin_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise KnownError(FailureCode.DISK_FULL)

    clock = HandClock()
    make_hall(tmp_path / "hall", clock)
    monkeypatch.setattr(app.Dispatch, "start", full)
    closed: list[Database] = []
    close = Database.close

    def noted(database: Database) -> None:
        closed.append(database)
        close(database)

    monkeypatch.setattr(Database, "close", noted)
    local = app.LocalHall(tmp_path / "hall", clock, CountingEntropy())
    with pytest.raises(KnownError, match="disk_full"):
        local.log_in(CLERK, PASSWORD, code_now(clock), Preparation(lambda: pytest.fail("nobody needs the devices")))
    assert len(closed) == 1
