from contextlib import suppress
from functools import reduce
from itertools import pairwise
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.idcard import sam
from drivers.idcard.sam import Command, FrameChecksumError, FrameError, FrameIncompleteError, FrameLengthError, Status

# As published with the SAM_A interface: the frames that every open client sends.
PUBLISHED_COMMANDS = [
    (Command.RESET, "AAAAAA9669000310FFEC"),
    (Command.STATUS, "AAAAAA9669000311FFED"),
    (Command.SAM_NUMBER, "AAAAAA9669000312FFEE"),
    (Command.FIND, "AAAAAA96690003200122"),
    (Command.SELECT, "AAAAAA96690003200221"),
    (Command.READ, "AAAAAA96690003300132"),
    (Command.READ_NEW_ADDRESS, "AAAAAA96690003300330"),
    (Command.BAUD_115200, "AAAAAA96690003600063"),
    (Command.BAUD_57600, "AAAAAA96690003600162"),
    (Command.BAUD_38400, "AAAAAA96690003600261"),
    (Command.BAUD_19200, "AAAAAA96690003600360"),
    (Command.BAUD_9600, "AAAAAA96690003600467"),
]
PUBLISHED_REPLIES = [
    ("AAAAAA9669000400009094", Status.OK, b""),
    ("AAAAAA9669000800009F0000000097", Status.FOUND, bytes(4)),
    ("AAAAAA9669000400008084", Status.FIND_FAILED, b""),
]


@pytest.mark.parametrize(("command", "frame"), PUBLISHED_COMMANDS)
def test_commands_are_the_published_frames(command: Command, frame: str) -> None:
    assert sam.encode_command(command) == bytes.fromhex(frame)


@pytest.mark.parametrize(("frame", "status", "data"), PUBLISHED_REPLIES)
def test_replies_are_the_published_frames(frame: str, status: Status, data: bytes) -> None:
    assert sam.decode_reply(bytes.fromhex(frame)) == sam.Reply(status, data)
    assert sam.encode_reply(status, data) == bytes.fromhex(frame)


def test_a_status_that_nobody_published_is_kept() -> None:
    assert sam.decode_reply(bytes.fromhex("AAAAAA96690004000055") + bytes([0x04 ^ 0x55])).status == 0x55


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ("", FrameIncompleteError),
        ("AAAAAA96", FrameIncompleteError),
        ("AAAAAA9669", FrameIncompleteError),
        ("AAAAAA966900", FrameIncompleteError),
        ("AAAAAA96690004000090", FrameIncompleteError),
        ("AAAAAA9669000400009095", FrameChecksumError),
        ("AAAAAA9669000290FF", FrameLengthError),
        ("AAAAAA9669FFFF00009094", FrameLengthError),
        ("AAAAAA96690003000003", FrameLengthError),  # a good frame, too short for SW1-3
    ],
)
def test_what_is_no_reply(frame: str, error: type[FrameError]) -> None:
    with pytest.raises(error):
        sam.decode_reply(bytes.fromhex(frame))


def test_the_longest_reply_is_taken() -> None:
    data = bytes(6 + 256 + 1024 + 1024)
    assert sam.decode_reply(sam.encode_reply(Status.OK, data)).data == data


def test_a_bad_frame_does_not_hide_the_good_one_behind_it() -> None:
    parser = sam.FrameParser()
    parser.feed(bytes.fromhex("AAAAAA9669000400009095") + sam.encode_reply(Status.FOUND))
    with pytest.raises(FrameChecksumError):
        parser.next_body()
    assert parser.next_body() == bytes((0, 0, Status.FOUND))
    assert parser.next_body() is None


@given(
    bodies=st.lists(st.binary(min_size=2, max_size=60).filter(lambda body: sam.PREAMBLE not in body), max_size=4),
    garbage=st.binary(max_size=20).filter(lambda garbage: sam.PREAMBLE not in garbage),
    piece=st.integers(1, 30),
)
def test_frames_are_found_in_any_pieces_after_any_garbage(bodies: list[bytes], garbage: bytes, piece: int) -> None:
    stream = garbage + b"".join(sam.encode_frame(body) for body in bodies)
    parser, found = sam.FrameParser(), []
    for start in range(0, len(stream), piece):
        parser.feed(stream[start : start + piece])
        while (body := parser.next_body()) is not None:
            found.append(body)
    assert found == bodies


