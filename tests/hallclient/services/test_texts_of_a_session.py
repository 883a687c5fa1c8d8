"""What a customer was shown is what is read, rendered, signed and stated, whatever comes into force meanwhile."""

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest

from hallclient import rule_texts
from hallclient.domain.certificates import load_roots
from hallclient.domain.document_text import document_text_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.domain.sealed_key import open_key
from hallclient.rule_texts import ShippedRules, text_as_read, text_in_force
from hallclient.services.access import OpenHall
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from hallclient.services.session.signature import SignatureStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    STROKES,
    next_kind,
    open_session,
    read_notice,
    resume_session,
    shown,
    walk,
)
from tests.halls import PLACE, TestCentre

# Version 2 comes into force with the 23rd; in UTC that is still the 22nd.
BEFORE_MIDNIGHT = dt.datetime(2026, 11, 22, 15, 50, 0, tzinfo=dt.UTC)
PAST_MIDNIGHT_S = 601.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock(BEFORE_MIDNIGHT)


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of texts, with a second version of both from midnight on."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for entry in (resources.files("assets") / "notices").iterdir():
        (folder / entry.name).write_text(entry.read_text("utf-8"), "utf-8")
    for code in ("fraud_risk", "face_consent"):
        first = (folder / f"{code}-1.toml").read_text("utf-8")
        assert 'version = "1"' in first
        second = first.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-11-23")
        (folder / f"{code}-2.toml").write_text(second.replace('title = "', 'title = "新版'), "utf-8")
    monkeypatch.setattr(rule_texts, "TEXTS", folder)
    return folder


def cut_off(session: Session, hall: OpenHall, clock: HandClock) -> Session:
    session.close()
    return resume_session(hall, doubles.equipment(clock), session.session_id)


def test_a_version_comes_into_force_at_midnight_in_beijing_for_who_comes_after_it(
    texts: Path, hall: OpenHall, clock: HandClock
) -> None:
    """What is in force is planned at the opening: nobody is shown one version, and agrees to another."""
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="portrait")
    consent = session.the(PortraitStep).consent_text()
    assert consent.version == "1"
    clock.advance(PAST_MIDNIGHT_S)
    session = cut_off(session, hall, clock)
    assert session.the(PortraitStep).consent_text() == consent
    session.the(PortraitStep).give_consent(True)
    given = session.the(PortraitStep).facts.consent
    assert given is not None
    assert (given.text.version, given.text.sha256) == ("1", consent.sha256)
    session.the(PortraitStep).compare(shown(session))
    assert session.the(NoticeStep).notice().version == "1"  # shown after midnight, planned before it
    session.close()
    later = open_session(hall, doubles.equipment(clock))
    walk(later, clock, until="portrait")
    assert later.the(PortraitStep).consent_text().version == "2"
    later.the(PortraitStep).give_consent(False)
    assert later.the(NoticeStep).notice().version == "2"
    later.close()


@pytest.mark.parametrize("resumed", [False, True])
def test_the_first_version_that_was_shown_is_the_one_for_the_whole_session(
    resumed: bool, texts: Path, hall: OpenHall, clock: HandClock, centre: TestCentre
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="notice")
    read = session.the(NoticeStep).notice()
    clock.advance(PAST_MIDNIGHT_S)
    session = cut_off(session, hall, clock) if resumed else session
    assert session.the(NoticeStep).notice() == read
    read_notice(session, clock)
    session = cut_off(session, hall, clock) if resumed else session
    session.the(SignatureStep).sign(STROKES, "pen")
    manifest, copy = session.seal(), session.the(SignatureStep).customer_copy()
    session.close()

    done = manifest.done_step("notice")
    assert done is not None
    assert done.planned.options["text"] == {"code": "fraud_risk", "version": "1", "sha256": read.sha256}
    assert document_text_of(copy) == ("fraud_risk", "1", read.sha256, session.session_id)
    data_key = open_key(bytes.fromhex(manifest.data_key.sealed), centre.hpke_key, session.session_id, PLACE.hall)
    inspection = inspect(
        hall.vault.package(session.session_id), load_roots(centre.roots_pem.encode()), ShippedRules(), data_key
    )
    assert inspection.holds
    assert Question.TEXT_AS_STATED in {check.question for check in inspection.checks}


def test_a_text_that_is_gone_is_said_and_no_other_is_signed_instead(
    texts: Path, hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="signature")
    (texts / "fraud_risk-1.toml").rename(texts / "away")
    session = cut_off(session, hall, clock)
    with pytest.raises(KnownError, match="notice_text_missing"):
        session.the(SignatureStep).sign(STROKES, "pen")
    assert next_kind(session) == "signature"
    (texts / "away").rename(texts / "fraud_risk-1.toml")
    session.the(SignatureStep).sign(STROKES, "pen")
    session.close()


def test_nothing_is_recorded_without_its_text(texts: Path, hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock, customer=(customer := doubles.Customer()))
    session = open_session(hall, doubles.equipment(clock, camera=camera, customer=customer))
    walk(session, clock, until="notice")
    session.close()
    session = resume_session(hall, session.equipment, session.session_id)
    session.the(NoticeStep).notice()
    (texts / "fraud_risk-1.toml").unlink()
    with pytest.raises(KnownError, match="notice_text_missing"):
        session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    assert not camera.open
    session.close()


@pytest.mark.parametrize("given", [True, False])
def test_nobody_answers_to_a_text_that_is_gone(given: bool, texts: Path, hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="portrait")
    (texts / "face_consent-1.toml").unlink()
    with pytest.raises(KnownError, match="notice_text_missing"):
        session.the(PortraitStep).give_consent(given)
    assert session.the(PortraitStep).facts.consent is None
    session.close()


def test_a_changed_word_under_the_same_version_is_another_text(texts: Path) -> None:
    read = text_in_force("fraud_risk", dt.date(2026, 11, 22))
    path = texts / "fraud_risk-1.toml"
    path.write_text(path.read_text("utf-8").replace("违法", "不当"), "utf-8")
    with pytest.raises(KnownError) as caught:
        text_as_read("fraud_risk", read.version, read.sha256)
    assert caught.value.code is FailureCode.NOTICE_TEXT_MISSING


@pytest.mark.parametrize("until", ["card", "precheck"])
def test_no_text_is_shown_before_its_step(until: str, texts: Path, hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=until)
    for text in (session.the(PortraitStep).consent_text, session.the(NoticeStep).notice):
        with pytest.raises(KnownError, match="step_out_of_order"):
            text()
    session.close()


@pytest.mark.parametrize(("seconds", "usable"), [(0, True), (PAST_MIDNIGHT_S, False)])
def test_a_card_expires_at_midnight_in_beijing(seconds: float, usable: bool, hall: OpenHall, clock: HandClock) -> None:
    clock.advance(seconds)
    reader = doubles.Reader(doubles.card_reading(valid_to=dt.date(2026, 11, 22)))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader))
    session.the(CardStep).read(1.0)
    assert session.the(PrecheckStep).check().card_usable is usable
    session.close()
