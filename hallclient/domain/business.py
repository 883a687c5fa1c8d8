"""What a session is about, in a file of its own: nobody reads a service number in a manifest.

The manifest has a salted digest of it, by which whoever knows the number and the salt can tell that it is the same.
"""

import hashlib

from pydantic import Field, field_validator

from hallclient.domain.documents import Document
from hallclient.domain.service_number import is_service_number

BUSINESS = "business"  # the file
SALT_BYTES = 16


class Business(Document):
    """`service_number` is one (`is_service_number`), `salt` are 16 bytes in hex."""

    session: str
    service_number: str
    salt: str = Field(pattern=f"^[0-9a-f]{{{2 * SALT_BYTES}}}$")

    @field_validator("service_number")
    @classmethod
    def _is_one(cls, given: str) -> str:
        if not is_service_number(given):
            raise ValueError("no service number")  # the value itself is in no message
        return given

    @property
    def service_number_sha256(self) -> str:
        """What the manifest says: SHA-256 of the salt's bytes and the number's, in hex."""
        return hashlib.sha256(bytes.fromhex(self.salt) + self.service_number.encode()).hexdigest()

    def __repr__(self) -> str:
        return f"<Business of {self.session}>"

    __str__ = __repr__
