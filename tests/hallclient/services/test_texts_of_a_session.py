"""What a customer was shown is what is read, rendered, signed and stated, whatever comes into force meanwhile."""

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest
from hallclient.domain.scene import Step
from hallclient.services.verification import Verification

from hallclient.domain.certificates import load_roots
from hallclient.domain.document_text import document_text_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.domain.sealed_key import open_key
from hallclient.domain.session import State
from hallclient.rule_texts import FACE_CONSENT, FRAUD_RISK, text_as_read, text_in_force
from hallclient.services import notices
from hallclient.services.access import OpenHall
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import STROKES, open_session, read_notice, shown, walk
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
    for code in (FRAUD_RISK, FACE_CONSENT):
        first = (folder / f"{code}-1.toml").read_text("utf-8")
        assert 'version = "1"' in first
        second = first.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-11-23")
        (folder / f"{code}-2.toml").write_text(second.replace('title = "', 'title = "新版'), "utf-8")
    monkeypatch.setattr(notices, "TEXTS", folder)
    return folder


def cut_off(session: Verification, hall: OpenHall, clock: HandClock) -> Verification:
    session.close()
    return Verification.resume(hall, doubles.equipment(clock), session.session_id)


def test_a_version_comes_into_force_at_midnight_in_beijing(texts: Path, hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=Step.PORTRAIT)
    consent = session.consent_text()
    assert consent.version == "1"
    clock.advance(PAST_MIDNIGHT_S)
    session = cut_off(session, hall, clock)
    assert session.consent_text() == consent
    session.give_consent(True)
    assert session.facts.consent is not None
    assert (session.facts.consent.version, session.facts.consent.sha256) == ("1", consent.sha256)
    session.compare(shown(session))
    assert session.notice().version == "2"  # first shown after midnight
    session.close()


@pytest.mark.parametrize("resumed", [False, True])
def test_the_first_version_that_was_shown_is_the_one_for_the_whole_session(
    resumed: bool, texts: Path, hall: OpenHall, clock: HandClock, centre: TestCentre
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=Step.NOTICE)
    read = session.notice()
    clock.advance(PAST_MIDNIGHT_S)
    session = cut_off(session, hall, clock) if resumed else session
    assert session.notice() == read
    read_notice(session, clock)
    session = cut_off(session, hall, clock) if resumed else session
    session.sign(STROKES, "pen")
    manifest, copy = session.seal(), session.customer_copy()
    session.close()

    assert manifest.facts.notice is not None
    assert manifest.facts.notice.model_dump() == {"code": FRAUD_RISK, "version": "1", "sha256": read.sha256}
    assert document_text_of(copy) == (FRAUD_RISK, "1", read.sha256)
    data_key = open_key(bytes.fromhex(manifest.data_key.sealed), centre.hpke_key, session.session_id, PLACE.hall)
    inspection = inspect(hall.vault.package(session.session_id), load_roots(centre.roots_pem.encode()), data_key)
    assert inspection.holds
    assert Question.TEXT_AS_STATED in {check.question for check in inspection.checks}


def test_a_text_that_is_gone_is_said_and_no_other_is_signed_instead(
    texts: Path, hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=Step.SIGNATURE)
    (texts / f"{FRAUD_RISK}-1.toml").rename(texts / "away")
    session = cut_off(session, hall, clock)
    with pytest.raises(KnownError, match="notice_text_missing"):
        session.sign(STROKES, "pen")
    assert session.state is State.INFORMED
    (texts / "away").rename(texts / f"{FRAUD_RISK}-1.toml")
    session.sign(STROKES, "pen")
    session.close()


def test_nothing_is_recorded_without_its_text(texts: Path, hall: OpenHall, clock: HandClock) -> None:
    camera = doubles.Camera(clock, customer=(customer := doubles.Customer()))
    session = open_session(hall, doubles.equipment(clock, camera=camera, customer=customer))
    walk(session, clock, until=Step.NOTICE)
    session.notice()
    (texts / f"{FRAUD_RISK}-1.toml").unlink()
    with pytest.raises(KnownError, match="notice_text_missing"):
        session.start_reading(lambda frame: None, lambda level: None)
    assert not camera.open
    session.close()


def test_a_changed_word_under_the_same_version_is_another_text(texts: Path) -> None:
    read = text_in_force(FRAUD_RISK, dt.date(2026, 11, 22))
    path = texts / f"{FRAUD_RISK}-1.toml"
    path.write_text(path.read_text("utf-8").replace("违法", "不当"), "utf-8")
    with pytest.raises(KnownError) as caught:
        text_as_read(FRAUD_RISK, read.version, read.sha256)
    assert caught.value.code is FailureCode.NOTICE_TEXT_MISSING


@pytest.mark.parametrize("until", [Step.CARD, Step.PRECHECK])
def test_no_text_is_shown_before_its_step(until: Step, texts: Path, hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=until)
    for text in (session.consent_text, session.notice):
        with pytest.raises(KnownError, match="step_out_of_order"):
            text()
    session.close()


@pytest.mark.parametrize(("seconds", "usable"), [(0, True), (PAST_MIDNIGHT_S, False)])
def test_a_card_expires_at_midnight_in_beijing(seconds: float, usable: bool, hall: OpenHall, clock: HandClock) -> None:
    clock.advance(seconds)
    reader = doubles.Reader(doubles.card_reading(valid_to=dt.date(2026, 11, 22)))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader))
    session.read_card(1.0)
    assert session.precheck().card_usable is usable
    session.close()
