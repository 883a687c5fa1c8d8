"""A hall with a timestamp service: notice and manifest get their times from it, or the facts say why not."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from hallclient.domain.evidence import MANIFEST_TIMESTAMP
from hallclient.domain.evidence.facts.signature import NoticeTimestamp
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.failures import KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.dispatch import Dispatch
from hallclient.services.session.signature import SignatureStep
from hallclient.services.timestamps import stamp_by
from hallclient.storage.deliveries import lease
from tests import doubles
from tests.clock import CountingEntropy, HandClock
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import make_hall, open_hall
from tests.timestamp_service import REPLY, answering, authority, openssl_service

pytestmark = pytest.mark.may_log("(timestamp|courier|pyhanko)")

SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
TSA, FOREIGN = authority("tsa", SINCE, 60), authority("foreign tsa", SINCE, 60)
OpenHallAt = Callable[[str], OpenHall]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(dt.datetime.now(dt.UTC))  # by which openssl signs


@pytest.fixture
def hall_with(tmp_path: Path, clock: HandClock) -> Iterator[OpenHallAt]:
    """A hall whose timestamp service is at an address."""
    with ExitStack() as stack:

        def opened(url: str) -> OpenHall:
            folder = tmp_path / "hall"
            make_hall(folder, clock, timestamps=TSA.settings(url))
            hall = open_hall(folder, clock)
            stack.callback(hall.close)
            return hall

        yield opened


def sealed(hall: OpenHall, clock: HandClock, score: float = 0.6) -> tuple[Manifest, NoticeTimestamp]:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(score)))
    walk(session, clock, until="signature")
    clock.set(dt.datetime.now(dt.UTC))
    walk(session, clock, until="seal")
    facts = session.the(SignatureStep).facts
    assert facts is not None
    manifest = session.seal()
    session.close()
    return manifest, facts.timestamp


def stamped(hall: OpenHall) -> None:
    """The courier's turn, as far as the timestamps."""
    dispatch = Dispatch(hall)
    try:
        with pytest.raises(KnownError, match="centre_unreachable"):
            dispatch.send_all()
    finally:
        dispatch.close()


def test_notice_and_manifest_bear_the_services_time(tmp_path: Path, hall_with: OpenHallAt, clock: HandClock) -> None:
    (tmp_path / "tsa").mkdir()
    with openssl_service(tmp_path / "tsa", TSA) as url:
        hall = hall_with(url)
        manifest, said = sealed(hall, clock)
        assert said is NoticeTimestamp.TIMESTAMPED
        stamped(hall)
    package = hall.vault.package(manifest.session)
    inspection = inspect(package, hall.roots, ShippedRules(), hall.data_key(manifest.session), [TSA.root])
    assert inspection.failed == ()
    assert [told.timestamp.trusted for told in inspection.timestamps] == [True]


def test_one_that_waits_for_a_review_is_stamped_before(tmp_path: Path, hall_with: OpenHallAt, clock: HandClock) -> None:
    (tmp_path / "tsa").mkdir()
    with openssl_service(tmp_path / "tsa", TSA) as url:
        hall = hall_with(url)
        manifest, _ = sealed(hall, clock, score=0.3)
        assert manifest.needs_review
        dispatch = Dispatch(hall)
        assert dispatch.send_all() == []
        dispatch.close()
    assert MANIFEST_TIMESTAMP in hall.vault.package(manifest.session).names()


@pytest.mark.parametrize("became", [NoticeTimestamp.UNREACHABLE, NoticeTimestamp.INVALID])
def test_a_service_that_is_silent_or_wrong_changes_nothing_but_the_statement(
    hall_with: OpenHallAt, clock: HandClock, became: NoticeTimestamp
) -> None:
    wrong = became is NoticeTimestamp.INVALID
    with answering(lambda query: (REPLY, FOREIGN.reply(query, clock.now())), 200 if wrong else 503) as url:
        hall = hall_with(url)
        manifest, said = sealed(hall, clock)
        assert said is became
        stamped(hall)
    package = hall.vault.package(manifest.session)
    assert MANIFEST_TIMESTAMP not in package.names()
    inspection = inspect(package, hall.roots, ShippedRules(), hall.data_key(manifest.session), [TSA.root])
    assert inspection.failed == ()
    assert inspection.holds


def test_what_the_centre_may_know_is_not_stamped_any_more(
    tmp_path: Path, hall_with: OpenHallAt, clock: HandClock
) -> None:
    """Its bundle was announced: with another file in it, the centre would refuse it for good."""
    hall = hall_with("http://127.0.0.1:9/")
    manifest, _ = sealed(hall, clock)
    with hall.database.transaction() as tables:
        assert lease(tables, clock.now().timestamp()) is not None
    (tmp_path / "tsa").mkdir()
    with openssl_service(tmp_path / "tsa", TSA) as url:
        reachable = replace(hall, stamp=stamp_by(TSA.settings(url), clock, CountingEntropy()))
        stamped(reachable)
    assert MANIFEST_TIMESTAMP not in hall.vault.package(manifest.session).names()


def test_without_a_service_nobody_is_asked(tmp_path: Path, clock: HandClock) -> None:
    make_hall(tmp_path / "hall", clock)
    hall = open_hall(tmp_path / "hall", clock)
    _, said = sealed(hall, clock)
    hall.close()
    assert said is NoticeTimestamp.NO_SERVICE
