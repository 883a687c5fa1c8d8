"""The outbox and a real centre: what goes out, what waits, what is destroyed."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.domain.delivery import LONGEST_RETRY_S
from hallclient.domain.evidence import FileKind, Outcome, ReviewDecision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection import inspect
from hallclient.services.access import OpenHall, centre_from_json, create_hall, enrol
from hallclient.services.dispatch import Dispatch, DispatchStatus
from hallclient.services.review import ReviewDesk
from hallclient.storage import sessions
from hallclient.storage.audit import first_broken_link
from hallclient.system import SystemClock, SystemEntropy
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.central.running import running
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import PLACE, STAFF, SUPERVISOR, open_hall

NOBODY = "https://127.0.0.1:9"


@pytest.fixture
def clock() -> HandClock:
    return HandClock(dt.datetime.now(dt.UTC))  # TLS looks at the machine's clock


@pytest.fixture
def practice() -> bool:
    return True


@pytest.fixture
def centre(tmp_path: Path, practice: bool) -> Centre:
    return Centre.create(tmp_path / "central", "test", practice, SystemClock(), SystemEntropy())


@pytest.fixture
def hall(tmp_path: Path, clock: HandClock, centre: Centre) -> Iterator[OpenHall]:
    folder = tmp_path / "hall"
    request = create_hall(folder, PLACE, "device-1", True, STAFF, clock, SystemEntropy())
    answer = centre.enrol(request, PLACE.hall, "device-1").model_dump_json().encode()
    enrol(folder, centre_from_json(answer, NOBODY), clock)
    opened = open_hall(folder, clock)
    yield opened
    opened.close()


def sealed(hall: OpenHall, clock: HandClock, score: float = 0.6) -> str:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(score)))
    walk(session, clock)
    session.close()
    return session.session_id


def test_a_package_is_delivered_once_and_then_nothing_on_the_disk_opens_it(
    hall: OpenHall, clock: HandClock, centre: Centre
) -> None:
    session = sealed(hall, clock)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        assert dispatch.outcome(session) is Outcome.PROVISIONAL
        (delivered,) = dispatch.send_all()
        assert dispatch.send_all() == []
        dispatch.close()
    assert (delivered.session, delivered.outcome) == (session, Outcome.PASSED)
    assert dispatch.outcome(session) is Outcome.PASSED
    inspection = inspect(hall.vault.package(session), hall.roots)
    assert inspection.holds
    assert inspection.receipt is not None
    with hall.database.transaction() as tables:
        assert sessions.wrapped_data_key(tables, session) is None
        assert first_broken_link(tables) is None


def test_offline_it_waits_longer_each_time_and_loses_nothing(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    session = sealed(hall, clock)
    dispatch = Dispatch(hall)
    assert not dispatch.reachable()
    for _ in range(3):
        with pytest.raises(KnownError, match="centre_unreachable"):
            dispatch.send_all()
    assert dispatch.status.waiting == 1
    dispatch.close()
    clock.advance(LONGEST_RETRY_S)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        assert [item.session for item in dispatch.send_all()] == [session]
        dispatch.close()


@pytest.mark.expects_log("refused .*/commit: package_refused")
def test_a_damaged_package_is_set_aside_and_the_others_go(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    bad, good = sealed(hall, clock), sealed(hall, clock)
    path = hall.vault.path(bad, FileKind.LIVE_PHOTO)
    path.write_bytes(path.read_bytes()[:-1])
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        delivered = {item.session: item for item in dispatch.send_all()}
        status = dispatch.status
        dispatch.close()
    assert delivered[bad].failure is FailureCode.CENTRE_REFUSED_RECORD
    assert delivered[good].outcome is Outcome.PASSED
    assert (status.waiting, status.quarantined) == (0, 1)
    with hall.database.transaction() as tables:
        assert sessions.wrapped_data_key(tables, bad) is not None


@pytest.mark.expects_log("refused .*: practice_package")
@pytest.mark.parametrize("practice", [False])
def test_a_real_centre_refuses_what_was_practised(hall: OpenHall, clock: HandClock, centre: Centre) -> None:
    sealed(hall, clock)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        (delivered,) = dispatch.send_all()
        dispatch.close()
    assert delivered.failure is FailureCode.CENTRE_REFUSED_RECORD


def test_a_flagged_session_waits_for_its_review_and_goes_with_it(
    hall: OpenHall, clock: HandClock, centre: Centre
) -> None:
    session = sealed(hall, clock, score=0.35)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        assert dispatch.send_all() == []
        assert dispatch.outcome(session) is Outcome.PENDING_REVIEW
        supervisor = open_hall(hall.folder, clock, SUPERVISOR)
        desk = ReviewDesk(supervisor, doubles.PortraitDecoder(None))
        desk.decide(session, ReviewDecision.APPROVED, "本人", "护照")
        (delivered,) = dispatch.send_all()
        dispatch.close()
        supervisor.close()
    assert delivered.outcome is Outcome.PASSED


def test_another_root_is_not_this_halls_centre(hall: OpenHall, clock: HandClock, tmp_path: Path) -> None:
    sealed(hall, clock)
    other = Centre.create(tmp_path / "other", "other", True, SystemClock(), SystemEntropy())
    with running(other) as url:
        dispatch = Dispatch(hall, url)
        with pytest.raises(KnownError, match="centre_untrusted"):
            dispatch.send_all()
        dispatch.close()
    assert dispatch.status.waiting == 1


def test_in_the_background_a_sealed_session_goes_out_by_itself(
    hall: OpenHall, clock: HandClock, centre: Centre
) -> None:
    arrived = threading.Event()
    seen: list[DispatchStatus] = []

    def listen(status: DispatchStatus) -> None:
        seen.append(status)
        if status.online and status.waiting == 0:
            arrived.set()

    session = sealed(hall, clock)
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        dispatch.start()
        dispatch.watch(listen)
        dispatch.wake()
        assert arrived.wait(60)
        dispatch.close()
    assert dispatch.outcome(session) is Outcome.PASSED
    assert seen[-1].failure is None


def test_in_the_background_no_network_is_said(hall: OpenHall) -> None:
    said = threading.Event()
    dispatch = Dispatch(hall)
    dispatch.watch(lambda status: said.set() if status.failure is FailureCode.CENTRE_UNREACHABLE else None)
    dispatch.start()
    assert said.wait(60)
    assert dispatch.status.online is False
    dispatch.close()
