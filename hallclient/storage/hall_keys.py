"""The hall key, and the keys that it wraps; what a password or a one-time code is worth as a key."""

import hashlib
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field

from hallclient.devices import Entropy
from hallclient.domain.failures import FailureCode, KnownError


@dataclass(frozen=True)
class PasswordCost:
    """What one guess costs with argon2id."""

    memory_kib: int
    passes: int


HALL_KEY_BYTES = 32
# RFC 9106, second recommended option: 0.26 s on the machine of shared/facts, the time that a person does not notice.
PASSWORD_COST = PasswordCost(memory_kib=64 * 1024, passes=3)
_LANES = 1
_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12


class KeyBox(BaseModel):
    """Something under a password: AES-256-GCM under argon2id. Binary values in hex, and the cost when it was closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    salt: str = Field(pattern=r"^[0-9a-f]{32}$")
    sealed: str = Field(pattern=r"^([0-9a-f]{2})+$")
    memory_kib: int = Field(ge=8, le=1024 * 1024)
    passes: int = Field(ge=1, le=64)


def close_box(secret: bytes, password: bytes, binding: bytes, entropy: Entropy) -> KeyBox:
    """`secret` under `password` at `PASSWORD_COST`. `binding` is who and what it is for."""
    salt, cost = entropy.token(_SALT_BYTES), PASSWORD_COST
    sealed = _wrap(_derive(password, salt, cost), secret, binding, entropy)
    return KeyBox(salt=salt.hex(), sealed=sealed.hex(), memory_kib=cost.memory_kib, passes=cost.passes)


def open_box(box: KeyBox | None, password: bytes, binding: bytes) -> bytes | None:
    """The secret; None for a wrong password, another binding, and for no box at all.

    Which takes as long: nobody learns by timing who works here.
    """
    if box is None:
        _derive(password, bytes(_SALT_BYTES), PASSWORD_COST)
        return None
    key = _derive(password, bytes.fromhex(box.salt), PasswordCost(box.memory_kib, box.passes))
    try:
        return _unwrap(key, bytes.fromhex(box.sealed), binding)
    except InvalidTag:
        return None


def hall_key_id(hall_key: bytes) -> str:
    """Which hall key: SHA-256 in hex. It says nothing of the key, which is random."""
    return hashlib.sha256(b"hallclient/hall-key\0" + hall_key).hexdigest()


def file_key(hall_key: bytes) -> bytes:
    """The key that authenticates the hall's file."""
    return HKDF(SHA256(), _KEY_BYTES, None, b"hallclient/hall.json").derive(hall_key)


def wrap_data_key(hall_key: bytes, data_key: bytes, session: str, entropy: Entropy) -> bytes:
    """A session's data key under the hall key."""
    return _wrap(hall_key, data_key, b"data-key\0" + session.encode(), entropy)


def unwrap_data_key(hall_key: bytes, wrapped: bytes, session: str) -> bytes:
    """The data key. Raises evidence_damaged when the wrap is another session's."""
    try:
        return _unwrap(hall_key, wrapped, b"data-key\0" + session.encode())
    except InvalidTag:
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "the data key does not open") from None


def wrap_next_key(hall_key: bytes, next_key: bytes, entropy: Entropy) -> bytes:
    """The hall key that follows, under the one of today."""
    return _wrap(hall_key, next_key, b"next-hall-key\0", entropy)


def unwrap_next_key(hall_key: bytes, wrapped: bytes) -> bytes:
    """Raises InvalidTag."""
    return _unwrap(hall_key, wrapped, b"next-hall-key\0")


def _derive(password: bytes, salt: bytes, cost: PasswordCost) -> bytes:
    return hash_secret_raw(password, salt, cost.passes, cost.memory_kib, _LANES, _KEY_BYTES, Type.ID)


def _wrap(key: bytes, plain: bytes, binding: bytes, entropy: Entropy) -> bytes:
    nonce = entropy.token(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, binding)


def _unwrap(key: bytes, wrapped: bytes, binding: bytes) -> bytes:
    return AESGCM(key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], binding)
