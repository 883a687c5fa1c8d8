"""The sealed package: what is in it, what it says, and what is nowhere to be read."""

from pathlib import Path

import pytest

from hallclient.domain.certificates import load_roots
from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.key_pictures import KEY_PICTURE_FILES
from hallclient.domain.evidence.receipt import Outcome, judge
from hallclient.domain.failures import KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.sealed_key import open_key
from hallclient.domain.session import AbandonReason
from hallclient.domain.step_kinds import possible_files
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from hallclient.services.session.precheck import PrecheckStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    SERVICE_NUMBER,
    open_session,
    sealed_portrait,
    walk,
)
from tests.halls import PLACE, TestCentre

NOTHING_PERSONAL = (doubles.CUSTOMER, doubles.NUMBER, SERVICE_NUMBER)


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Session:
    return open_session(hall, doubles.equipment(clock))


def bytes_below(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_whole_session_becomes_a_package_that_holds(
    session: Session, hall: OpenHall, clock: HandClock, centre: TestCentre
) -> None:
    walk(session, clock)
    session.close()
    package = hall.vault.package(session.session_id)
    manifest = inspect(package, load_roots(centre.roots_pem.encode()), ShippedRules()).manifest
    assert manifest is not None
    data_key = open_key(bytes.fromhex(manifest.data_key.sealed), centre.hpke_key, session.session_id, PLACE.hall)
    inspection = inspect(package, load_roots(centre.roots_pem.encode()), ShippedRules(), data_key)
    assert inspection.failed == ()
    assert inspection.holds
    assert manifest.practice
    unused = {f"holder.{name}" for name in KEY_PICTURE_FILES[2:]}  # of the checks that were not needed
    assert {entry.id for entry in manifest.files} == {"business", *possible_files(manifest.plan)} - unused
    assert judge(manifest, None) is Outcome.PASSED


def test_nothing_personal_is_readable_on_the_disk(session: Session, hall: OpenHall, clock: HandClock) -> None:
    walk(session, clock)
    session.close()
    content = bytes_below(hall.folder)
    names = "\n".join(str(path) for path in hall.folder.rglob("*"))
    for text in NOTHING_PERSONAL:
        assert text.encode() not in content
        assert text.encode("utf-16-le") not in content
        assert text not in names


@pytest.mark.parametrize(
    ("score", "decision", "outcome"),
    [
        (0.6, Decision.MATCHED, Outcome.PASSED),
        (0.35, Decision.DOUBTFUL, Outcome.NOT_PASSED),
        (0.05, Decision.MISMATCHED, Outcome.NOT_PASSED),
    ],
)
def test_only_a_match_passes_without_a_supervisor(
    score: float, decision: Decision, outcome: Outcome, hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(score)))
    walk(session, clock, until="seal")
    manifest = session.seal()
    session.close()
    face = sealed_portrait(manifest).face
    assert face is not None
    assert face.comparison.decision is decision
    assert manifest.needs_review is (decision is not Decision.MATCHED)
    assert judge(manifest, None) is outcome


def test_a_sealed_session_is_immutable(session: Session, clock: HandClock) -> None:
    walk(session, clock)
    for change in (
        session.seal,
        session.the(PrecheckStep).check,
        lambda: session.abandon(AbandonReason.CUSTOMER_WITHDREW),
    ):
        with pytest.raises(KnownError, match="step_out_of_order"):
            change()
    session.close()


def test_a_scene_without_a_notice_is_sealed_after_the_comparison(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock), "numbers_under_my_name")
    walk(session, clock)
    session.close()
    inspection = inspect(hall.vault.package(session.session_id), hall.roots, ShippedRules())
    assert inspection.holds
