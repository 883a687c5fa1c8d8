import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from drivers.idcard.portrait import OpenPortraitDecoder
from hallclient.domain.failures import FailureCode, KnownError

FORMATS = ["WEBP", "JPEG", "PNG", "AVIF", "BMP"]
BGR = (200, 120, 40)


def encoded(form: str, size: tuple[int, int] = (34, 42)) -> bytes:
    data = BytesIO()
    Pillow.new("RGB", size, BGR[::-1]).save(data, form)
    return data.getvalue()


def outcome(portrait: bytes) -> FailureCode | None:
    try:
        OpenPortraitDecoder().decode(portrait)
    except KnownError as error:
        return error.code
    return None


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("padding", [0, 1, 200])
def test_open_formats_with_and_without_padding(form: str, padding: int) -> None:
    picture = OpenPortraitDecoder().decode(encoded(form) + bytes(padding))
    assert picture is not None
    assert (picture.shape, picture.dtype) == ((42, 34, 3), np.uint8)
    assert np.abs(picture[20, 20].astype(int) - BGR).max() < 8


@pytest.mark.parametrize(
    "portrait", [b"", bytes(1024), b"WLf\0" + bytes(1020), b"RIFF", b"RIFF\4\0\0\0WAVE", b"\xff\xd8"]
)
def test_other_formats_are_left_to_others(portrait: bytes) -> None:
    assert OpenPortraitDecoder().decode(portrait) is None


# AVIF has no end mark: where only its last bytes are missing, padding stands in for them and it decodes.
@pytest.mark.parametrize(
    ("form", "part"),
    [(form, part) for form in FORMATS for part in (0.3, 0.6, 0.95) if (form, part) != ("AVIF", 0.95)],
)
def test_a_picture_that_is_cut_off_is_damaged(form: str, part: float) -> None:
    data = encoded(form)
    cut = data[: max(12, int(len(data) * part))]
    assert outcome(cut.ljust(1024, b"\0")) is FailureCode.PORTRAIT_UNREADABLE


@pytest.mark.parametrize("side", [1025, 20_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused(side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(9000))) + chunk(b"IEND", b"")
    assert outcome(png) is FailureCode.PORTRAIT_UNREADABLE


@given(
    form=st.sampled_from(FORMATS), patches=st.lists(st.tuples(st.integers(0, 299), st.integers(0, 255)), max_size=20)
)
def test_damaged_pictures_raise_only_known_errors(form: str, patches: list[tuple[int, int]]) -> None:
    data = bytearray(encoded(form, (10, 12)).ljust(1024, b"\0"))
    for at, value in patches:
        data[at] = value
    assert outcome(bytes(data)) in (None, FailureCode.PORTRAIT_UNREADABLE)
