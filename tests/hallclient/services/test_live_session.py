"""A counter has one session at a time, which one thread has; what happens is told, and is in the list of the day."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hallclient.domain.delivery import DeliveryState
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.services import counter as counter_module
from hallclient.services.access import OpenHall
from hallclient.services.counter import Counter, Progress
from hallclient.services.ending import abandon_unopened
from hallclient.services.events import (
    SessionClosed,
    SessionDelivered,
    SessionEvent,
    SessionOpened,
    SessionReviewed,
    StepFinished,
)
from hallclient.services.preparation import Preparation
from hallclient.services.review import ReviewDesk
from hallclient.services.session.signature import SignatureStep
from hallclient.storage import deliveries
from hallclient.storage.database import Database
from tests import doubles
from tests.clock import HandClock
from tests.counters import deliver, make_centre, make_counter, open_counter, todays_clock
from tests.hallclient.services.sessions import SERVICE_NUMBER, open_session, walk
from tests.halls import SUPERVISOR, open_hall

DAY_S = 24 * 3600.0


def counter_of(hall: OpenHall, clock: HandClock, **changes: object) -> Counter:
    return Counter(hall, Preparation.of(doubles.equipment(clock, **changes)))  # type: ignore[arg-type]


def test_one_session_at_a_time(hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_module, "_PARTING_S", 0.01)
    counter = counter_of(hall, clock)
    session = counter.open_session("new_number", SERVICE_NUMBER)
    live = counter.live
    assert live is session
    with pytest.raises(KnownError) as caught:
        counter.open_session("new_number", SERVICE_NUMBER)
    assert caught.value.code is FailureCode.SESSION_UNDER_WAY
    with pytest.raises(KnownError, match="session_under_way"):
        counter.resume(session.session_id)
    counter.close_session()
    assert counter.live is None
    counter.close_session()  # there is none: nothing happens
    with pytest.raises(KnownError, match="input_invalid"):
        counter.open_session("new_number", "no number")
    assert counter.resume(session.session_id).session_id == session.session_id
    counter.close_session()


def test_the_next_one_waits_until_the_one_before_has_let_go(hall: OpenHall, clock: HandClock) -> None:
    counter = counter_of(hall, clock)
    first = counter.open_session("new_number", SERVICE_NUMBER)
    with ThreadPoolExecutor(1) as other:
        second = other.submit(counter.open_session, "new_number", SERVICE_NUMBER)
        counter.close_session()
        assert second.result(30.0).session_id != first.session_id
        other.submit(counter.close_session).result(30.0)


def test_a_session_belongs_to_one_thread(hall: OpenHall, clock: HandClock) -> None:
    counter = counter_of(hall, clock)
    session = counter.open_session("new_number", SERVICE_NUMBER)
    with ThreadPoolExecutor(1) as its_own:
        its_own.submit(session.reveal_service_number).result(30.0)
        for call in (
            session.reveal_service_number,
            session.seal,
            session.refuse,
            lambda: session.abandon(AbandonReason.CUSTOMER_WITHDREW),
            lambda: session.expect("holder/card"),
        ):
            with pytest.raises(BugError, match="one thread"):
                call()
        assert session.state is SessionState.OPEN
        its_own.submit(counter.close_session).result(30.0)


def test_another_thread_lets_go_of_nothing(hall: OpenHall, clock: HandClock) -> None:
    counter = counter_of(hall, clock)
    session = counter.open_session("new_number", SERVICE_NUMBER)
    session.reveal_service_number()
    with ThreadPoolExecutor(1) as another, pytest.raises(BugError, match="one thread"):
        another.submit(counter.close_session).result(30.0)
    assert counter.live is session
    counter.close_session()


def test_the_live_session_is_not_given_up_from_the_list(
    hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = counter_of(hall, clock)
    session = counter.open_session("new_number", SERVICE_NUMBER)
    with monkeypatch.context() as patch:
        patch.setattr(counter_module, "_PARTING_S", 0.01)
        with pytest.raises(KnownError, match="session_under_way"):
            counter.abandon(session.session_id, AbandonReason.WRONG_BUSINESS)
    with ThreadPoolExecutor(1) as other:  # who gives it up while it parts waits for that
        given_up = other.submit(counter.abandon, session.session_id, AbandonReason.WRONG_BUSINESS)
        counter.close_session()
        given_up.result(30.0)
    (ended,) = counter.today()
    assert ended.progress is Progress.ENDED


def test_a_session_that_is_over_does_not_come_back(hall: OpenHall, clock: HandClock) -> None:
    """Another one, of another program perhaps, has ended it."""
    equipment = doubles.equipment(clock)
    session = open_session(hall, equipment)
    abandon_unopened(hall, session.session_id, AbandonReason.WRONG_BUSINESS)
    with pytest.raises(KnownError, match="session_unknown"):
        session.note("holder/card", "noticed", {}, None)
    session.close()
    (ended,) = counter_of(hall, clock).today()
    assert (ended.progress, ended.service_number) == (Progress.ENDED, "")


def test_the_customers_copy_is_written_down(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock)
    assert session.the(SignatureStep).customer_copy().startswith(b"%PDF")
    session.close()
    with hall.database.reading() as tables:
        events = [row[0] for row in tables.execute("SELECT event FROM audit WHERE session = ?", [session.session_id])]
    assert events[-2:] == ["session_sealed", "customer_copy_given"]


def test_what_forbids_to_go_on_stands_in_the_list(hall: OpenHall, clock: HandClock) -> None:
    expired = doubles.Reader(doubles.card_reading(valid_to=dt.date(2020, 1, 1)))
    counter = counter_of(hall, clock, card_reader=expired)
    session = counter.open_session("new_number", SERVICE_NUMBER)
    walk(session, clock, until="portrait")
    assert session.forbidden
    counter.close_session()
    (listed,) = counter.unfinished()
    assert listed.step is not None
    assert listed.step.id == "holder/precheck"


@pytest.mark.expects_log("the log still has pages of a key that was destroyed")
def test_a_full_disk_after_the_receipt_loses_no_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    hall = open_counter(tmp_path / "hall", centre, clock)
    heard: list[SessionEvent] = []
    counter = counter_of(hall, clock)
    session = counter.open_session("numbers_under_my_name", SERVICE_NUMBER)
    walk(session, clock)
    counter.close_session()
    counter.listen(heard.append)

    def full(_database: Database) -> None:
        raise KnownError(FailureCode.DISK_FULL)

    monkeypatch.setattr(Database, "forget_old_pages", full)
    deliver(hall, centre)
    assert heard == [SessionDelivered(session.session_id, DeliveryState.ACCEPTED, Outcome.PASSED, None)]
    hall.close()


def test_the_number_in_full_is_asked_for_and_written_down(hall: OpenHall, clock: HandClock) -> None:
    counter = counter_of(hall, clock)
    session = counter.open_session("new_number", SERVICE_NUMBER)
    assert session.masked_service_number == "138****0021"
    assert session.reveal_service_number() == SERVICE_NUMBER
    counter.close_session()
    with hall.database.reading() as tables:
        events = [row[0] for row in tables.execute("SELECT event FROM audit WHERE session = ?", [session.session_id])]
        details = [row[0] for row in tables.execute("SELECT detail FROM audit")]
    assert events == ["session_opened", "service_number_shown"]
    assert all(SERVICE_NUMBER not in detail for detail in details)


def test_what_happens_to_a_session_is_told(tmp_path: Path) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    hall = open_counter(tmp_path / "hall", centre, clock)
    heard: list[SessionEvent] = []
    counter = counter_of(hall, clock)
    counter.listen(heard.append)
    session = counter.open_session("numbers_under_my_name", SERVICE_NUMBER)
    walk(session, clock)
    counter.close_session()
    deliver(hall, centre)
    one = session.session_id
    assert heard == [
        SessionOpened(one),
        StepFinished(one, "holder/card"),
        StepFinished(one, "holder/precheck"),
        StepFinished(one, "holder/portrait"),
        SessionClosed(one, SessionState.SEALED),
        SessionDelivered(one, DeliveryState.ACCEPTED, Outcome.PASSED, None),
    ]
    heard.clear()
    session = counter.open_session("new_number", SERVICE_NUMBER)
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    counter.close_session()
    two = session.session_id
    assert heard == [SessionOpened(two), SessionClosed(two, SessionState.ABANDONED)]
    hall.close()


def test_a_review_is_told(tmp_path: Path) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    make_counter(tmp_path / "hall", centre, clock)
    clerk = open_hall(tmp_path / "hall", clock)
    counter = counter_of(clerk, clock, matcher=doubles.Matcher(0.1))
    session = counter.open_session("numbers_under_my_name", SERVICE_NUMBER)
    walk(session, clock)
    counter.close_session()
    clerk.close()
    supervisor = open_hall(tmp_path / "hall", clock, SUPERVISOR)
    heard: list[SessionEvent] = []
    supervisor.events.listen(heard.append)
    desk = ReviewDesk(supervisor, doubles.PortraitDecoder(None))
    desk.open(session.session_id)
    desk.decide(session.session_id, ReviewDecision.REJECTED, "another person", "")
    assert heard == [SessionReviewed(session.session_id, ReviewDecision.REJECTED)]
    supervisor.close()


@pytest.mark.expects_log(r"bug \w{6}\nZeroDivisionError")
def test_a_listener_that_fails_takes_nothing_with_it(hall: OpenHall, clock: HandClock) -> None:
    def fail(_event: SessionEvent) -> None:
        raise ZeroDivisionError("a window that is going")

    heard: list[SessionEvent] = []
    counter = counter_of(hall, clock)
    counter.listen(fail)
    counter.listen(heard.append)
    session = counter.open_session("new_number", SERVICE_NUMBER)
    assert heard == [SessionOpened(session.session_id)]
    counter.close_session()


def test_the_list_of_the_day(tmp_path: Path) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    hall = open_counter(tmp_path / "hall", centre, clock)
    counter = counter_of(hall, clock)

    def do(scene: str = "numbers_under_my_name", until: str | None = None) -> str:
        session = counter.open_session(scene, SERVICE_NUMBER)
        walk(session, clock, until)
        counter.close_session()
        clock.advance(1.0)
        return session.session_id

    delivered, kept = do(), do("new_number", until="precheck")
    deliver(hall, centre)
    waiting, aside = do(), do()
    with hall.database.transaction() as tables:
        deliveries.quarantine(tables, aside, FailureCode.CENTRE_REFUSED_RECORD, "")
    counter.open_session("new_number", SERVICE_NUMBER).abandon(AbandonReason.CUSTOMER_WITHDREW)
    counter.close_session()
    today = counter.today()
    assert [(item.session_id, item.progress, item.outcome) for item in today[1:]] == [
        (aside, Progress.SET_ASIDE, None),
        (waiting, Progress.WAITING, None),
        (kept, Progress.OPEN, None),
        (delivered, Progress.DONE, Outcome.PASSED),
    ]
    assert today[0].progress is Progress.ENDED
    assert [item.service_number for item in today] == ["", *["138****0021"] * 4]  # nothing is kept of one that ended
    assert [item.step and item.step.id for item in today] == [None, None, None, "holder/precheck", None]
    (unfinished,) = counter.unfinished()
    assert unfinished == today[3]
    clock.advance(DAY_S)
    assert counter.today() == []
    assert [item.session_id for item in counter.unfinished()] == [kept]
    hall.close()


def test_no_thread_is_left(hall: OpenHall, clock: HandClock) -> None:
    counter = counter_of(hall, clock)
    before = threading.active_count()
    for _ in range(3):
        session = counter.open_session("numbers_under_my_name", SERVICE_NUMBER)
        walk(session, clock)
        counter.close_session()
    assert threading.active_count() <= before
