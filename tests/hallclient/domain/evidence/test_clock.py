"""What a manifest may say of the clock: numbers where the centre said the time, and nothing where that is too old."""

import datetime as dt

import pytest
from pydantic import ValidationError

from hallclient.domain.evidence.clock import UNCHECKED, ClockCheck, ClockStatus

NOON = dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("said", "difference_s"),
    [(NOON + SECOND, 0.0), (NOON, 1.0), (NOON - MINUTE, 61.0), (NOON + 2 * MINUTE, -119.0)],
)
def test_the_centre_said_it_in_the_middle_of_the_question(said: dt.datetime, difference_s: float) -> None:
    check = ClockCheck.of(NOON, NOON + 2 * SECOND, said, 10.0)
    assert (check.difference_s, check.at, check.at_s) == (difference_s, NOON + 2 * SECOND, 10.0)


@pytest.mark.parametrize(("difference_s", "wrong"), [(0.0, False), (300.0, False), (-300.0, False), (300.1, True)])
def test_more_than_a_time_service_takes_back_is_wrong(difference_s: float, wrong: bool) -> None:
    assert ClockCheck(difference_s, NOON, 0.0).is_wrong is wrong
    assert ClockCheck(-difference_s, NOON, 0.0).is_wrong is wrong


@pytest.mark.parametrize(
    ("wall", "monotonic_s", "checked"),
    [
        (10 * MINUTE, 600.0, True),
        (1000 * MINUTE, 60_000.0, True),
        (4 * MINUTE, 0.0, True),  # corrected by a time service
        (6 * MINUTE, 0.0, False),  # it slept, or was set
        (-6 * MINUTE, 0.0, False),
        (0 * MINUTE, -1.0, False),
    ],
)
def test_a_check_counts_while_both_clocks_run_together(wall: dt.timedelta, monotonic_s: float, checked: bool) -> None:
    said = ClockCheck(1.5, NOON, 100.0).status(NOON + wall, 100.0 + monotonic_s)
    expected = ClockStatus(status="checked", difference_s=1.5, age_s=monotonic_s) if checked else UNCHECKED
    assert said == expected


@pytest.mark.parametrize(
    "rubbish",
    [
        {"status": "checked"},
        {"status": "checked", "difference_s": 1.0},
        {"status": "unchecked", "age_s": 1.0},
        {"status": "checked", "difference_s": 1.0, "age_s": -1.0},
        {"status": "checked", "difference_s": float("nan"), "age_s": 1.0},
        {"status": "believed"},
    ],
)
def test_half_a_check_is_none(rubbish: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ClockStatus.model_validate(rubbish)
