"""Whether bytes are a picture, and which, for who shows none: bounded in memory and time."""

import hashlib
from io import BytesIO

from hallclient.domain.portrait_format import portrait_format, without_padding

LARGEST_PHOTO_PX = 16_000_000  # beyond any camera at a counter; 48 MB unpacked
LARGEST_PORTRAIT_PX = 1024 * 1024  # a portrait is 102x126

# Far less than a whole picture of this size needs: decoders scale JPEG down while they read all of it.
_DRAFT_PX = (64, 64)


def is_photo(data: bytes) -> bool:
    """A whole JPEG of at most `LARGEST_PHOTO_PX`."""
    return _decodes(data, "JPEG", LARGEST_PHOTO_PX)


def pixels_sha256(photo: bytes) -> str | None:
    """SHA-256 of a photo's size and its pixels' brightness, whatever else its file says.

    None for what is no photo, as `is_photo`.
    """
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(BytesIO(photo), formats=("JPEG",)) as picture:
            if picture.width * picture.height > LARGEST_PHOTO_PX:
                return None
            digest = hashlib.sha256(f"{picture.width}x{picture.height}:".encode())
            picture.draft("L", picture.size)  # brightness alone: a quarter of the time, and all the noise
            digest.update(picture.convert("L").tobytes())
    except Exception:  # noqa: BLE001  # as in `_decodes`
        return None
    return digest.hexdigest()


def is_portrait(data: bytes) -> bool:
    """A portrait as a chip may hold it, padded with zeros or not.

    One in WLT, a closed format, is known by its signature only: a vendor's library alone can decode it.
    """
    form = portrait_format(data)
    if not form.is_open:
        return form == "wlt"
    whole = without_padding(data)
    return whole is not None and _decodes(whole, form.upper(), LARGEST_PORTRAIT_PX)


def _decodes(data: bytes, form: str, most_px: int) -> bool:
    # Here and not above: who only reads a manifest needs no decoder.
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(BytesIO(data), formats=(form,)) as picture:
            if picture.width * picture.height > most_px:
                return False
            picture.draft("RGB", _DRAFT_PX)
            picture.load()
    except Exception:  # noqa: BLE001  # a decoder of foreign bytes fails in any way it likes: then it is no picture
        return False
    return True
