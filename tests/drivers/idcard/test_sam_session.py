import pytest

from drivers.idcard import sam
from drivers.idcard.sam import Command, Status
from drivers.idcard.sam_session import SamSession
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import Trouble, VirtualSam
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.reading import read_card


class Answering:
    """A connection whose answer to one command is replaced, or which fails instead."""

    def __init__(self, command: Command | None = None, answer: bytes = b"", failure: KnownError | None = None) -> None:
        self.sam = VirtualSam()
        self.sam.insert(PracticeCard.resident(), None)
        self._frame = sam.encode_command(command) if command else None
        self._answer = answer
        self._failure = failure

    def exchange(self, frame: bytes) -> bytes:
        if frame != self._frame:
            return self.sam.exchange(frame)
        if self._failure is not None:
            raise self._failure
        return self._answer


def refusal(connection: Answering, *, perhaps_read: bool = False) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        read_card(SamSession(connection), perhaps_read=perhaps_read)
    return caught.value.code


def test_reads_a_card() -> None:
    card = PracticeCard.resident()
    contents = read_card(SamSession(Answering()))
    assert (contents.record.raw, contents.portrait) == (card.text, card.portrait)
    assert contents.sam_number == "05.99-20200101-0000000001-0000000001"
    assert "演练" not in repr(contents)


CARD = FailureCode.CARD_UNREADABLE
READER = FailureCode.READER_FAILED


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.CHECKSUM_WRONG, READER),
        (Status.LENGTH_WRONG, READER),
        (Status.COMMAND_WRONG, READER),
        (Status.COMMAND_UNKNOWN, READER),
        (Status.CARD_REFUSES_READER, CARD),
        (Status.READER_REFUSES_CARD, CARD),
        (Status.VERIFICATION_FAILED, CARD),
        (Status.CARD_WRONG, FailureCode.READER_TOO_OLD),
        (Status.READ_FAILED, CARD),
        (Status.RANDOM_FAILED, READER),
        (Status.SELF_TEST_FAILED, READER),
        (Status.UNAUTHORISED, READER),
        (Status.FIND_FAILED, CARD),
        (Status.SELECT_FAILED, CARD),
        (Status.NO_SUCH_ITEM, CARD),
    ],
)
@pytest.mark.parametrize("command", [Command.SAM_NUMBER, Command.FIND, Command.SELECT, Command.READ])
def test_every_status_has_its_failure(command: Command, status: Status, code: FailureCode) -> None:
    assert refusal(Answering(command, sam.encode_reply(status))) is code


@pytest.mark.parametrize("command", [Command.SAM_NUMBER, Command.FIND, Command.SELECT, Command.READ])
@pytest.mark.parametrize("answer", [b"", b"\0" * 40, sam.PREAMBLE, bytes.fromhex("AAAAAA9669000400009095")])
def test_what_is_no_frame_is_the_readers_failure(command: Command, answer: bytes) -> None:
    assert refusal(Answering(command, answer)) is READER


@pytest.mark.parametrize("data", [b"", bytes(4), bytes(1284), b"\1\0\4\0" + bytes(1279), b"\1\0\0\0" + bytes(255)])
def test_wrong_lengths_are_the_readers_failure(data: bytes) -> None:
    assert refusal(Answering(Command.READ, sam.encode_reply(Status.OK, data))) is READER


def test_a_sam_number_of_a_wrong_length_is_the_readers_failure() -> None:
    assert refusal(Answering(Command.SAM_NUMBER, sam.encode_reply(Status.OK, bytes(15)))) is READER


def test_a_card_that_was_read_needs_lifting() -> None:
    connection = Answering()
    read_card(SamSession(connection))
    assert refusal(connection, perhaps_read=True) is FailureCode.CARD_NEEDS_LIFTING
    assert refusal(connection, perhaps_read=False) is CARD
    connection.sam.insert(PracticeCard.resident(), None)
    read_card(SamSession(connection))


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.CHECKSUM_WRONG, READER),
        (Trouble.READ_REFUSED, CARD),
        (Trouble.REMOVED_MID_READ, FailureCode.CARD_REMOVED),
    ],
)
def test_troubles(trouble: Trouble, code: FailureCode) -> None:
    connection = Answering()
    connection.sam.insert(PracticeCard.resident(), trouble)
    assert refusal(connection) is code


