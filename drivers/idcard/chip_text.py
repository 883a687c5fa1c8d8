"""Text as it stands on a chip: UTF-16LE in a field of fixed width, filled up with whatever the issuer liked."""

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.standard_characters import standard_text

_PADDING = " \N{IDEOGRAPHIC SPACE}"
_END = "\0"  # some issuers write zeros; what stands behind the first is left over from another text


def decode_text(raw: bytes, field: str) -> str:
    """What `raw` says: up to the first zero, without blanks around it, in standard characters.

    Raises KnownError: card_unreadable, naming `field`, when it is no UTF-16.
    """
    try:
        text = raw.decode("utf-16-le")
    except UnicodeDecodeError:
        # `from None`: the original error shows the bytes.
        raise KnownError(FailureCode.CARD_UNREADABLE, f"{field} is no UTF-16") from None
    return standard_text(text.partition(_END)[0].strip(_PADDING))
