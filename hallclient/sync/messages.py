"""The wire as the client sees it (assets/contract/openapi.json). Digests and signatures are lower-case hex."""

from pydantic import BaseModel, ConfigDict

PART_BYTES = 5 * 1024 * 1024  # every part of an object but its last has exactly this size


class Question(BaseModel):
    """What we send."""

    model_config = ConfigDict(frozen=True)


class Answer(BaseModel):
    """What we are told. Fields that a later centre adds are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PartDescription(Question):
    """One part; numbers count from 1."""

    number: int
    bytes: int
    sha256: str


class ObjectDescription(Question):
    """One object and the parts that make it up, in their order."""

    name: str
    bytes: int
    sha256: str
    parts: tuple[PartDescription, ...]


class Registration(Question):
    """A session to deliver: its manifest (canonical JSON) and what will be uploaded."""

    manifest: str
    signature: str
    objects: tuple[ObjectDescription, ...]


class MissingPart(Answer):
    """A part that the centre wants, and where to PUT it: relative to the centre's address, or absolute."""

    object: str
    number: int
    url: str


class Registered(Answer):
    """Which parts are missing."""

    missing: tuple[MissingPart, ...]


class Committed(Answer):
    """The receipt (canonical JSON) and its signature."""

    receipt: str
    signature: str


class StaffCertified(Answer):
    """A person's certificate and its issuers, nearest first: hex of DER."""

    certificate: str
    issuers: tuple[str, ...]


class StaffRenewal(Question):
    """A person's certificate, hex of DER, that another one shall follow."""

    certificate: str


class Health(Answer):
    """The centre is there. `revocations` is the number of its newest list."""

    centre: str
    practice: bool
    time: str
    revocations: int


class Refused(Answer):
    """Why the centre refused: its code, and the files or fields that it is about."""

    code: str
    detail: str
