"""The names given when a hall is set up; they stand in certificates, in windows and in the audit log."""

from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError

LONGEST_NAME = 64  # characters; a certificate's common name has no room for more (RFC 5280, ub-common-name)


def must_be_name(what: str, text: str) -> None:
    """Raises input_invalid, naming `what`, unless `text` is printable, without blanks around it, and short enough."""
    if not (text and text.isprintable() and text == text.strip() and len(text) <= LONGEST_NAME):
        raise KnownError(FailureCode.INPUT_INVALID, f"{what}: 1 to {LONGEST_NAME} printable characters")


def must_be_number(what: str, text: str) -> None:
    """As `must_be_name`, and without separators of paths: a device or a member of staff may name a file."""
    must_be_name(what, text)
    if any(separator in text for separator in "/\\") or text in (".", ".."):
        raise KnownError(FailureCode.INPUT_INVALID, f"{what}: no separator of paths")


def must_be_workstation(workstation: Workstation) -> None:
    """Raises input_invalid unless a centre can certify it."""
    place = workstation.place
    for what, text in (("hall", place.hall), ("channel", place.channel), ("counter", place.counter)):
        must_be_name(what, text)
    must_be_number("device", workstation.device)
