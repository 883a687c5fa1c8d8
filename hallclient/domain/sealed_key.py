"""Keys sealed to who shall open them: HPKE (RFC 9180), X25519 and AES-256-GCM, each bound to what it is for.

A session's data key to the centre, bound to session and hall; the hall key to each member of staff, bound to the
staff number.
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from hallclient.domain.failures import FailureCode, KnownError

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def key_name(centre_key: X25519PublicKey) -> str:
    """Which of the centre's keys: SHA-256 of the raw public key, in hex."""
    return hashlib.sha256(centre_key.public_bytes_raw()).hexdigest()


def seal_key(data_key: bytes, centre_key: X25519PublicKey, session: str, hall: str) -> bytes:
    """`data_key` for the centre only: 80 bytes for a key of 32."""
    return _SUITE.encrypt(data_key, centre_key, _info(session, hall))


def open_key(sealed: bytes, centre_key: X25519PrivateKey, session: str, hall: str) -> bytes:
    """The data key. Raises evidence_damaged when it was sealed for another session, hall or centre."""
    try:
        return _SUITE.decrypt(sealed, centre_key, _info(session, hall))
    except (InvalidTag, ValueError):
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "the data key does not open") from None


def seal_hall_key(hall_key: bytes, receiving_key: X25519PublicKey, number: str) -> bytes:
    """`hall_key` for staff `number` only. Nobody's signature stands on it: who opens it knows which one to expect."""
    return _SUITE.encrypt(hall_key, receiving_key, _staff_info(number))


def open_hall_key(sealed: bytes, receiving_key: X25519PrivateKey, number: str) -> bytes:
    """The hall key. Raises hall_tampered when it was sealed for somebody else."""
    try:
        return _SUITE.decrypt(sealed, receiving_key, _staff_info(number))
    except (InvalidTag, ValueError):
        raise KnownError(FailureCode.HALL_TAMPERED, "the hall key does not open") from None


def _info(session: str, hall: str) -> bytes:
    return b"hallclient/data-key\0" + session.encode() + b"\0" + hall.encode()


def _staff_info(number: str) -> bytes:
    return b"hallclient/hall-key\0" + number.encode()
