import logging

import pytest

from drivers.idcard import sam
from drivers.idcard.sam_session import SamSession
from drivers.idcard.traffic import TRAFFIC, LoggedConnection
from drivers.practice.idcard.people import PRACTICE_PERSON
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import VirtualSam
from tests.drivers.idcard.reading import read_card

CARD = PracticeCard(PracticeCard.resident().text, b"portrait".ljust(1024, b"\x77"))


def read_a_card() -> None:
    module = VirtualSam()
    module.insert(CARD, None)
    contents = read_card(SamSession(LoggedConnection(module, "Reader 00")))
    assert contents.record.raw == CARD.text


def test_the_traffic_shows_commands_lengths_and_status(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(TRAFFIC):
        read_a_card()
    lines = [record.getMessage() for record in caplog.records if record.levelno == TRAFFIC]
    assert lines[-2:] == ["Reader 00 > READ, 10 bytes", "Reader 00 < OK, 1295 bytes"]
    assert len(lines) == 8


def test_the_traffic_shows_nothing_personal(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(TRAFFIC):
        read_a_card()
    person = PRACTICE_PERSON
    parts = [person.name, person.number, person.number[6:14], person.address, "portrait"]
    for data in (CARD.text, CARD.portrait):
        parts += [data[:8].hex(), repr(data[:8])[2:-1], str(list(data[:4]))[1:-1]]
    assert not [part for part in parts if part.lower() in caplog.text.lower()]


def test_debug_does_not_bring_the_traffic(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read_a_card()
    assert not caplog.records


class Deaf:
    def exchange(self, frame: bytes) -> bytes:
        return b"secret"


def test_what_is_no_frame_is_not_shown_either(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(TRAFFIC):
        LoggedConnection(Deaf(), "R").exchange(b"secret")
        LoggedConnection(Deaf(), "R").exchange(sam.encode_command(sam.Command.FIND))
    assert "R > unknown command, 6 bytes" in caplog.text
    assert "no frame" in caplog.text
    assert "secret" not in caplog.text
