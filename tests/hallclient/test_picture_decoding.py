"""Pictures of every kind from outside: BGR bytes, or a code."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from hallclient.devices import Image
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.picture_decoding import LARGEST_PIXELS, decode_picture

RED, WHITE = (0, 0, 255), (255, 255, 255)  # BGR
CLOSE = 12  # what JPEG and the conversions between colour systems may change
FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "BMP"]


def encoded(picture: Pillow.Image, form: str = "PNG", **options: object) -> bytes:
    data = BytesIO()
    picture.save(data, form, **options)
    return data.getvalue()


def red(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Pillow.Image:
    return Pillow.new("RGB", size, "red").convert(mode)


def noise(size: tuple[int, int] = (64, 48)) -> Pillow.Image:
    return Pillow.fromarray(np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8))


def refusal(data: bytes) -> KnownError:
    with pytest.raises(KnownError) as caught:
        decode_picture(data)
    assert caught.value.code is FailureCode.PICTURE_UNREADABLE
    return caught.value


def is_picture(picture: Image, height: int, width: int) -> bool:
    return picture.shape == (height, width, 3) and picture.dtype == np.uint8 and picture.flags.c_contiguous


@pytest.mark.parametrize("form", FORMATS)
def test_the_formats(form: str) -> None:
    picture = decode_picture(encoded(red(), form))
    assert is_picture(picture, 30, 40)
    assert np.abs(picture[15, 20].astype(int) - RED).max() < CLOSE


@pytest.mark.parametrize(
    ("picture", "form", "bgr"),
    [
        (Pillow.new("L", (40, 30), 77), "PNG", (77, 77, 77)),
        (Pillow.new("L", (40, 30), 77), "JPEG", (77, 77, 77)),
        (Pillow.new("1", (40, 30), 1), "PNG", WHITE),
        (Pillow.new("LA", (40, 30), (77, 255)), "PNG", (77, 77, 77)),
        (Pillow.new("RGBA", (40, 30), (255, 0, 0, 255)), "PNG", RED),
        (Pillow.new("RGBA", (40, 30), (255, 0, 0, 0)), "PNG", WHITE),
        (Pillow.new("RGBA", (40, 30), (255, 0, 0, 255)), "WEBP", RED),
        (red("P"), "PNG", RED),
        (red("CMYK"), "JPEG", RED),
        (Pillow.new("L", (40, 30), 77), "BMP", (77, 77, 77)),
        (Pillow.new("RGBA", (40, 30), (255, 0, 0, 255)), "BMP", RED),
        (red("P"), "BMP", RED),
        (Pillow.fromarray(np.full((30, 40), 77 * 256 + 200, np.uint16)), "PNG", (77, 77, 77)),
        (Pillow.fromarray(np.full((30, 40), 65535, np.uint16)), "PNG", WHITE),
    ],
    ids=[
        "grey",
        "grey JPEG",
        "1 bit",
        "grey alpha",
        "RGBA",
        "transparent",
        "RGBA WebP",
        "palette",
        "CMYK",
        "grey BMP",
        "32-bit BMP",
        "palette BMP",
        "16",
        "16w",
    ],
)
def test_every_kind_of_pixel_becomes_bgr(picture: Pillow.Image, form: str, bgr: tuple[int, int, int]) -> None:
    decoded = decode_picture(encoded(picture, form))
    assert is_picture(decoded, 30, 40)
    assert np.abs(decoded[15, 20].astype(int) - bgr).max() < CLOSE


def test_sixteen_bits_of_colour() -> None:
    assert decode_picture(png(8, 6, depth=16, kind=2, samples=b"\xff\xff\0\0\0\0" * 48))[3, 4].tolist() == list(RED)


def test_a_palette_with_a_transparent_colour() -> None:
    assert decode_picture(encoded(red("P"), transparency=red("P").getpixel((0, 0))))[15, 20].tolist() == list(WHITE)


@pytest.mark.parametrize(("orientation", "shape"), [(1, (30, 40)), (3, (30, 40)), (6, (40, 30)), (8, (40, 30))])
def test_a_photo_held_sideways_is_set_upright(orientation: int, shape: tuple[int, int]) -> None:
    picture = red()
    picture.paste("blue", (0, 0, 40, 8))  # the sensor's upper edge
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    decoded = decode_picture(encoded(picture, "JPEG", exif=exif, quality=95))
    assert decoded.shape[:2] == shape
    blue_at = {1: (2, 20), 3: (27, 20), 6: (20, 27), 8: (20, 2)}[orientation]
    assert decoded[blue_at][0] > 200 > decoded[15, 15][0]


@pytest.mark.parametrize(("orientation", "shape"), [(1, (30, 40)), (6, (40, 30)), (99, (30, 40))])
def test_damaged_exif_data_does_not_spoil_the_picture(orientation: int, shape: tuple[int, int]) -> None:
    """A rational with denominator 0, and one whose value is negative where none may be."""

    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        return struct.pack("<HHII", tag, kind, count, value)

    body = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 3) + entry(0x112, 3, 1, orientation)
    body += entry(0x11A, 10, 1, 50) + entry(0x11B, 5, 1, 50) + struct.pack("<I", 0) + struct.pack("<ii", -1, 0)
    jpeg = encoded(red(), "JPEG")
    spoilt = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
    assert decode_picture(spoilt).shape[:2] == shape


@pytest.mark.parametrize("height", [126, -126])
@pytest.mark.parametrize("stated_length", [38_610, 0])
def test_a_bmp_of_a_vendors_program(height: int, stated_length: int) -> None:
    """102x126, 24 bits, lines filled up to four bytes, from the bottom or the top, by hand as they write it."""
    line = bytes((10, 20, 200)) * 102 + b"\0\0"
    header = struct.pack("<2sIHHI", b"BM", stated_length, 0, 0, 54)
    header += struct.pack("<IiiHHIIiiII", 40, 102, height, 1, 24, 0, 0, 0, 0, 0, 0)
    decoded = decode_picture(header + line * 126)
    assert is_picture(decoded, 126, 102)
    assert decoded[60, 101].tolist() == [10, 20, 200]


@pytest.mark.parametrize("data", [b"", b"\0" * 2000, b"\xff\xd8\xff", b"not a picture", b"GIF89a" + bytes(50)])
def test_what_is_no_picture(data: bytes) -> None:
    refusal(data)


def test_formats_that_nobody_needs_are_not_tried() -> None:
    for form in ("GIF", "TIFF", "DIB", "PPM"):
        refusal(encoded(red(), form))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(form: str, part: float) -> None:
    data = encoded(noise(), form)
    refusal(data[: int(len(data) * part)])


def test_a_truncated_progressive_picture_is_refused() -> None:
    data = encoded(noise(), "JPEG", progressive=True)
    for part in (0.3, 0.6, 0.95):
        refusal(data[: int(len(data) * part)])


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (LARGEST_PIXELS + 1, 1), (7072, 7072)])
def test_a_size_that_would_fill_the_memory_is_refused_unseen(width: int, height: int) -> None:
    refusal(png(width, height, depth=8, kind=2, samples=b""))


@given(
    form=st.sampled_from(FORMATS), patches=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=20)
)
def test_damaged_pictures_raise_only_known_errors(form: str, patches: list[tuple[int, int]]) -> None:
    data = bytearray(encoded(noise((24, 18)), form))
    for at, value in patches:
        data[at % len(data)] = value
    try:
        picture = decode_picture(bytes(data))
    except KnownError as error:
        assert error.code is FailureCode.PICTURE_UNREADABLE
    else:
        assert picture.dtype == np.uint8


def png(width: int, height: int, depth: int, kind: int, samples: bytes) -> bytes:
    """A PNG by hand, for what Pillow does not write; `samples` is all rows, without their filter bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = len(samples) // height
    lines = b"".join(b"\0" + samples[at : at + row] for at in range(0, len(samples), row)) if samples else b""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
