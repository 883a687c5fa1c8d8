"""The container of a recording is walked, whatever it is: nothing breaks it, nothing makes it slow or large."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.matroska_scan import MatroskaScan
from tests.recordings import matroska


def scanned(*pieces: bytes) -> MatroskaScan:
    scan = MatroskaScan()
    for piece in pieces:
        scan.feed(piece)
    return scan


WHOLE = matroska("title", 10, 3.6, sounds=4, filling=b"x" * 500)


def test_pictures_sounds_and_times_are_counted() -> None:
    scan = scanned(WHOLE)
    assert (scan.is_whole, scan.title, scan.pictures, scan.sounds) == (True, "title", 10, 4)
    assert (scan.pictures_end_s, scan.sounds_end_s) == (pytest.approx(3.6), pytest.approx(2.7))


def test_the_coded_pictures_have_a_digest_whatever_the_title_the_pieces_and_the_sound() -> None:
    (digest,) = scanned(WHOLE).pictures_sha256
    assert digest == hashlib.sha256(b"x" * 500).hexdigest()
    for size in (1, 7, 100, 400):
        pieces = [WHOLE[at : at + size] for at in range(0, len(WHOLE), size)]
        assert scanned(*pieces).pictures_sha256 == (digest,)
    same = matroska("another", 10, 4.2, sounds=7, filling=b"x" * 500)
    assert scanned(same).pictures_sha256 == (digest,)
    assert scanned(WHOLE.replace(b"xx", b"xy", 1)).pictures_sha256 != (digest,)
    assert scanned(matroska("nothing in its blocks", 10, 3.6)).pictures_sha256 == ()


@given(st.integers(0, len(WHOLE) - 1))
def test_a_cut_file_has_less_in_it(at: int) -> None:
    scan = scanned(WHOLE[:at])
    assert not scan.is_whole or (scan.pictures, scan.sounds) != (10, 4)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_any_bytes_are_some_file_or_none(pieces: list[bytes]) -> None:
    scan = scanned(*pieces)
    assert scan.is_whole in (True, False)
    assert scan.pictures >= 0


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_breaks_nothing(at: int, flip: int) -> None:
    assert scanned(WHOLE[:at] + bytes([WHOLE[at] ^ flip]) + WHOLE[at + 1 :]).sounds_end_s is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x" * 1000,
        b"\x1a\x45\xdf\xa3",
        b"\x1a\x45\xdf\xa3\x80" + b"\xae\x01" + b"\xff" * 7,  # begins, and nothing follows
        WHOLE + b"\0",
        WHOLE + b"\x7b\xa9\x48\x00" + b"t" * 2048,  # a title of 2 KB
        WHOLE + b"\xa3\x84\x83\0\0\0",  # a block of a track that there is not
    ],
)
def test_what_is_none_is_not_whole_or_empty(data: bytes) -> None:
    scan = scanned(data)
    assert not scan.is_whole or scan.pictures == 0


def test_a_size_beyond_the_file_waits_for_nothing_in_memory() -> None:
    scan = scanned(WHOLE, b"\xec\x08" + (2**55).to_bytes(7, "big"), b"x" * 10_000_000)
    assert not scan.is_whole
    assert len(scan._buffer) < 100
