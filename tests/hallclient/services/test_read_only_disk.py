"""A disk that takes nothing any more has a name at the reading, too, and the session goes on when it does again."""

import errno
import os
from pathlib import Path

import pytest

from hallclient.domain.failures import KnownError
from hallclient.services.access import OpenHall
from hallclient.services.session.notice import NoticeStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import open_session, walk


def test_a_reading_on_a_read_only_disk_is_not_begun(
    hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="notice")

    def read_only(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    with monkeypatch.context() as disk:
        disk.setattr(Path, "unlink", read_only)
        with pytest.raises(KnownError, match="store_read_only"):
            session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    walk(session, clock)
    session.close()
