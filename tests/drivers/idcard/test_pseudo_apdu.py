import pytest

from drivers.idcard.pseudo_apdu import SLICES, PseudoApduSession, slice_command
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_pseudo_apdu import DONE, INSTRUCTION_UNKNOWN, VirtualPseudoApdu
from drivers.practice.idcard.virtual_sam import Trouble, VirtualSam
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.reading import read_card

CARD = PracticeCard.resident()


class Answering:
    """A connection whose answer to one slice is replaced."""

    def __init__(self, index: int | None = None, answer: bytes = b"") -> None:
        self.module = VirtualSam()
        self.module.insert(CARD, None)
        self.asked: list[bytes] = []
        self._reader = VirtualPseudoApdu(self.module)
        self._index = index
        self._answer = answer

    def exchange(self, frame: bytes) -> bytes:
        self.asked.append(frame)
        true_answer = self._reader.exchange(frame)
        return self._answer if self._index is not None and frame == slice_command(self._index) else true_answer


def refusal(connection: Answering, *, perhaps_read: bool = False) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        read_card(PseudoApduSession(connection), perhaps_read=perhaps_read)
    return caught.value.code


def test_reads_a_card() -> None:
    connection = Answering()
    contents = read_card(PseudoApduSession(connection))
    assert (contents.record.raw, contents.portrait) == (CARD.text, CARD.portrait)
    assert (contents.sam_number, contents.new_address) == ("", None)
    assert [apdu.hex() for apdu in connection.asked] == [f"ffb00{index}0000" for index in range(6)]


def test_the_last_slice_may_be_filled_up() -> None:
    contents = read_card(PseudoApduSession(Answering(SLICES - 1, bytes(256) + DONE)))
    assert len(contents.portrait) == 1024


def test_a_chip_without_a_portrait_is_read() -> None:
    connection = Answering()
    connection.module.insert(PracticeCard(CARD.text, portrait=b""), None)
    contents = read_card(PseudoApduSession(connection))
    assert (contents.record.raw, contents.portrait) == (CARD.text, b"")
    assert [apdu.hex() for apdu in connection.asked] == ["ffb0000000", "ffb0010000"]


@pytest.mark.parametrize(
    ("index", "answer"),
    [
        (0, b""),
        (0, b"\x90"),
        (0, DONE),
        (2, bytes(255) + DONE),
        (2, bytes(257) + DONE),
        (5, bytes(3) + DONE),
        (0, bytes(256) + DONE),  # lengths of 0
        (1, b"\x6f\x00"),
    ],
)
def test_what_is_no_slice_is_the_readers_failure(index: int, answer: bytes) -> None:
    assert refusal(Answering(index, answer)) is FailureCode.READER_FAILED


@pytest.mark.parametrize("status", ["6981", "6986", "6A81", "6D00", "6E00"])
def test_a_reader_that_does_not_know_the_command_has_no_module(status: str) -> None:
    assert refusal(Answering(0, bytes.fromhex(status)), perhaps_read=True) is FailureCode.READER_WITHOUT_SAM


@pytest.mark.parametrize("status", ["6281", "6282", "6300", "6982", "6A82"])
def test_a_card_that_fails(status: str) -> None:
    assert refusal(Answering(0, bytes.fromhex(status))) is FailureCode.CARD_UNREADABLE
    assert refusal(Answering(0, bytes.fromhex(status)), perhaps_read=True) is FailureCode.CARD_NEEDS_LIFTING
    assert refusal(Answering(3, bytes.fromhex(status)), perhaps_read=True) is FailureCode.CARD_UNREADABLE


@pytest.mark.parametrize("trouble", [Trouble.CHECKSUM_WRONG, Trouble.READ_REFUSED, Trouble.REMOVED_MID_READ])
def test_troubles(trouble: Trouble) -> None:
    connection = Answering()
    connection.module.insert(CARD, trouble)
    assert refusal(connection) is FailureCode.CARD_UNREADABLE


def test_a_card_that_was_read_needs_lifting() -> None:
    connection = Answering()
    read_card(PseudoApduSession(connection))
    assert refusal(connection, perhaps_read=True) is FailureCode.CARD_NEEDS_LIFTING


def test_the_virtual_reader_knows_no_other_apdu() -> None:
    assert VirtualPseudoApdu(VirtualSam()).exchange(bytes.fromhex("FFCA000000")) == INSTRUCTION_UNKNOWN
    assert VirtualPseudoApdu(VirtualSam()).exchange(bytes.fromhex("FFB0060000")) == INSTRUCTION_UNKNOWN
