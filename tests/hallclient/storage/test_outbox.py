"""Deliveries and reviews: who is next, who has it, and what waits for whom."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hallclient.domain.delivery import LEASE_S, LONGEST_RETRY_S
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.review import CLAIM_S, ReviewState
from hallclient.storage import deliveries, reviews, sessions
from hallclient.storage.database import Database
from hallclient.storage.sessions import StoredSession
from tests.plans import todays_plan

NOW = 1_000_000.0
PLAN = todays_plan()


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Any]:
    database = Database(tmp_path / "store.db", bytes(32))
    with database.transaction() as inside:
        for name in ("a", "b"):
            sessions.insert(inside, StoredSession(name, PLAN, "138", "1001", "now"), b"wrapped")
            deliveries.enqueue(inside, name, NOW)
        yield inside
    database.close()


def test_the_oldest_goes_first_and_a_leased_one_is_not_given_twice(tables: Any) -> None:
    leased = [deliveries.lease(tables, NOW) for _ in range(3)]
    assert [item and (item.session, item.attempts) for item in leased] == [("a", 1), ("b", 1), None]


def test_the_lease_of_a_dead_courier_runs_out_and_its_try_counts(tables: Any) -> None:
    deliveries.lease(tables, NOW)
    deliveries.quarantine(tables, "b", FailureCode.CENTRE_REFUSED_RECORD, "reason")
    assert deliveries.lease(tables, NOW + LEASE_S - 1) is None
    again = deliveries.lease(tables, NOW + LEASE_S)
    assert again is not None
    assert again.attempts == 2


def test_a_postponed_one_waits_until_its_time_or_until_somebody_asks(tables: Any) -> None:
    deliveries.accept(tables, "b", Outcome.PASSED)
    deliveries.lease(tables, NOW)
    deliveries.postpone(tables, "a", NOW + 50, FailureCode.CENTRE_UNREACHABLE)
    assert deliveries.lease(tables, NOW + 49) is None
    assert deliveries.next_due_at(tables, NOW) == NOW + 50
    deliveries.make_due(tables, NOW)
    assert deliveries.lease(tables, NOW) is not None


def test_a_bad_record_does_not_hold_up_the_others(tables: Any) -> None:
    deliveries.quarantine(tables, "a", FailureCode.CENTRE_REFUSED_RECORD, "reason")
    leased = deliveries.lease(tables, NOW)
    assert leased is not None
    assert leased.session == "b"
    assert deliveries.counts(tables) == deliveries.DeliveryCounts(waiting=1, quarantined=1, accepted=0)


@pytest.mark.parametrize("leased", [False, True])
def test_after_a_clock_that_was_a_year_ahead_everything_is_due_at_once(tables: Any, leased: bool) -> None:
    deliveries.accept(tables, "b", Outcome.PASSED)
    year_ahead = NOW + 365 * 86_400
    deliveries.lease(tables, year_ahead)
    if not leased:
        deliveries.postpone(tables, "a", year_ahead + LONGEST_RETRY_S, FailureCode.CENTRE_UNREACHABLE)
    assert deliveries.next_due_at(tables, NOW) == NOW
    assert deliveries.due(tables, NOW) == 1
    again = deliveries.lease(tables, NOW)
    assert again is not None
    assert deliveries.next_due_at(tables, NOW) == NOW + LEASE_S


def test_after_a_clock_that_was_behind_nothing_is_lost(tables: Any) -> None:
    deliveries.accept(tables, "b", Outcome.PASSED)
    deliveries.lease(tables, NOW - 365 * 86_400)
    assert deliveries.lease(tables, NOW) is not None


def test_the_longest_delay_is_waited_for(tables: Any) -> None:
    deliveries.accept(tables, "b", Outcome.PASSED)
    deliveries.lease(tables, NOW)
    deliveries.postpone(tables, "a", NOW + LONGEST_RETRY_S, FailureCode.CENTRE_UNREACHABLE)
    assert deliveries.lease(tables, NOW) is None
    assert deliveries.lease(tables, NOW + LONGEST_RETRY_S) is not None


def test_what_a_dead_courier_had_in_its_hands_goes_at_once_but_after_the_others(tables: Any) -> None:
    deliveries.lease(tables, NOW)
    assert deliveries.free_leases(tables, NOW + 1, died=True) == 1
    assert deliveries.free_leases(tables, NOW + 1, died=True) == 0
    order = [deliveries.lease(tables, NOW + 1) for _ in range(2)]
    assert [item and (item.session, item.attempts, item.breakdowns) for item in order] == [("b", 1, 0), ("a", 2, 1)]


def test_what_could_not_be_written_down_after_a_try_is_due_at_once_and_no_breakdown(tables: Any) -> None:
    deliveries.lease(tables, NOW)
    assert deliveries.free_leases(tables, NOW + 1, died=False) == 1
    assert deliveries.lease(tables, NOW + 1) == deliveries.Leased("a", 2, 0)


def test_a_record_that_broke_down_lets_the_others_go_first(tables: Any) -> None:
    leased = deliveries.lease(tables, NOW)
    assert leased is not None
    deliveries.broke_down(tables, leased, NOW, "ValueError 7K2M9Q")
    again = [deliveries.lease(tables, NOW) for _ in range(2)]
    assert [item and (item.session, item.breakdowns) for item in again] == [("b", 0), ("a", 1)]


def test_who_asks_gives_what_a_mistake_of_ours_set_aside_a_new_chance(tables: Any) -> None:
    deliveries.quarantine(tables, "a", FailureCode.INTERNAL_ERROR, "ValueError 7K2M9Q")
    deliveries.quarantine(tables, "b", FailureCode.CENTRE_REFUSED_RECORD, "reason")
    deliveries.make_due(tables, NOW)
    assert deliveries.counts(tables) == deliveries.DeliveryCounts(waiting=1, quarantined=1, accepted=0)
    leased = deliveries.lease(tables, NOW)
    assert leased is not None
    assert leased.breakdowns == 0


def test_what_waits_for_a_review_wakes_nobody(tables: Any) -> None:
    deliveries.accept(tables, "b", Outcome.PASSED)
    reviews.request(tables, "a")
    assert deliveries.next_due_at(tables, NOW) is None
    assert deliveries.due(tables, NOW) == 0


def test_a_flagged_session_leaves_only_after_its_review(tables: Any) -> None:
    reviews.request(tables, "a")
    deliveries.accept(tables, "b", Outcome.PASSED)
    assert deliveries.lease(tables, NOW) is None
    reviews.claim(tables, "a", "2001", NOW)
    assert deliveries.lease(tables, NOW) is None
    reviews.decide(tables, "a", "2001", ReviewState.REJECTED, NOW)
    assert deliveries.lease(tables, NOW) is not None


def test_two_supervisors_do_not_decide_the_same_session(tables: Any) -> None:
    reviews.request(tables, "a")
    reviews.claim(tables, "a", "2001", NOW)
    reviews.claim(tables, "a", "2001", NOW)
    for attempt in (reviews.claim, lambda *args: reviews.decide(*args[:3], ReviewState.APPROVED, args[3])):
        with pytest.raises(KnownError, match="review_taken"):
            attempt(tables, "a", "2002", NOW + 1)
    reviews.claim(tables, "a", "2002", NOW + CLAIM_S + 1)


def test_a_released_review_is_anybodys_and_a_decided_one_nobodys(tables: Any) -> None:
    reviews.request(tables, "a")
    reviews.claim(tables, "a", "2001", NOW)
    reviews.release(tables, "a", "2002")
    assert reviews.state(tables, "a") is ReviewState.CLAIMED
    reviews.release(tables, "a", "2001")
    assert reviews.open_reviews(tables) == [("a", ReviewState.PENDING)]
    reviews.decide(tables, "a", "2002", ReviewState.APPROVED, NOW)
    assert reviews.open_reviews(tables) == []
    with pytest.raises(KnownError, match="review_taken"):
        reviews.claim(tables, "a", "2001", NOW)
    assert reviews.state(tables, "b") is ReviewState.NONE
