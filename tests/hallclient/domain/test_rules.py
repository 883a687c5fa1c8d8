"""Small rules as tables: bands, failures, roles, retries, ids, signatures, outcomes."""

import datetime as dt
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.comparison import Decision, Thresholds
from hallclient.domain.delivery import LONGEST_RETRY_S, retry_delay_s
from hallclient.domain.evidence.facts.signature import SignatureFacts
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.ids import session_id
from hallclient.domain.review import may_review
from hallclient.domain.signature import PenPoint, Signature
from hallclient.domain.staff import Role, Staff

THRESHOLDS = Thresholds(match=0.44, doubt=0.30, false_accept_rate=1e-4, dataset="test", measured_on="2026-11-22")


@pytest.mark.parametrize(
    ("score", "decision"),
    [
        (1.0, Decision.MATCHED),
        (0.44, Decision.MATCHED),
        (0.4399, Decision.DOUBTFUL),
        (0.30, Decision.DOUBTFUL),
        (0.2999, Decision.MISMATCHED),
        (-1.0, Decision.MISMATCHED),
    ],
)
def test_the_three_bands(score: float, decision: Decision) -> None:
    assert THRESHOLDS.decide(score) is decision


def test_a_score_that_is_no_number_decides_nothing() -> None:
    with pytest.raises(ValueError, match="must be a number"):
        THRESHOLDS.decide(float("nan"))


def test_every_failure_has_a_cause_and_a_remedy() -> None:
    assert set(FAILURES) == set(FailureCode)
    for failure in FAILURES.values():
        assert failure.cause
        assert failure.remedy


def test_a_known_error_tells_its_code_and_knows_its_words() -> None:
    error = KnownError(FailureCode.CARD_MISSING, "slot 0")
    assert str(error) == "card_missing: slot 0"
    assert error.failure.remedy == FAILURES[FailureCode.CARD_MISSING].remedy


@pytest.mark.parametrize(
    ("reviewer", "clerk", "code"),
    [
        (Staff("2001", Role.SUPERVISOR), "1001", None),
        (Staff("2001", Role.SUPERVISOR), "2001", FailureCode.OWN_SESSION),
        (Staff("1002", Role.CLERK), "1001", FailureCode.NOT_PERMITTED),
        (Staff("9001", Role.ADMINISTRATOR), "1001", FailureCode.NOT_PERMITTED),
    ],
)
def test_who_may_review(reviewer: Staff, clerk: str, code: FailureCode | None) -> None:
    if code is None:
        may_review(reviewer, {clerk, "another"})
    else:
        with pytest.raises(KnownError) as caught:
            may_review(reviewer, {clerk, "another"})
        assert caught.value.code is code


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_retry_is_never_at_once_and_never_later_than_the_longest(attempt: int, random: float) -> None:
    assert 1.0 <= retry_delay_s(attempt, random) <= LONGEST_RETRY_S


@given(
    st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)),
    st.binary(min_size=10, max_size=10),
)
def test_session_ids_are_uuid7_and_sort_by_time(now: dt.datetime, random: bytes) -> None:
    value = UUID(session_id(now, random))
    assert value.version == 7
    assert session_id(now, b"\xff" * 10) < session_id(now + dt.timedelta(milliseconds=2), bytes(10))


def test_strokes_are_bound_to_the_notice() -> None:
    stroke = tuple(PenPoint(i / 100, 0.5, 0.5, 0.7) for i in range(20))
    one, other = (Signature((stroke,), digest * 64, "pen", practice=False, session="s") for digest in "01")
    assert one.sha256 != other.sha256


@pytest.mark.parametrize("practice", [True, False])
def test_a_scripted_pen_alone_makes_a_step_practice(practice: bool) -> None:
    facts = SignatureFacts(
        strokes_sha256="0" * 64,
        points=20,
        device="pen",
        practice=practice,
        pressure=True,
        unsigned_bytes=1,
        unsigned_sha256="0" * 64,
    )
    assert facts.practised is practice
