"""What one member of staff has under their password, and what of it stands open in the hall's file."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from pydantic import BaseModel, ConfigDict, Field

from hallclient.devices import Entropy
from hallclient.domain.documents import canonical
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.password import normalised
from hallclient.domain.sealed_key import open_hall_key, seal_hall_key
from hallclient.domain.staff import Role, Staff
from hallclient.storage.hall_keys import KeyBox, close_box, hall_key_id, open_box

_PublicKey = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True, repr=False)
class StaffKeys:
    """A person's secrets, and what they know of their hall.

    Attributes:
        signing: what they do is signed with.
        receiving: what is for them is sealed to.
        totp_secret: of their second factor.
        known_roots: SHA-256 (hex, of the DER form) of each root certificate that they trust; none before the hall was
            enrolled. Whoever changes the hall's file changes nothing here.
        hall_key_id: which hall key is theirs, see `hallclient.storage.hall_keys.hall_key_id`.
    """

    signing: Ed25519PrivateKey
    receiving: X25519PrivateKey
    totp_secret: bytes
    known_roots: frozenset[str]
    hall_key_id: str

    def knowing(self, roots: Iterable[str], hall_key: bytes) -> "StaffKeys":
        """The same person, who knows other roots or another hall key."""
        return replace(self, known_roots=frozenset(roots), hall_key_id=hall_key_id(hall_key))


class StaffEntry(BaseModel):
    """A person in the hall's file: all binary values in hex.

    Attributes:
        box: their `StaffKeys` under their password, bound to number and role.
        hall_key: the hall key, sealed to their receiving key.
        certificate, issuers: as in documents; None while the centre has not certified them.
        application: what the centre certifies them for (`StaffApplication` as JSON), until it has.
        refused: the centre did not, when it was asked last.
        locked: an administrator lets them log in no more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    number: str
    role: Role
    signing_key: str = _PublicKey
    receiving_key: str = _PublicKey
    box: KeyBox
    hall_key: str
    certificate: str | None = None
    issuers: tuple[str, ...] = ()
    application: str | None = None
    refused: bool = False
    locked: bool = False

    @property
    def staff(self) -> Staff:
        return Staff(self.number, self.role)

    def with_hall_key(self, hall_key: bytes) -> "StaffEntry":
        """Another hall key for the same person, who need not be there."""
        receiving = X25519PublicKey.from_public_bytes(bytes.fromhex(self.receiving_key))
        sealed = seal_hall_key(hall_key, receiving, self.number).hex()
        return self.model_copy(update={"hall_key": sealed})

    def with_box(self, keys: StaffKeys, password: str, entropy: Entropy) -> "StaffEntry":
        """The person's secrets closed anew."""
        return self.model_copy(update={"box": _closed(self.staff, keys, password, entropy)})


def make_staff_keys(totp_secret: bytes, entropy: Entropy) -> StaffKeys:
    """New keys of a person who knows nothing of the hall yet."""
    return StaffKeys(
        Ed25519PrivateKey.from_private_bytes(entropy.token(32)),
        X25519PrivateKey.from_private_bytes(entropy.token(32)),
        totp_secret,
        frozenset(),
        "",
    )


def entry_for(staff: Staff, keys: StaffKeys, password: str, hall_key: bytes, entropy: Entropy) -> StaffEntry:
    """`staff`, not certified yet."""
    receiving = keys.receiving.public_key()
    return StaffEntry(
        number=staff.number,
        role=staff.role,
        signing_key=keys.signing.public_key().public_bytes_raw().hex(),
        receiving_key=receiving.public_bytes_raw().hex(),
        box=_closed(staff, keys, password, entropy),
        hall_key=seal_hall_key(hall_key, receiving, staff.number).hex(),
    )


def opened_entry(entry: StaffEntry | None, password: str) -> StaffKeys | None:
    """The person's secrets; None for a wrong password, and for nobody, which takes as long.

    Raises input_invalid for a password that is too long to be one.
    """
    staff = entry.staff if entry is not None else Staff("", Role.CLERK)
    plain = open_box(entry.box if entry is not None else None, normalised(password), _binding(staff))
    if plain is None or entry is None:
        return None
    values = json.loads(plain)  # authentic: closed by us
    return StaffKeys(
        Ed25519PrivateKey.from_private_bytes(bytes.fromhex(values["signing"])),
        X25519PrivateKey.from_private_bytes(bytes.fromhex(values["receiving"])),
        bytes.fromhex(values["totp"]),
        frozenset(values["roots"]),
        values["hall_key"],
    )


def hall_key_of(entry: StaffEntry, keys: StaffKeys) -> bytes:
    """The hall key that `entry` has for its person. Raises hall_tampered when it does not open."""
    try:
        sealed = bytes.fromhex(entry.hall_key)
    except ValueError:
        raise KnownError(FailureCode.HALL_TAMPERED, "the hall key does not open") from None
    return open_hall_key(sealed, keys.receiving, entry.number)


def _closed(staff: Staff, keys: StaffKeys, password: str, entropy: Entropy) -> KeyBox:
    secret = canonical(
        {
            "signing": keys.signing.private_bytes_raw().hex(),
            "receiving": keys.receiving.private_bytes_raw().hex(),
            "totp": keys.totp_secret.hex(),
            "roots": sorted(keys.known_roots),
            "hall_key": keys.hall_key_id,
        }
    )
    return close_box(secret, normalised(password), _binding(staff), entropy)


def _binding(staff: Staff) -> bytes:
    return b"staff\0" + staff.number.encode() + b"\0" + staff.role.value.encode()
