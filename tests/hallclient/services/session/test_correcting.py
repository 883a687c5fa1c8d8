"""A step that was returned is done again in a session of its own, beside the first, which never changes."""

from pathlib import Path

import pytest

from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import KnownError
from hallclient.rule_texts import built_in_pack
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from tests import doubles
from tests.clock import HandClock
from tests.counters import deliver, inspected, make_centre, open_counter, todays_clock
from tests.hallclient.services.sessions import open_session, walk


def test_a_returned_step_is_delivered_and_verified_beside_the_first(tmp_path: Path) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    hall = open_counter(tmp_path / "hall", centre, clock)
    equipment = doubles.equipment(clock)
    first = open_session(hall, equipment)
    walk(first, clock)
    first.close()
    again = Session.correct(hall, equipment, built_in_pack(), first.session_id, "notice")
    assert [step.id for step in again.plan.steps] == ["holder/card", "notice"]
    assert again.service_number == first.service_number
    walk(again, clock)
    again.close()
    delivered = deliver(hall, centre)
    assert [(item.session, item.outcome) for item in delivered] == [
        (first.session_id, Outcome.PASSED),
        (again.session_id, Outcome.PASSED),
    ]
    before, after = (inspected(hall, session.session_id) for session in (first, again))
    assert before.holds
    assert after.holds
    assert before.manifest is not None
    assert after.manifest is not None
    assert (before.manifest.corrects, after.manifest.corrects) == (None, first.session_id)
    assert after.manifest.previous == before.manifest.sha256
    assert {entry.id for entry in after.manifest.files} == {"business", "holder.record", "holder.portrait", "recording"}
    hall.close()


def test_only_what_is_sealed_is_corrected(hall: OpenHall, clock: HandClock) -> None:
    equipment, pack = doubles.equipment(clock), built_in_pack()
    session = open_session(hall, equipment)
    with pytest.raises(KnownError, match="step_out_of_order"):
        Session.correct(hall, equipment, pack, session.session_id, "notice")
    with pytest.raises(KnownError, match="session_unknown"):
        Session.correct(hall, equipment, pack, "nothing", "notice")
    walk(session, clock)
    with pytest.raises(KnownError, match="plan_step_unknown"):
        Session.correct(hall, equipment, pack, session.session_id, "new_holder/card")
    session.close()
