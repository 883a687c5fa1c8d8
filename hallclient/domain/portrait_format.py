"""In which format a chip's portrait is, and where its picture ends in the bytes of the chip."""

from enum import StrEnum
from struct import unpack_from


class PortraitFormat(StrEnum):
    """A format known by its own signature."""

    WEBP = "webp"
    JPEG = "jpeg"
    PNG = "png"
    AVIF = "avif"
    BMP = "bmp"
    WLT = "wlt"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """Anybody can decode it; WLT only a vendor's library."""
        return self not in (PortraitFormat.WLT, PortraitFormat.UNKNOWN)


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
# How a file ends. A decoder would fill what is missing at the end with grey.
_ENDS = {PortraitFormat.JPEG: b"\xff\xd9", PortraitFormat.PNG: b"IEND\xaeB`\x82"}


def portrait_format(portrait: bytes) -> PortraitFormat:
    """The format that the data's own signature names."""
    for form, marks in _SIGNATURES:
        if all(portrait[at : at + len(mark)] == mark for at, mark in marks):
            return form
    return PortraitFormat.UNKNOWN


def without_padding(portrait: bytes) -> bytes | None:
    """The picture's own bytes, without the zeros that fill up the chip; None where it was cut off.

    For an open format; the bytes of any other come as they are.
    """
    match portrait_format(portrait):
        case PortraitFormat.WEBP:
            return portrait[: 8 + unpack_from("<I", portrait, 4)[0]]  # the container knows its length
        case PortraitFormat.BMP:
            # Its length stands in its header, but many programs write 0 there.
            return None if unpack_from("<I", portrait, 2)[0] > len(portrait) else portrait
        case PortraitFormat.AVIF:
            return _boxes(portrait)
        case (PortraitFormat.JPEG | PortraitFormat.PNG) as form:
            whole = portrait.rstrip(b"\0")
            return whole if whole.endswith(_ENDS[form]) else None
        case _:
            return portrait


def _boxes(boxes: bytes) -> bytes | None:
    """The boxes of an ISO base media file (ISO/IEC 14496-12); padding reads as a box of size 0, "to the end"."""
    at = 0
    while at + 8 <= len(boxes):
        (size,) = unpack_from(">I", boxes, at)
        if size == 0 and not any(boxes[at:]):
            break
        if size < 8 or at + size > len(boxes):
            return None
        at += size
    return boxes[:at]
