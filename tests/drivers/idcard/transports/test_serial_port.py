"""A whole read over a serial port: our session, pyserial, a pseudo-terminal, and a virtual reader behind it."""

import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.idcard import sam
from drivers.idcard.channels import SerialChannel
from drivers.idcard.profiles import ReaderProfile, ReaderProtocol, Transport
from drivers.idcard.sam import Command, Status, decode_reply, encode_command, encode_reply
from drivers.idcard.sam_session import SamSession
from drivers.idcard.transports.serial_port import SerialConnection, serial_ports
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.reader_process import SerialReaderProcess
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.clocks import FakeClock, SystemClock
from tests.drivers.idcard.reading import read_card

CARD = PracticeCard(PracticeCard.resident().text, new_address="演练市搬家路2号".ljust(35).encode("utf-16-le"))
BRIEFLY_S = 0.2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serial")


@pytest.fixture
def reader(folder: Path) -> Iterator[SerialReaderProcess]:
    process = SerialReaderProcess(folder / "port")
    process.start()
    yield process
    process.stop()


def connect(
    reader: SerialReaderProcess, *rates: int, raise_to: int | None = None, answer_timeout_s: float = 5.0
) -> SerialConnection:
    return SerialConnection(
        str(reader.path),
        SystemClock(),
        baud_rates=rates or (115_200,),
        raise_to=raise_to,
        answer_timeout_s=answer_timeout_s,
        probe_timeout_s=BRIEFLY_S,
    )


def refusal(connection: SerialConnection) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        read_card(SamSession(connection, presence_known=False))
    return caught.value.code


def opening_refusal(reader: SerialReaderProcess, *rates: int) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        connect(reader, *rates)
    return caught.value.code


def test_a_profile_opens_a_session_that_reads_one_card_after_the_other(reader: SerialReaderProcess) -> None:
    profile = ReaderProfile("own", 1, Transport.SERIAL, ReaderProtocol.SAM, new_address=True)
    channel = SerialChannel(str(reader.path), SystemClock())
    with channel.session(profile) as session:
        for perhaps_read, code in ((False, FailureCode.CARD_MISSING), (True, FailureCode.CARD_NEEDS_LIFTING)):
            with pytest.raises(KnownError) as caught:
                read_card(session, perhaps_read=perhaps_read)
            assert caught.value.code is code
        for _ in range(3):
            reader.insert(CARD)
            contents = read_card(session, perhaps_read=True)
            assert (contents.record.raw, contents.portrait) == (CARD.text, CARD.portrait)
            assert contents.sam_number == "05.99-20200101-0000000001-0000000001"
            assert contents.new_address == "演练市搬家路2号"
            reader.remove()
    channel.close()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.CHECKSUM_WRONG, FailureCode.READER_FAILED),
        (Trouble.READ_REFUSED, FailureCode.CARD_UNREADABLE),
        (Trouble.REMOVED_MID_READ, FailureCode.CARD_REMOVED),
        (Trouble.UNPLUGGED_MID_READ, FailureCode.READER_MISSING),
    ],
)
def test_troubles_are_told_long_before_the_timeout(
    reader: SerialReaderProcess, trouble: Trouble, code: FailureCode
) -> None:
    reader.insert(CARD, trouble)
    with connect(reader, answer_timeout_s=3600.0) as connection:  # longer than a test may take
        assert refusal(connection) is code


def test_garbage_before_the_frames_is_skipped(reader: SerialReaderProcess) -> None:
    reader.insert(CARD, Trouble.GARBAGE_FIRST)
    with connect(reader) as connection:
        assert read_card(SamSession(connection)).record.raw == CARD.text


def test_after_a_damaged_answer_the_line_works_again(reader: SerialReaderProcess) -> None:
    reader.insert(CARD, Trouble.CHECKSUM_WRONG)
    with connect(reader) as connection:
        assert refusal(connection) is FailureCode.READER_FAILED
        reader.remove()
        reader.insert(CARD)
        assert read_card(SamSession(connection)).record.raw == CARD.text


def test_silence_ends_with_the_timeout(reader: SerialReaderProcess) -> None:
    reader.insert(CARD, Trouble.SILENT)
    with connect(reader, answer_timeout_s=BRIEFLY_S) as connection:
        assert refusal(connection) is FailureCode.READER_FAILED


@pytest.mark.parametrize("own_rate", [115_200, 57_600, 38_400, 19_200, 9_600])
def test_the_rate_is_found(reader: SerialReaderProcess, own_rate: int) -> None:
    reader.stop()
    reader.start(own_rate)
    with connect(reader, 115_200, 9_600, 57_600, 38_400, 19_200) as connection:
        assert connection.baud_rate == own_rate


def test_a_rate_that_nobody_tries_is_not_found(reader: SerialReaderProcess) -> None:
    reader.stop()
    reader.start(9_600)
    assert opening_refusal(reader, 115_200, 57_600) is FailureCode.READER_FAILED


def test_the_rate_is_raised(reader: SerialReaderProcess) -> None:
    reader.stop()
    reader.start(9_600)
    reader.insert(CARD)
    with connect(reader, 9_600, raise_to=115_200) as connection:
        assert connection.baud_rate == 115_200
        assert read_card(SamSession(connection)).record.raw == CARD.text
    assert opening_refusal(reader, 9_600) is FailureCode.READER_FAILED
    with connect(reader, 9_600, 115_200, raise_to=115_200) as connection:
        assert connection.baud_rate == 115_200


