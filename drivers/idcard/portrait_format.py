"""In which format a chip's portrait is, and how large, without unpacking it."""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from PIL import Image as Pillow


class PortraitFormat(StrEnum):
    """A format known by its own signature."""

    WEBP = "webp"
    JPEG = "jpeg"
    PNG = "png"
    AVIF = "avif"
    WLT = "wlt"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """What the data says about itself; width and height in px, None for a format or data that does not tell."""

    format: PortraitFormat
    width: int | None
    height: int | None


# Offset and bytes that all must be there.
_SIGNATURES: dict[PortraitFormat, tuple[tuple[int, bytes], ...]] = {
    PortraitFormat.WEBP: ((0, b"RIFF"), (8, b"WEBP")),
    PortraitFormat.JPEG: ((0, b"\xff\xd8\xff"),),
    PortraitFormat.PNG: ((0, b"\x89PNG\r\n\x1a\n"),),
    PortraitFormat.AVIF: ((4, b"ftypavif"),),
    # No standard names it: so begins every WLT portrait in public sources.
    PortraitFormat.WLT: ((0, b"WLf\0"),),
}
_WITHOUT_SIZE = (PortraitFormat.WLT, PortraitFormat.UNKNOWN)


def portrait_facts(portrait: bytes) -> PortraitFacts:
    """Format and size of `portrait`. Raises nothing: damaged data has a format without a size."""
    form = _format(portrait)
    width, height = (None, None) if form in _WITHOUT_SIZE else _size(portrait, form)
    return PortraitFacts(form, width, height)


def _format(portrait: bytes) -> PortraitFormat:
    for form, marks in _SIGNATURES.items():
        if all(portrait[at : at + len(mark)] == mark for at, mark in marks):
            return form
    return PortraitFormat.UNKNOWN


def _size(portrait: bytes, form: PortraitFormat) -> tuple[int | None, int | None]:
    try:
        with Pillow.open(BytesIO(portrait), formats=[form.upper()]) as picture:
            return picture.size
    except Exception:  # noqa: BLE001  # Pillow's plugins raise whatever their parsers stumble over
        return None, None
