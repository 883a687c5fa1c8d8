"""Whether bytes are a picture: of a camera, or of a chip."""

import zlib
from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hallclient.domain.picture_bytes import is_photo, is_portrait, pixels_sha256
from tests.pictures import chip_portrait, commented, photo


def encoded(form: str, size: tuple[int, int] = (102, 126)) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, (200, 190, 180)).save(data, form)
    return data.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A header that promises that many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_photo_is_a_whole_jpeg() -> None:
    data = photo()
    assert is_photo(data)
    assert not is_photo(data[: len(data) // 2])
    assert not is_photo(encoded("PNG"))
    assert not is_photo(b"")


@pytest.mark.parametrize("form", ["WEBP", "JPEG", "PNG", "BMP", "AVIF"])
def test_a_chip_holds_any_open_format_padded_or_not(form: str) -> None:
    data = encoded(form, (16, 20))
    assert is_portrait(data)
    assert is_portrait(data + bytes(200))
    assert not is_portrait(data[: len(data) // 2])


def test_a_vendors_format_is_known_by_its_signature() -> None:
    assert is_portrait(b"WLf\0".ljust(1024, b"x"))
    assert is_portrait(chip_portrait())


@pytest.mark.parametrize("data", [b"", bytes(1024), b"x" * 1024, b"RIFF\xff\xff\xff\xffWEBP", png_of(50_000, 50_000)])
def test_what_is_no_portrait(data: bytes) -> None:
    assert not is_portrait(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert is_photo(data) in (True, False)
    for start in (b"RIFF1234WEBP", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x20ftypavif", b"BM1234\0\0\0\0"):
        assert is_portrait(start + data) in (True, False)


def test_a_photo_is_known_by_its_pixels_whatever_else_is_in_its_file() -> None:
    assert pixels_sha256(commented(photo(1))) == pixels_sha256(photo(1)) is not None
    assert pixels_sha256(photo(2)) != pixels_sha256(photo(1))
    assert pixels_sha256(photo(1)[:-1000]) is None
    assert pixels_sha256(encoded("PNG")) is None


@given(st.binary(max_size=300))
def test_what_only_begins_as_a_photo_has_no_pixels(data: bytes) -> None:
    assert pixels_sha256(b"\xff\xd8\xff" + data) is None
