"""The wire as the centre sees it. Digests and signatures are lower-case hex, sizes are bytes, times ISO 8601 in UTC."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PART_BYTES = 5 * 1024 * 1024  # every part of an object but its last has exactly this size
MOST_PARTS = 2000

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Signature = Annotated[str, Field(pattern=r"^[0-9a-f]{192}$")]


BUNDLE = "bundle.tar"
ObjectName = Annotated[str, Field(pattern=r"^(bundle\.tar|[a-z][a-z0-9_-]{0,31}(\.[a-z][a-z0-9_-]{0,31})?\.enc)$")]
"""What a session is sent as: each large file under its name, and everything else in one tar file."""

MOST_OBJECTS = 20
MOST_KNOWN_SESSIONS = 1000  # in one answer


class Message(BaseModel):
    """Unknown fields are refused: a client that means something must be understood."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PartDescription(Message):
    """One part; numbers count from 1."""

    number: int = Field(ge=1, le=MOST_PARTS)
    bytes: int = Field(ge=1, le=PART_BYTES)
    sha256: Sha256


class ObjectDescription(Message):
    """One object and the parts that make it up, in their order."""

    name: ObjectName
    bytes: int = Field(ge=1, le=PART_BYTES * MOST_PARTS)
    sha256: Sha256
    parts: list[PartDescription] = Field(min_length=1, max_length=MOST_PARTS)


class Registration(Message):
    """A session that a device wants to deliver: its manifest (canonical JSON) and what will be uploaded."""

    manifest: str = Field(max_length=512 * 1024)
    signature: Signature
    objects: list[ObjectDescription] = Field(min_length=1, max_length=MOST_OBJECTS)


class MissingPart(Message):
    """A part that the centre does not hold yet, and where to PUT it: relative to the centre's address, or absolute."""

    object: ObjectName
    number: int
    url: str


class Registered(Message):
    """Which parts are missing; none of them once the session is committed."""

    missing: list[MissingPart]


class Committed(Message):
    """The receipt (canonical JSON) and its signature: the same bytes however often it is asked for."""

    receipt: str
    signature: Signature


class Health(Message):
    """The centre is there."""

    centre: str
    practice: bool
    time: str


class KnownHead(Message):
    """The head of a device's audit chain, as a manifest had it."""

    sequence: int
    head: str


class KnownSession(Message):
    """One session that was received from a device.

    Attributes:
        device_sequence: the device's own count; two sessions have the same where it was set back.
        manifest_sha256: of its manifest.
        previous: of the manifest that the device says it sealed before; null for its first.
        audit: the device's audit head when it sealed, which the receipt countersigned.
        outcome, reasons: as in the receipt.
    """

    session: str
    device_sequence: int
    manifest_sha256: str
    previous: str | None
    audit: KnownHead
    received_at: str
    outcome: str
    reasons: list[str]


class MissingSessions(Message):
    """Numbers that no session came with, though a later one did: from `first` to `last`, both of them missing.

    They may still wait at the counter, or were deleted there. `told` is the session whose receipt said so
    (`sequence_whole`); null while they may be on their way.
    """

    first: int
    last: int
    told: str | None


class DeviceAudit(Message):
    """What the centre knows of the device that asks, by its key: for comparing with the counter's own log.

    Attributes:
        device: SHA-256 of the device's public key.
        time: the centre's.
        clock_difference_s: the device's clock minus the centre's at its last delivery, seconds; null before one.
        sessions: that were received, by their numbers; at most 1,000, of those after `after`.
        missing: of all numbers, not only of these sessions'; at most 1,000, the lowest.
        next: what to ask `after` for the following ones; null after the last.
    """

    device: str
    time: str
    clock_difference_s: float | None
    sessions: list[KnownSession]
    missing: list[MissingSessions]
    next: int | None


class Refused(Message):
    """Why a request was refused: a code that never changes its meaning, and the files or fields that it is about."""

    code: str
    detail: str


class Enrolment(Message):
    """What a newly enrolled device is given, by the operator's IT and not over the network.

    Attributes:
        certificate_pem: the device's; its subject says where that stands.
        root_pem: what the device trusts.
        centre_key: the X25519 public key that data keys are sealed to, in hex.
        centre: the centre's name.
        practice: a centre for practice; what it receives proves nothing.
    """

    certificate_pem: str
    root_pem: str
    centre_key: str
    centre: str
    practice: bool