@given(
    replies=st.lists(st.tuples(st.sampled_from(Status), st.binary(max_size=300)), max_size=5),
    cuts=st.lists(st.integers(0, 1600), max_size=20),
)
def test_any_split_and_glue_gives_the_same_frames(replies: list[tuple[Status, bytes]], cuts: list[int]) -> None:
    stream = b"".join(sam.encode_reply(status, data) for status, data in replies)
    ends = sorted(min(cut, len(stream)) for cut in [0, *cuts, len(stream)])
    parser, found = sam.FrameParser(), []
    for start, end in pairwise(ends):
        parser.feed(stream[start:end])
        while (body := parser.next_body()) is not None:
            found.append(body)
    assert found == [bytes((0, 0, status)) + data for status, data in replies]
    assert not parser.give_up()


@given(announced=st.integers(20, 2000), rest=st.binary(max_size=8).filter(lambda rest: sam.PREAMBLE[0] not in rest))
def test_a_length_that_announces_too_much_does_not_hide_the_frame_behind_it(announced: int, rest: bytes) -> None:
    parser = sam.FrameParser()
    parser.feed(sam.PREAMBLE + announced.to_bytes(2, "big") + rest + sam.encode_reply(Status.FOUND))
    try:
        assert parser.next_body() is None
        assert parser.give_up()
    except FrameChecksumError:
        pass  # exactly as long as announced
    assert parser.next_body() == bytes((0, 0, Status.FOUND))
    assert not parser.give_up()


@given(st.binary(min_size=2, max_size=1400))
def test_the_checksum_makes_the_whole_zero(body: bytes) -> None:
    assert reduce(xor, sam.encode_frame(body)[len(sam.PREAMBLE) :]) == 0


def test_fingerprints_cannot_be_asked_for() -> None:
    assert b"\x30\x10" not in {command.value for command in Command}


def test_every_baud_rate_has_its_command() -> None:
    assert [(command.value.hex(), rate) for command, rate in sam.BAUD_RATES.items()] == [
        ("6000", 115200),
        ("6001", 57600),
        ("6002", 38400),
        ("6003", 19200),
        ("6004", 9600),
    ]


@given(st.binary(max_size=80), st.booleans())
def test_arbitrary_bytes_raise_only_frame_errors(data: bytes, preamble: bool) -> None:
    parser = sam.FrameParser()
    parser.feed(sam.PREAMBLE + data if preamble else data)
    for _ in range(20):
        try:
            if parser.next_body() is None:
                break
        except FrameError:
            continue
    with suppress(FrameError):
        sam.decode_reply(data)


def test_sam_number() -> None:
    data = bytes.fromhex("0500 0100 B7053301 E8305600 9B23CD95")
    assert sam.format_sam_number(data) == "05.01-20121015-0005648616-2513249179"
    with pytest.raises(FrameLengthError):
        sam.format_sam_number(data[:-1])


def test_a_reply_does_not_show_its_data() -> None:
    assert "secret" not in repr(sam.Reply(Status.OK, b"secret"))


@given(
    body=st.binary(min_size=1, max_size=40),
    before=st.sampled_from([b"", b"\0", sam.PREAMBLE[:2]]),
    changed=st.none() | st.tuples(st.integers(0, 60), st.integers(1, 255)),
    after=st.binary(max_size=3),
)
def test_one_good_frame_is_taken_as_the_parser_takes_it(
    body: bytes, before: bytes, changed: tuple[int, int] | None, after: bytes
) -> None:
    raw = bytearray(before + sam.encode_frame(body) + after)
    if changed is not None:
        raw[changed[0] % len(raw)] ^= changed[1]
    parser = sam.FrameParser()
    parser.feed(bytes(raw))
    try:
        expected: bytes | type[FrameError] = parser.next_body() or FrameIncompleteError
    except FrameError as error:
        expected = type(error)
    try:
        reply = sam.decode_reply(bytes(raw))
    except FrameError as error:
        short = isinstance(expected, bytes) and len(expected) < 3
        assert type(error) is (FrameLengthError if short else expected)
    else:
        assert isinstance(expected, bytes)
        assert (reply.status, reply.data) == (expected[2], expected[3:])
