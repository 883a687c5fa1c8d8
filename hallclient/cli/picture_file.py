"""Pictures that are given to a command as files. Failures never name the file: it may bear a person's name."""

from pathlib import Path

from drivers.idcard.portrait_format import PortraitFormat, portrait_facts
from drivers.idcard.vendor_portrait import portrait_decoder
from hallclient import settings
from hallclient.devices import Image
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.picture_decoding import LARGEST_BYTES, decode_picture
from hallclient.regular_file import not_read, read_regular

_CHIP_BYTES = 1024  # of a portrait on a chip: what is larger is a picture file


def read_picture(path: Path) -> Image:
    """BGR, height x width x 3, uint8. Raises file_missing, picture_unreadable."""
    return decode_picture(_file_bytes(path))


def read_portrait(path: Path) -> Image | None:
    """A card's portrait: any picture, or what a chip holds; None for a chip without one this computer can decode.

    Raises file_missing, picture_unreadable, portrait_unreadable.
    """
    data = _file_bytes(path)
    if len(data) > _CHIP_BYTES:
        return decode_picture(data)
    picture = portrait_decoder(settings.portrait_library()).decode(data)
    without = any(data) and portrait_facts(data).format is not PortraitFormat.WLT
    if picture is None and (without or not data):
        raise KnownError(FailureCode.PICTURE_UNREADABLE, "neither a picture nor a chip's portrait")
    return picture


def _file_bytes(path: Path) -> bytes:
    """What `path` holds. Raises file_missing, and picture_unreadable for what is no file or larger than any photo."""
    try:
        return read_regular(path, LARGEST_BYTES)
    except OSError as error:
        raise not_read(error, FailureCode.PICTURE_UNREADABLE) from None
