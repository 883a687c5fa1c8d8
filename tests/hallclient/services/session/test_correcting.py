"""A step that was returned is done again in a session of its own, beside the first, which never changes."""

from pathlib import Path

import pytest

from hallclient.domain.delivery import DeliveryState
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
    assert [step.id for step in again.plan.steps] == ["holder/card", "holder/portrait", "notice"]
    assert again.service_number == first.service_number
    walk(again, clock)
    again.close()
    delivered = deliver(hall, centre)
    assert [(item.session, item.outcome) for item in delivered] == [
        (first.session_id, Outcome.PASSED),
        (again.session_id, Outcome.PENDING_REVIEW),  # somebody looks at it beside the first
    ]
    before, after = (inspected(hall, session.session_id) for session in (first, again))
    assert before.holds
    assert after.holds
    assert before.manifest is not None
    assert after.manifest is not None
    assert (before.manifest.corrects, after.manifest.corrects) == (None, first.session_id)
    assert after.manifest.previous == before.manifest.sha256
    pictures = {"holder.live_photo", "holder.key_picture_1", "holder.key_picture_2"}
    again_left = {"business", "holder.record", "holder.portrait", *pictures, "recording"}
    assert {entry.id for entry in after.manifest.files} == again_left
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


@pytest.mark.expects_log("refused .*: corrected_missing")
def test_what_nobody_received_is_not_corrected_yet(tmp_path: Path) -> None:
    """The first waits for its supervisor: the correction waits for it, and then goes."""
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    hall = open_counter(tmp_path / "hall", centre, clock)
    first = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(0.1)))
    walk(first, clock)
    first.close()
    again = Session.correct(hall, doubles.equipment(clock), built_in_pack(), first.session_id, "holder/portrait")
    walk(again, clock)
    again.close()
    (waits,) = deliver(hall, centre)
    assert (waits.session, waits.state, waits.outcome) == (again.session_id, DeliveryState.WAITING, None)
    hall.close()
