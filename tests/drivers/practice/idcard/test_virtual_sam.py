import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.idcard import sam
from drivers.idcard.sam import Command, Status
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import ATR, Trouble, VirtualSam

CARD = PracticeCard.resident()


def statuses(virtual: VirtualSam, *commands: Command) -> list[int]:
    return [sam.decode_reply(virtual.exchange(sam.encode_command(command))).status for command in commands]


def with_card(trouble: Trouble | None = None) -> VirtualSam:
    virtual = VirtualSam()
    virtual.insert(CARD, trouble)
    return virtual


FIND, SELECT, READ = Command.FIND, Command.SELECT, Command.READ


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ((FIND, SELECT, READ), [Status.FOUND, Status.OK, Status.OK]),
        ((FIND, FIND, SELECT, READ), [Status.FOUND, Status.FOUND, Status.OK, Status.OK]),
        ((FIND, SELECT, READ, FIND), [Status.FOUND, Status.OK, Status.OK, Status.FIND_FAILED]),
        ((SELECT, READ), [Status.SELECT_FAILED, Status.READ_FAILED]),
        ((FIND, READ), [Status.FOUND, Status.READ_FAILED]),
        ((Command.RESET, Command.STATUS, Command.SAM_NUMBER), [Status.OK, Status.OK, Status.OK]),
        ((Command.READ_NEW_ADDRESS,), [Status.NO_SUCH_ITEM]),
    ],
)
def test_the_order_of_a_read(commands: tuple[Command, ...], expected: list[Status]) -> None:
    assert statuses(with_card(), *commands) == expected


def test_nothing_is_found_without_a_card() -> None:
    assert statuses(VirtualSam(), FIND, SELECT, READ) == [Status.FIND_FAILED, Status.SELECT_FAILED, Status.READ_FAILED]


def test_a_card_that_left_is_found_again() -> None:
    virtual = with_card()
    statuses(virtual, FIND, SELECT, READ)
    virtual.remove()
    virtual.insert(CARD, None)
    assert statuses(virtual, FIND) == [Status.FOUND]


def test_a_card_taken_away_mid_read_is_gone() -> None:
    virtual = with_card(Trouble.REMOVED_MID_READ)
    assert statuses(virtual, FIND, SELECT, READ) == [Status.FOUND, Status.OK, Status.READ_FAILED]
    assert virtual.card is None


@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_get_an_answer_or_none(data: bytes, preamble: bool) -> None:
    answer = with_card().exchange(sam.PREAMBLE + data if preamble else data)
    assert answer == b"" or sam.decode_reply(answer)


def test_the_answer_to_reset_is_a_resident_cards() -> None:
    assert ATR.hex().startswith("3b888001d10386")
    checksum = 0
    for byte in ATR[1:]:
        checksum ^= byte
    assert checksum == 0
