"""What is checked before the face: who may go on, and who is refused."""

import datetime as dt
import json

import pytest

from hallclient.domain.card import Finding
from hallclient.domain.failures import KnownError
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.services.access import OpenHall
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    do_step,
    open_session,
    resume_session,
    stored,
    walk,
)


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Session:
    return open_session(hall, doubles.equipment(clock))


def test_an_expired_card_is_refused_and_nothing_of_it_is_kept(hall: OpenHall, clock: HandClock) -> None:
    reading = doubles.card_reading(valid_to=dt.date(2021, 1, 1))
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(reading)))
    session.the(CardStep).read(1.0)
    facts = session.the(CardStep).facts
    assert facts is not None
    assert facts.findings == (Finding.EXPIRED,)
    assert not session.the(PrecheckStep).check().card_usable
    session.refuse()
    assert session.state is SessionState.REFUSED
    assert refusal_in_audit(hall) == {"reason": "card_unusable", "findings": ["expired"]}
    assert not hall.vault.package(session.session_id).folder.exists()
    session.close()
    with pytest.raises(KnownError, match="session_unknown"):
        resume_session(hall, doubles.equipment(clock), session.session_id)


def refusal_in_audit(hall: OpenHall) -> dict[str, object]:
    with hall.database.transaction() as tables:
        (detail,) = tables.execute("SELECT detail FROM audit WHERE event = 'session_refused'").fetchone()
    found: dict[str, object] = json.loads(detail)
    return found


def test_an_unusable_card_leads_nowhere_but_out(hall: OpenHall, clock: HandClock) -> None:
    """Not a page: the plan stops it, in the session itself and after a crash."""
    reader = doubles.Reader(doubles.card_reading(valid_to=dt.date(2021, 1, 1)))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader))
    session.the(CardStep).read(1.0)
    session.the(PrecheckStep).check()
    session.close()
    session = resume_session(hall, doubles.equipment(clock), session.session_id)
    assert (session.forbidden, session.forbidding_step, session.next_step) == (True, "holder/precheck", None)
    for step in ("precheck", "portrait", "notice", "signature", "seal"):
        with pytest.raises(KnownError, match="step_out_of_order"):
            do_step(session, step, clock)
    for consent in (True, False):
        with pytest.raises(KnownError, match="step_out_of_order"):
            session.the(PortraitStep).give_consent(consent)
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.the(PortraitStep).leave_to_supervisor()
    assert session.state is SessionState.OPEN
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()


@pytest.mark.parametrize("online", [True, False, None])
def test_whether_the_centre_was_reachable_is_noted(
    online: bool | None, session: Session, hall: OpenHall, clock: HandClock
) -> None:
    hall.line.online = online
    walk(session, clock, until="precheck")
    facts = session.the(PrecheckStep).check()
    assert (facts.centre_reachable, facts.card_usable) == (online is True, True)
    assert stored(hall, session).step("holder/precheck").facts == facts
    session.close()


def test_a_usable_card_is_not_refused(session: Session, clock: HandClock) -> None:
    walk(session, clock, until="portrait")
    with pytest.raises(KnownError, match="step_out_of_order"):
        session.refuse()
    session.close()