@contextmanager
def answering(*answers: bytes) -> Iterator[SerialReaderProcess]:
    """A port whose other side takes one frame of 10 bytes for each answer, whatever the rate, and then only listens."""
    line, port = os.openpty()
    tty.setraw(port)

    def answer() -> None:
        for each in answers:
            received = b""
            while len(received) < 10:
                received += os.read(line, 10 - len(received))
            os.write(line, each)

    thread = Thread(target=answer)
    thread.start()
    try:
        yield SerialReaderProcess(Path(os.ttyname(port)))
    finally:
        thread.join()
        os.close(port)
        os.close(line)


OK = encode_reply(Status.OK)


@pytest.mark.parametrize(
    "to_the_order_and_after",
    [
        (encode_reply(Status.COMMAND_UNKNOWN),),  # refused
        (OK, b"", OK),  # confirmed, but not heard at the new rate
        (b"", b"", OK),  # lost
    ],
)
def test_a_rate_that_cannot_be_raised_stays(to_the_order_and_after: tuple[bytes, ...]) -> None:
    with answering(OK, *to_the_order_and_after) as port, connect(port, 9_600, raise_to=115_200) as connection:
        assert connection.baud_rate == 9_600


def test_a_confirmation_that_was_lost_does_not_lose_the_reader() -> None:
    with answering(OK, b"\0\xff", OK) as port, connect(port, 9_600, raise_to=115_200) as connection:
        assert connection.baud_rate == 115_200


@pytest.mark.parametrize(
    "answer",
    [
        OK + encode_reply(Status.FOUND),  # glued: the first counts
        b"\xaa\xaa" + OK,
        encode_reply(Status.FIND_FAILED)[:-1] + b"\xff" + OK,  # a wrong checksum, then a good frame
        sam.PREAMBLE + b"\xff\xff" + OK,  # a wrong length, then a good frame
        sam.PREAMBLE + b"\x02\x00" + OK,  # a length that announces too much, then a good frame
    ],
)
def test_the_good_frame_is_found(answer: bytes) -> None:
    with answering(OK, answer) as port, connect(port, answer_timeout_s=BRIEFLY_S) as connection:
        assert decode_reply(connection.exchange(encode_command(Command.FIND))).status == Status.OK


@pytest.mark.parametrize("answer", [b"\0" * 5000, OK[:-1], OK[:-1] + b"\0", sam.PREAMBLE + b"\xff\xff", b"\xaa"])
def test_what_is_no_frame(answer: bytes) -> None:
    with answering(OK, answer) as port, connect(port, answer_timeout_s=BRIEFLY_S) as connection:
        with pytest.raises(KnownError) as caught:
            connection.exchange(encode_command(Command.FIND))
        assert caught.value.code is FailureCode.READER_FAILED


class SlowPort:
    """Stands for a `serial.Serial` on which every byte takes 10 ms and nothing ever fails."""

    def __init__(self, clock: FakeClock, answers: list[bytes]) -> None:
        self.timeout = self.baudrate = 0.0
        self.in_waiting = 0
        self._clock = clock
        self._answers = answers
        self._coming = b""

    def reset_input_buffer(self) -> None:
        self._coming = b""

    def write(self, frame: bytes) -> None:
        self._coming = self._answers.pop(0)

    def read(self, size: int) -> bytes:
        if size == 0:
            return b""
        self._clock.advance(0.01 if self._coming else self.timeout)
        byte, self._coming = self._coming[:1], self._coming[1:]
        return byte

    def close(self) -> None:
        pass


def test_a_slow_good_frame_after_a_bad_one_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    port = SlowPort(clock, [OK, OK[:-1] + b"\0" + encode_reply(Status.FOUND, bytes(4)), OK[:-1] + b"\0", b""])
    monkeypatch.setattr("serial.Serial", lambda *arguments, **options: port)
    find = encode_command(Command.FIND)
    with SerialConnection("COM1", clock, baud_rates=(115_200,), answer_timeout_s=4.0) as connection:
        assert decode_reply(connection.exchange(find)).status == Status.FOUND
        for longest_s, problem in ((0.2, "checksum"), (4.0, "no answer")):
            began_s = clock.monotonic()
            with pytest.raises(KnownError) as caught:
                connection.exchange(find)
            assert caught.value.detail == problem
            assert clock.monotonic() - began_s == pytest.approx(longest_s, abs=0.06)


def test_a_late_answer_is_not_taken_for_the_next_one() -> None:
    with (
        answering(OK + encode_reply(Status.FOUND), encode_reply(Status.FIND_FAILED)) as port,
        connect(port) as connection,
    ):
        assert decode_reply(connection.exchange(encode_command(Command.FIND))).status == Status.FIND_FAILED


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.binary(max_size=60), data=st.binary(max_size=1200))
def test_any_garbage_before_a_frame_never_gives_a_wrong_one(garbage: bytes, data: bytes) -> None:
    garbage = garbage.replace(sam.PREAMBLE[-1:], b"")
    with answering(OK, garbage + encode_reply(Status.OK, data)) as port, connect(port) as connection:
        assert decode_reply(connection.exchange(encode_command(Command.READ))).data == data


def test_a_port_that_is_missing_or_in_use(reader: SerialReaderProcess) -> None:
    with connect(reader):
        assert opening_refusal(reader) is FailureCode.READER_BUSY
    connect(reader).close()
    reader.stop()
    assert opening_refusal(reader) is FailureCode.READER_MISSING


def test_what_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert opening_refusal(SerialReaderProcess(tmp_path / "file")) in (
        FailureCode.READER_MISSING,
        FailureCode.READER_FAILED,
    )


def test_a_port_pulled_between_two_questions(reader: SerialReaderProcess) -> None:
    with connect(reader) as connection:
        reader.stop()
        for _ in range(2):
            assert refusal(connection) is FailureCode.READER_MISSING


def test_the_computers_ports_are_listed() -> None:
    assert all(port.usb_id is None or len(port.usb_id) == 9 for port in serial_ports())
