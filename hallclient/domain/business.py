"""What a session is about, in a file of its own: nobody reads a service number in a manifest.

The manifest has a salted digest of it, by which whoever knows the number and the salt can tell that it is the same.
"""

import hashlib

from hallclient.domain.documents import Document

BUSINESS = "business"  # the file
SALT_BYTES = 16


class Business(Document):
    """`salt` in hex."""

    session: str
    service_number: str
    salt: str

    @property
    def service_number_sha256(self) -> str:
        """What the manifest says: SHA-256 of the salt's bytes and the number's, in hex."""
        return hashlib.sha256(bytes.fromhex(self.salt) + self.service_number.encode()).hexdigest()

    def __repr__(self) -> str:
        return f"<Business of {self.session}>"

    __str__ = __repr__
