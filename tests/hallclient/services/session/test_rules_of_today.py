"""A card that was read under other rules: those of today decide, also after the pre-check."""

import datetime as dt

import pytest

from hallclient.domain import card_usability
from hallclient.domain.card import Finding
from hallclient.domain.failures import KnownError
from hallclient.domain.session import SessionState
from hallclient.services.access import OpenHall
from hallclient.services.session.precheck import PrecheckStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import do_step, open_session, resume_session


def test_what_yesterdays_precheck_let_pass_is_refused_by_the_rules_of_today(
    hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program was replaced by a newer one between the two."""
    expired = doubles.Reader(doubles.card_reading(valid_to=dt.date(2021, 1, 1)))
    with monkeypatch.context() as yesterday:
        yesterday.delitem(card_usability.DISQUALIFYING, Finding.EXPIRED)
        session = open_session(hall, doubles.equipment(clock, card_reader=expired))
        do_step(session, "card", clock)
        do_step(session, "precheck", clock)
        assert not session.forbidden
        session.close()
    session = resume_session(hall, doubles.equipment(clock), session.session_id)
    facts = session.the(PrecheckStep).facts
    assert facts is not None
    assert facts.card_usable  # its word stands as it was given
    assert (session.forbidding_step, session.next_step) == ("holder/precheck", None)
    with pytest.raises(KnownError, match="step_out_of_order"):
        do_step(session, "portrait", clock)
    session.refuse()
    assert session.state is SessionState.REFUSED
    session.close()
