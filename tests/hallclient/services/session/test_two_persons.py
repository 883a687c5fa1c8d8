"""A business of two persons, such as a transfer: both are known and sign, and each file is its person's."""

from pathlib import Path

import pytest

from hallclient.domain.card_document import card_from_json
from hallclient.domain.documents import parse
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import KnownError
from hallclient.domain.session import SessionState
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from tests import doubles
from tests.clock import HandClock
from tests.counters import deliver, inspected, make_centre, open_counter, todays_clock
from tests.hallclient.services.sessions import do_step, open_session, walk
from tests.rule_packs import RulesOf, known_and_signed, pack_with

PERSONS = ("holder", "new_holder")
PACK = pack_with("transfer", PERSONS, *(step for person in PERSONS for step in known_and_signed(person)))
SECOND_NAME, SECOND_NUMBER = "孙𠮷新主", "110105194912310011"


def second_card(session: Session) -> None:
    """Another person's card lies on the reader."""
    reader = session.equipment.card_reader
    assert isinstance(reader, doubles.Reader)
    reader.reading = doubles.card_reading(name=SECOND_NAME, number=SECOND_NUMBER)


def do_both(session: Session, clock: HandClock) -> None:
    walk(session, clock, until="signature")
    do_step(session, "signature", clock)
    second_card(session)
    walk(session, clock)


def test_each_file_is_its_persons(tmp_path: Path) -> None:
    clock, rules = todays_clock(), RulesOf(PACK)
    centre = make_centre(tmp_path / "central", rules)
    hall = open_counter(tmp_path / "hall", centre, clock)
    session = open_session(hall, doubles.equipment(clock), "transfer", PACK)
    do_both(session, clock)
    data_key = session.data_key
    session.close()
    (delivered,) = deliver(hall, centre)
    assert delivered.outcome is Outcome.PASSED
    inspection = inspected(hall, session.session_id, rules)
    assert inspection.holds
    assert inspection.receipt is not None
    assert len(inspection.receipt.objects) == 3  # two recordings, and the rest
    manifest = inspection.manifest
    assert manifest is not None
    by_person = {
        person: {entry.id for step in manifest.steps if step.planned.person == person for entry in step.files}
        for person in PERSONS
    }
    names = {"record", "portrait", "live_photo", "recording", "strokes", "notice"}
    assert by_person == {person: {f"{person}.{name}" for name in names} for person in PERSONS}

    def number(person: str) -> str:
        record = hall.vault.get(session.session_id, f"{person}.record", data_key)
        return card_from_json(record, b"").record.number

    assert (number("holder"), number("new_holder")) == (doubles.NUMBER, SECOND_NUMBER)
    for person, name in (("holder", doubles.CUSTOMER), ("new_holder", SECOND_NAME)):
        signed = hall.vault.get(session.session_id, f"{person}.notice", data_key)
        assert signed.startswith(b"%PDF")
        assert name not in signed.decode("latin-1")
    hall.close()


def test_nobody_signs_before_they_are_known(tmp_path: Path) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    hall = open_counter(tmp_path / "hall", centre, clock)
    session = open_session(hall, doubles.equipment(clock), "transfer", PACK)
    walk(session, clock, until="notice")
    second = session.work("new_holder/card")
    assert isinstance(second, CardStep)
    with pytest.raises(KnownError, match="step_out_of_order"):
        second.read(1.0)
    session.close()
    hall.close()


def test_a_crash_between_two_persons_goes_on_with_the_second(tmp_path: Path) -> None:
    clock, rules = todays_clock(), RulesOf(PACK)
    centre = make_centre(tmp_path / "central", rules)
    hall = open_counter(tmp_path / "hall", centre, clock)
    equipment = doubles.equipment(clock)
    session = open_session(hall, equipment, "transfer", PACK)
    walk(session, clock, until="signature")
    do_step(session, "signature", clock)
    session.close()
    resumed = Session.resume(hall, equipment, session.session_id)
    following = resumed.next_step
    assert following is not None
    assert following.id == "new_holder/card"
    second_card(resumed)
    walk(resumed, clock)
    assert resumed.state is SessionState.SEALED
    manifest = parse(Manifest, (hall.vault.package(session.session_id).folder / "manifest.json").read_bytes())
    assert [step.planned.id for step in manifest.steps] == [step.id for step in resumed.plan.steps]
    resumed.close()
    assert inspected(hall, session.session_id, rules).holds
    hall.close()


def test_records_that_were_exchanged_are_damaged_evidence(tmp_path: Path) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    hall = open_counter(tmp_path / "hall", centre, clock)
    equipment = doubles.equipment(clock)
    session = open_session(hall, equipment, "transfer", PACK)
    walk(session, clock, until="signature")
    do_step(session, "signature", clock)
    second_card(session)
    do_step(session, "card", clock)
    session.close()
    first, second = (hall.vault.path(session.session_id, f"{person}.record") for person in PERSONS)
    content = first.read_bytes(), second.read_bytes()
    first.write_bytes(content[1])
    second.write_bytes(content[0])
    with pytest.raises(KnownError, match="evidence_damaged"):
        Session.resume(hall, equipment, session.session_id)
    hall.close()
