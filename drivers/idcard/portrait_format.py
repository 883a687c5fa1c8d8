"""In which format a chip's portrait is, and how large, without unpacking it."""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from PIL import Image as Pillow

from hallclient.picture_decoding import DAMAGE


class PortraitFormat(StrEnum):
    """A format known by its own signature."""

    WEBP = "webp"
    JPEG = "jpeg"
    PNG = "png"
    AVIF = "avif"
    BMP = "bmp"
    WLT = "wlt"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """What the data says about itself; width and height in px, None for a format or data that does not tell."""

    format: PortraitFormat
    width: int | None
    height: int | None


# Each format's signatures: offset and bytes, of which all must be there.
_SIGNATURES: tuple[tuple[PortraitFormat, tuple[tuple[int, bytes], ...]], ...] = (
    (PortraitFormat.WEBP, ((0, b"RIFF"), (8, b"WEBP"))),
    (PortraitFormat.JPEG, ((0, b"\xff\xd8\xff"),)),
    (PortraitFormat.PNG, ((0, b"\x89PNG\r\n\x1a\n"),)),
    # ISO/IEC 23000-22: a still picture, and a sequence of which only the first is used.
    (PortraitFormat.AVIF, ((4, b"ftypavif"),)),
    (PortraitFormat.AVIF, ((4, b"ftypavis"),)),
    # What vendors' programs write, 102x126; the two words after its length are reserved and 0.
    (PortraitFormat.BMP, ((0, b"BM"), (6, bytes(4)))),
    # No standard names it: so begins every WLT portrait in public sources.
    (PortraitFormat.WLT, ((0, b"WLf\0"),)),
)
_WITHOUT_SIZE = (PortraitFormat.WLT, PortraitFormat.UNKNOWN)


def portrait_format(portrait: bytes) -> PortraitFormat:
    """The format that the data's own signature names."""
    for form, marks in _SIGNATURES:
        if all(portrait[at : at + len(mark)] == mark for at, mark in marks):
            return form
    return PortraitFormat.UNKNOWN


def portrait_facts(portrait: bytes) -> PortraitFacts:
    """Format and size of `portrait`. Raises nothing: damaged data has a format without a size."""
    form = portrait_format(portrait)
    if form in _WITHOUT_SIZE:
        return PortraitFacts(form, None, None)
    try:
        with Pillow.open(BytesIO(portrait), formats=[form.upper()]) as picture:
            return PortraitFacts(form, *picture.size)
    except DAMAGE:
        return PortraitFacts(form, None, None)
