"""The sealed stream: whatever is written comes back, and whatever is changed is noticed."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.aead_stream import CHUNK_BYTES, SealedReader, SealedWriter
from hallclient.domain.failures import FailureCode, KnownError

KEY = bytes(range(32))
RANDOM = bytes(range(39))
CHUNK = 64
HEADER = 64
STRIDE = CHUNK + 16


def sealed(plain: bytes, chunk: int = CHUNK) -> bytes:
    file = io.BytesIO()
    with SealedWriter(file, KEY, RANDOM, chunk_bytes=chunk) as writer:
        writer.write(plain)
    return file.getvalue()


@given(st.binary(max_size=5 * CHUNK), st.integers(1, 100))
def test_what_is_written_in_pieces_comes_back_whole(plain: bytes, piece: int) -> None:
    file = io.BytesIO()
    with SealedWriter(file, KEY, RANDOM, chunk_bytes=CHUNK) as writer:
        for start in range(0, len(plain), piece):
            writer.write(plain[start : start + piece])
    reader = SealedReader(file, KEY)
    assert reader.complete
    assert reader.read() == plain
    assert writer.plain_bytes == len(plain)
    assert writer.sealed_bytes == len(file.getvalue())


@given(st.binary(min_size=1, max_size=5 * CHUNK), st.data())
def test_any_place_can_be_read(plain: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(plain)))
    length = data.draw(st.integers(0, len(plain)))
    reader = SealedReader(io.BytesIO(sealed(plain)), KEY)
    reader.seek(start)
    assert reader.read(length) == plain[start : start + length]
    assert reader.seek(-1, os.SEEK_END) == len(plain) - 1


@given(st.binary(min_size=1, max_size=4 * CHUNK), st.data())
def test_no_changed_byte_goes_unnoticed(plain: bytes, data: st.DataObject) -> None:
    content = bytearray(sealed(plain))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        reader = SealedReader(io.BytesIO(content), KEY)
        unchanged = reader.complete and reader.read() == plain
    except KnownError as error:
        assert error.code is FailureCode.EVIDENCE_DAMAGED
        unchanged = False
    assert not unchanged


@given(st.binary(min_size=1, max_size=4 * CHUNK), st.data())
def test_a_torn_stream_gives_its_whole_chunks(plain: bytes, data: st.DataObject) -> None:
    whole = sealed(plain)
    torn = io.BytesIO(whole[: data.draw(st.integers(HEADER, len(whole) - 1))])
    reader = SealedReader(torn, KEY)
    assert not reader.complete
    kept = reader.read()
    assert kept == plain[: len(kept)]
    assert len(kept) % CHUNK == 0


def test_chunks_cannot_be_swapped_dropped_or_taken_from_another_file() -> None:
    plain = bytes(range(256))
    whole = sealed(plain)
    first, second = whole[HEADER : HEADER + STRIDE], whole[HEADER + STRIDE : HEADER + 2 * STRIDE]
    rest = whole[HEADER + 2 * STRIDE :]
    header = whole[:HEADER]
    for content in (header + second + first + rest, header + second + rest, header + first + first + rest):
        reader_of = io.BytesIO(content)
        with pytest.raises(KnownError, match="evidence_damaged"):
            if SealedReader(reader_of, KEY).read() != plain:
                raise KnownError(FailureCode.EVIDENCE_DAMAGED)


@pytest.mark.parametrize(
    "content", [b"", b"HCE1", bytes(64), b"HCE1" + bytes([9]) + bytes(59), b"HCE1\x01" + bytes(59)]
)
def test_what_is_no_sealed_stream_is_refused(content: bytes) -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        SealedReader(io.BytesIO(content), KEY)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        SealedReader(io.BytesIO(sealed(bytes(1000))), bytes(32))


def test_nothing_of_the_plaintext_is_in_the_file() -> None:
    secret = b"a name that nobody may read" * 10
    assert secret[:27] not in sealed(secret, CHUNK_BYTES)


def test_it_is_made_durable_at_the_start_and_at_the_end() -> None:
    synced: list[int] = []
    file = io.BytesIO()
    writer = SealedWriter(file, KEY, RANDOM, sync=lambda: synced.append(file.tell()))
    writer.write(b"x")
    writer.close()
    writer.close()
    assert synced == [HEADER, HEADER + 1 + 16]


@pytest.mark.parametrize(("key", "random"), [(bytes(31), RANDOM), (KEY, bytes(38))])
def test_a_short_key_or_random_is_our_mistake(key: bytes, random: bytes) -> None:
    with pytest.raises(ValueError, match="a sealed stream needs"):
        SealedWriter(io.BytesIO(), key, random)


@pytest.mark.parametrize("how", ["exception", "abandoned"])
def test_a_stream_that_was_not_closed_has_no_end(how: str) -> None:
    file = io.BytesIO()
    if how == "exception":
        with pytest.raises(RuntimeError), SealedWriter(file, KEY, RANDOM) as writer:
            writer.write(b"half")
            raise RuntimeError
    else:
        writer = SealedWriter(file, KEY, RANDOM)
        writer.write(b"half")
        del writer
    assert not SealedReader(file, KEY).complete
