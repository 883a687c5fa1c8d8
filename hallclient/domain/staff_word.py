"""The centre's own leave for what one administrator may not do alone: see `StaffWord`."""

import datetime as dt

from pydantic import Field

from hallclient.domain.documents import Document

STAFF_WORD = "staff/word"
WORD_TIME = dt.timedelta(days=3)


class StaffWord(Document):
    """One administrator may invite this number: to replace a forgotten login, or as an administrator.

    Attributes:
        number, hall: whom it is about.
        until: ISO 8601.
        certificate, issuers: of the centre's key that signed it, in the role that signs receipts.
    """

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    number: str
    hall: str
    until: str
    certificate: str
    issuers: tuple[str, ...]

    def holds_at(self, moment: dt.datetime) -> bool:
        try:
            return moment <= dt.datetime.fromisoformat(self.until)
        except (ValueError, TypeError):
            return False


class SignedWord(Document):
    """The word as a file: the canonical text that was signed, and its signature."""

    word: StaffWord
    signature: str = Field(pattern=r"^[0-9a-f]{192}$")
