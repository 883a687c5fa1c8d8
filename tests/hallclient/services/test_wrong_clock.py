"""Evidence with a wrong time could never be verified: it is not made, and the session waits for the right one."""

import datetime as dt

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import AbandonReason
from hallclient.rule_texts import ShippedRules, text_in_force
from hallclient.services.access import OpenHall
from hallclient.services.session.notice import NoticeStep
from tests import doubles
from tests.clock import NOON, HandClock
from tests.hallclient.services.sessions import STEPS, do_step, open_session, walk

WRONG = [
    NOON - dt.timedelta(hours=1),
    dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2099, 1, 1, tzinfo=dt.UTC),
    dt.datetime(1, 1, 2, tzinfo=dt.UTC),
    dt.datetime(9999, 12, 30, tzinfo=dt.UTC),
]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("step", STEPS)
def test_a_wrong_clock_is_said_and_with_the_right_one_the_session_goes_on(
    hall: OpenHall, clock: HandClock, step: str, wrong: dt.datetime
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=step)
    right = clock.now()
    clock.set(wrong)
    with pytest.raises(KnownError) as caught:
        do_step(session, step, clock)
    assert caught.value.code is FailureCode.CLOCK_WRONG
    clock.set(right)
    walk(session, clock)
    session.close()
    assert inspect(hall.vault.package(session.session_id), hall.roots, ShippedRules()).holds


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.attack("T14", "a session with a wrong clock")
def test_with_a_wrong_clock_no_session_is_opened(hall: OpenHall, clock: HandClock, wrong: dt.datetime) -> None:
    clock.set(wrong)
    with pytest.raises(KnownError) as caught:
        open_session(hall, doubles.equipment(clock))
    assert caught.value.code is FailureCode.CLOCK_WRONG


@pytest.mark.parametrize("wrong", WRONG)
def test_a_reading_is_not_begun_with_a_wrong_clock(hall: OpenHall, clock: HandClock, wrong: dt.datetime) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="notice")
    session.the(NoticeStep).notice()
    right = clock.now()
    clock.set(wrong)
    with pytest.raises(KnownError, match="clock_wrong"):
        session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    clock.set(right)
    walk(session, clock)
    session.close()


@pytest.mark.parametrize("code", ["fraud_risk", "face_consent"])
def test_before_the_first_text_the_clock_is_wrong(code: str) -> None:
    with pytest.raises(KnownError, match="clock_wrong"):
        text_in_force(code, dt.date(2000, 1, 1))


def test_who_wants_to_leave_may_leave_whatever_the_clock_says(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="portrait")
    clock.set(NOON - dt.timedelta(days=400))
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()
    assert not hall.vault.package(session.session_id).folder.exists()


def test_a_session_that_was_opened_too_late_by_the_clock_is_given_up(hall: OpenHall, clock: HandClock) -> None:
    clock.set(NOON + dt.timedelta(minutes=6))
    session = open_session(hall, doubles.equipment(clock))
    clock.set(NOON)
    with pytest.raises(KnownError) as caught:
        do_step(session, "card", clock)
    assert caught.value.code is FailureCode.CLOCK_WENT_BACK
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    session.close()
