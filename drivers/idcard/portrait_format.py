"""How large a chip's portrait is, without unpacking it."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image as Pillow

from hallclient.domain.portrait_format import PortraitFormat, portrait_format
from hallclient.picture_decoding import DAMAGE


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """What the data says about itself; width and height in px, None for a format or data that does not tell."""

    format: PortraitFormat
    width: int | None
    height: int | None


def portrait_facts(portrait: bytes) -> PortraitFacts:
    """Format and size of `portrait`. Raises nothing: damaged data has a format without a size."""
    form = portrait_format(portrait)
    if not form.is_open:
        return PortraitFacts(form, None, None)
    try:
        with Pillow.open(BytesIO(portrait), formats=[form.upper()]) as picture:
            return PortraitFacts(form, *picture.size)
    except DAMAGE:
        return PortraitFacts(form, None, None)