MOVED_CARD = PracticeCard(PracticeCard.resident().text, new_address="演练市搬家路2号".ljust(35).encode("utf-16-le"))


def read_new_address(connection: Answering) -> str | None:
    return read_card(SamSession(connection, new_address=True)).new_address


def test_the_new_address_is_read_where_it_is_offered() -> None:
    connection = Answering()
    assert read_new_address(connection) is None
    connection.sam.insert(MOVED_CARD, None)
    assert read_new_address(connection) == "演练市搬家路2号"
    connection.sam.insert(MOVED_CARD, None)
    assert read_card(SamSession(connection)).new_address is None


NO_NEW_ADDRESS = {
    **{f"status {status:02X}": sam.encode_reply(status) for status in Status if status is not Status.NO_SUCH_ITEM},
    **{f"{length} bytes": sam.encode_reply(Status.OK, bytes(length)) for length in (0, 1, 69, 71, 140)},
    "no text": sam.encode_reply(Status.OK, b"\x00\xd8" * 35),
    "no frame": b"\0" * 40,
    "nothing": b"",
}


@pytest.mark.parametrize("answer", NO_NEW_ADDRESS.values(), ids=NO_NEW_ADDRESS)
def test_a_new_address_that_cannot_be_read_does_not_discard_the_card(answer: bytes) -> None:
    contents = read_card(SamSession(Answering(Command.READ_NEW_ADDRESS, answer), new_address=True))
    assert contents.record.raw == PracticeCard.resident().text
    assert (contents.new_address, contents.new_address_unreadable) == (None, True)


@pytest.mark.parametrize("code", [FailureCode.CARD_REMOVED, FailureCode.READER_MISSING, FailureCode.READER_FAILED])
def test_what_happens_after_the_card_was_read_does_not_discard_it(code: FailureCode) -> None:
    connection = Answering(Command.READ_NEW_ADDRESS, failure=KnownError(code))
    contents = read_card(SamSession(connection, presence_known=False, new_address=True))
    assert (contents.new_address, contents.new_address_unreadable) == (None, True)


@pytest.mark.parametrize("card", [PracticeCard.resident(), MOVED_CARD])
def test_what_was_read_or_is_not_there_is_not_missing(card: PracticeCard) -> None:
    connection = Answering()
    connection.sam.insert(card, None)
    assert not read_card(SamSession(connection, new_address=True)).new_address_unreadable


def test_a_chip_without_a_portrait_is_read() -> None:
    connection = Answering()
    connection.sam.insert(PracticeCard(PracticeCard.resident().text, portrait=b""), None)
    contents = read_card(SamSession(connection))
    assert (contents.record.raw, contents.portrait) == (PracticeCard.resident().text, b"")


def test_a_blank_new_address_is_none() -> None:
    assert read_new_address(Answering(Command.READ_NEW_ADDRESS, sam.encode_reply(Status.OK, bytes(70)))) is None


def test_without_known_presence_the_search_tells_whether_a_card_is_there() -> None:
    connection = Answering()
    connection.sam.remove()
    session = SamSession(connection, presence_known=False)
    for perhaps_read, code in ((False, FailureCode.CARD_MISSING), (True, FailureCode.CARD_NEEDS_LIFTING)):
        with pytest.raises(KnownError) as caught:
            read_card(session, perhaps_read=perhaps_read)
        assert caught.value.code is code
    for trouble, code in (
        (Trouble.REMOVED_MID_READ, FailureCode.CARD_REMOVED),
        (Trouble.READ_REFUSED, FailureCode.CARD_UNREADABLE),
    ):
        connection.sam.insert(PracticeCard.resident(), trouble)
        with pytest.raises(KnownError) as caught:
            read_card(session)
        assert caught.value.code is code


def test_garbage_before_the_answers_is_skipped() -> None:
    connection = Answering()
    connection.sam.insert(MOVED_CARD, Trouble.GARBAGE_FIRST)
    assert read_new_address(connection) == "演练市搬家路2号"
