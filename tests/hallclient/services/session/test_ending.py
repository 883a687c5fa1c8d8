"""A session that is given up before its seal."""

import pytest

from hallclient.domain.session import AbandonReason
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from hallclient.storage import sessions
from hallclient.storage.audit import events
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    STEPS,
    open_session,
    walk,
)


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Session:
    return open_session(hall, doubles.equipment(clock))


@pytest.mark.parametrize("step", STEPS)
def test_an_abandoned_session_leaves_no_file_and_no_key(
    step: str, session: Session, hall: OpenHall, clock: HandClock
) -> None:
    walk(session, clock, until=step)
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()
    assert not hall.vault.package(session.session_id).folder.exists()
    with hall.database.transaction() as tables:
        assert sessions.wrapped_data_key(tables, session.session_id) is None
        assert sessions.load(tables, session.session_id).steps == {}
        told = [event.detail for _, event in events(tables, session.session_id) if event.event == "session_abandoned"]
    assert told == [{"reason": "customer_withdrew"}]  # a code: sentences are the screen's
