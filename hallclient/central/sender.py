"""Who sends: an enrolled device, known by its key, whatever its certificate says about where it stands today."""

import hashlib
from typing import NewType

from cryptography import x509

from hallclient.domain.certificates import public_key_of

Sender = NewType("Sender", str)
"""SHA-256 of a device's public key: a renewed certificate goes on counting, a new computer begins anew."""


def sender_of(certificate: x509.Certificate) -> Sender:
    """Raises evidence_damaged for a certificate with a foreign kind of key."""
    return Sender(hashlib.sha256(public_key_of(certificate).public_bytes_raw()).hexdigest())
