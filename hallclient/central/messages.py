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


class StaffCertified(Message):
    """A person's certificate and its issuers, nearest first: hex of DER."""

    certificate: str
    issuers: list[str]


class StaffRenewal(Message):
    """A person's certificate, hex of DER, that another one shall follow."""

    certificate: str = Field(max_length=16 * 1024)


class Health(Message):
    """The centre is there. `revocations` is the number of the newest list: who holds an older one fetches it."""

    centre: str
    practice: bool
    time: str
    revocations: int


class Refused(Message):
    """Why a request was refused: a code that never changes its meaning, and the files or fields that it is about."""

    code: str
    detail: str
