"""`centre.json`: what a centre is, and what its operator sets for the counters that are enrolled there."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hallclient.central.durable import write_new
from hallclient.domain.documents import canonical
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import read_regular

NAME = "centre.json"
_LARGEST_BYTES = 64 * 1024  # it has some hundred

Address = Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=300)]


class CentreIdentity(BaseModel):
    """The file; other parts of the centre may have words of their own in it.

    Attributes:
        name: in certificates and receipts.
        practice: it is for rehearsals.
        addresses: where counters find it; they stand in each enrolment.
        settings: for each counter that is enrolled, or whose certificate is renewed, from now on.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: str
    practice: bool
    addresses: tuple[Address, ...] = Field(default=(), max_length=8)
    settings: EnrolmentSettings = EnrolmentSettings()


def read_identity(folder: Path) -> CentreIdentity:
    """Raises input_invalid when there is no centre in `folder`, store_unreadable."""
    return _understood(_read(folder))


def write_identity(folder: Path, identity: CentreIdentity) -> None:
    """Of a new centre."""
    write_new(folder / NAME, [canonical(identity.model_dump(mode="json"))], "new")


def change_identity(folder: Path, **changes: object) -> CentreIdentity:
    """The centre with other `addresses` or `settings`, as JSON. Raises input_invalid, store_unreadable."""
    stored = _read(folder)
    _understood(stored)
    stored.update(changes)
    try:
        changed = CentreIdentity.model_validate(stored)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
        raise KnownError(FailureCode.INPUT_INVALID, fields) from None
    write_new(folder / NAME, [canonical(stored)], "new")
    return changed


def _understood(stored: object) -> CentreIdentity:
    try:
        return CentreIdentity.model_validate(stored)
    except ValidationError as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{NAME}: {type(error).__name__}") from None


def _read(folder: Path) -> dict[str, object]:
    try:
        stored = json.loads(read_regular(folder / NAME, _LARGEST_BYTES))
    except FileNotFoundError:
        raise KnownError(FailureCode.INPUT_INVALID, "there is no centre in this folder") from None
    except (OSError, ValueError, RecursionError) as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{NAME}: {type(error).__name__}") from None
    if not isinstance(stored, dict):
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{NAME}: not an object")
    return stored
