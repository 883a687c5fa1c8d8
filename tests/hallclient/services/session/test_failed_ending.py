"""A session whose end the disk does not take goes on from where it stood."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.services import ending
from hallclient.services.access import OpenHall
from hallclient.services.session import engine
from hallclient.services.session.engine import Session
from hallclient.services.session.notice import NoticeStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import STEPS, open_session, read_notice, walk


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Iterator[Session]:
    opened = open_session(hall, doubles.equipment(clock))
    yield opened
    opened.close()


@contextmanager
def full_disk() -> Iterator[None]:
    """No commit has room for its audit event."""

    def full(*_: Any) -> None:
        raise KnownError(FailureCode.DISK_FULL, "store.db")

    with pytest.MonkeyPatch.context() as patch:
        for module in (engine, ending):
            patch.setattr(module, "append", full)
        yield


def fail_to_abandon(session: Session) -> None:
    with full_disk(), pytest.raises(KnownError, match="disk_full"):
        session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert session.state is SessionState.OPEN


@pytest.mark.parametrize("step", STEPS)
def test_it_is_done_to_its_seal_all_the_same(step: str, session: Session, clock: HandClock) -> None:
    walk(session, clock, until=step)
    fail_to_abandon(session)
    walk(session, clock)
    assert session.state is SessionState.SEALED


def test_a_reading_that_only_has_to_be_kept_is_not_read_again(session: Session, clock: HandClock) -> None:
    walk(session, clock, until="notice")
    notice = session.the(NoticeStep)
    notice.notice()
    with pytest.raises(KnownError, match="disk_full"):
        read_notice_into_a_full_disk(session, clock)
    fail_to_abandon(session)
    assert notice.reading_is_whole
    notice.finish_reading()
    walk(session, clock)
    assert session.state is SessionState.SEALED


def read_notice_into_a_full_disk(session: Session, clock: HandClock) -> None:
    """The disk is full when the last line is read."""
    notice, finish = session.the(NoticeStep), NoticeStep.finish_reading

    def full_at_last(*given: Any) -> Any:
        with full_disk():
            return finish(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notice, "finish_reading", lambda: full_at_last(notice))
        read_notice(session, clock)
