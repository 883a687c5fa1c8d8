"""A session is opened, done step after step, cut off and gone on with."""

from pathlib import Path

import pytest

from hallclient.domain.failures import KnownError
from hallclient.domain.session import SessionState
from hallclient.rule_texts import built_in_pack
from hallclient.services.access import OpenHall
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.signature import SignatureStep
from hallclient.storage.audit import first_broken_link
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    STEPS,
    do_step,
    next_kind,
    open_session,
    resume_session,
    stored,
    walk,
)
from tests.halls import open_hall


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Session:
    return open_session(hall, doubles.equipment(clock))


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_session_that_was_cut_off_goes_on_at_the_same_step(
    step: str, session: Session, hall: OpenHall, clock: HandClock, tmp_path: Path
) -> None:
    walk(session, clock, until=step)
    session.close()
    hall.close()
    again = open_hall(tmp_path / "hall", clock)
    resumed = resume_session(again, doubles.equipment(clock), session.session_id)
    assert (next_kind(resumed) or "seal") == step
    assert resumed.the(CardStep).reading == doubles.card_reading()
    walk(resumed, clock)
    assert resumed.state is SessionState.SEALED
    assert resumed.the(SignatureStep).customer_copy().startswith(b"%PDF")
    resumed.close()
    with again.database.transaction() as tables:
        assert first_broken_link(tables) is None
    again.close()


def test_elapsed_time_goes_on_after_a_restart_of_the_machine(
    session: Session, hall: OpenHall, clock: HandClock
) -> None:
    clock.advance(30)
    walk(session, clock, until="portrait")
    session.close()
    other_boot = HandClock(clock.now())
    resumed = resume_session(open_hall(hall.folder, other_boot), doubles.equipment(other_boot), session.session_id)
    walk(resumed, other_boot, until="notice")
    kept = stored(hall, session)
    elapsed = [done.elapsed_s for step in kept.plan.steps if (done := kept.step(step.id).done) is not None]
    assert len(elapsed) == 3
    assert elapsed == sorted(elapsed)
    assert elapsed[-1] >= 30


def test_steps_cannot_be_done_out_of_order(session: Session, clock: HandClock) -> None:
    for step in ("precheck", "portrait", "signature", "seal"):
        with pytest.raises(KnownError, match="step_out_of_order"):
            do_step(session, step, clock)
    session.close()


@pytest.mark.parametrize("number", ["", "12", "1380000 0021", "１３８００００００２１", "9" * 21])
def test_a_service_number_is_digits(number: str, hall: OpenHall, clock: HandClock) -> None:
    with pytest.raises(KnownError, match="input_invalid"):
        Session.open(hall, doubles.equipment(clock), built_in_pack(), "new_number", number)
