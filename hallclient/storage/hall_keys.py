"""The hall key, wrapped once for each member of staff, and the keys that the hall key wraps.

Each wrap is bound to staff number and role: a clerk who edits the role in the file cannot log in any more.
"""

from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field

from hallclient.devices import Entropy
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role, Staff


@dataclass(frozen=True)
class PasswordCost:
    """What one guess costs with argon2id."""

    memory_kib: int
    passes: int


HALL_KEY_BYTES = 32
# RFC 9106, second recommended option: 0.26 s on the machine of shared/facts, the time that a person does not notice.
PASSWORD_COST = PasswordCost(memory_kib=64 * 1024, passes=3)
_LANES = 1
_SALT_BYTES, _NONCE_BYTES = 16, 12


class StaffWrap(BaseModel):
    """The hall key for one person: all binary values in hex, and the cost of its password when it was wrapped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    role: Role
    salt: str
    wrapped: str
    memory_kib: int = Field(default=64 * 1024, ge=8, le=1024 * 1024)  # the defaults are those of files without
    passes: int = Field(default=3, ge=1, le=64)

    @property
    def cost(self) -> PasswordCost:
        return PasswordCost(self.memory_kib, self.passes)


def wrap_for_staff(hall_key: bytes, staff: Staff, password: str, entropy: Entropy) -> StaffWrap:
    """`hall_key` under a key derived from `password` at `PASSWORD_COST`."""
    salt, cost = entropy.token(_SALT_BYTES), PASSWORD_COST
    wrapped = _wrap(_derive(password, salt, cost), hall_key, _binding(staff), entropy)
    return StaffWrap(
        number=staff.number,
        role=staff.role,
        salt=salt.hex(),
        wrapped=wrapped.hex(),
        memory_kib=cost.memory_kib,
        passes=cost.passes,
    )


def unwrap_for_staff(wraps: tuple[StaffWrap, ...], number: str, password: str) -> tuple[Staff, bytes]:
    """The person and the hall key. Raises login_wrong, the same for an unknown number and for a wrong password."""
    wrap = next((wrap for wrap in wraps if wrap.number == number), None)
    # An unknown number takes as long as a wrong password: nobody learns who works here by timing.
    if wrap is None:
        _derive(password, bytes(_SALT_BYTES), PASSWORD_COST)
        raise KnownError(FailureCode.LOGIN_WRONG)
    key = _derive(password, bytes.fromhex(wrap.salt), wrap.cost)
    staff = Staff(wrap.number, wrap.role)
    try:
        return staff, _unwrap(key, bytes.fromhex(wrap.wrapped), _binding(staff))
    except InvalidTag:
        raise KnownError(FailureCode.LOGIN_WRONG) from None


def wrap_data_key(hall_key: bytes, data_key: bytes, session: str, entropy: Entropy) -> bytes:
    """A session's data key under the hall key."""
    return _wrap(hall_key, data_key, b"data-key\0" + session.encode(), entropy)


def unwrap_data_key(hall_key: bytes, wrapped: bytes, session: str) -> bytes:
    """The data key. Raises evidence_damaged when the wrap is another session's."""
    try:
        return _unwrap(hall_key, wrapped, b"data-key\0" + session.encode())
    except InvalidTag:
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, "the data key does not open") from None


def _derive(password: str, salt: bytes, cost: PasswordCost) -> bytes:
    return hash_secret_raw(password.encode(), salt, cost.passes, cost.memory_kib, _LANES, HALL_KEY_BYTES, Type.ID)


def _binding(staff: Staff) -> bytes:
    return b"staff\0" + staff.number.encode() + b"\0" + staff.role.value.encode()


def _wrap(key: bytes, plain: bytes, binding: bytes, entropy: Entropy) -> bytes:
    nonce = entropy.token(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, binding)


def _unwrap(key: bytes, wrapped: bytes, binding: bytes) -> bytes:
    return AESGCM(key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], binding)
