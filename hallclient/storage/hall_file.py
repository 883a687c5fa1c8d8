"""`hall.json`: what is known about a hall before anybody has logged in. It holds no personal data of a customer.

Everything in it is authenticated under a key that only a login opens. A clerk has that key too: what a clerk must not
decide (who the centre is, who may do what) is signed by the centre, and its roots are known to each person by
themselves, see `hallclient.storage.staff_keys`.
"""

import hmac
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, ValidationError

from hallclient.domain.documents import canonical
from hallclient.domain.enrolment import Enrolment, EnrolmentSettings, SignedEnrolment
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.root_introduction import SignedIntroduction
from hallclient.domain.staff_documents import Endorsement, HallKeyRotation, Invitation
from hallclient.domain.staff_word import SignedWord
from hallclient.regular_file import read_regular
from hallclient.storage.durable import replacing
from hallclient.storage.hall_keys import file_key
from hallclient.storage.staff_keys import StaffEntry
from hallclient.storage.store_failures import of_os_error

NAME = "hall.json"
_LARGEST_BYTES = 4 * 1024 * 1024  # far more than the entries of a hall's whole staff


class CentreEnrolment(BaseModel):
    """The centre's own word, as it came, and where the centre answers.

    What the properties say is the signed text's; its signature is asked at each login, under the roots that the person
    knows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: str
    signed: SignedEnrolment
    practice_data: str | None = None

    @cached_property
    def said(self) -> Enrolment:
        """Raises input_invalid for something else than an enrolment."""
        return self.signed.unverified()

    @property
    def name(self) -> str:
        return self.said.centre

    @property
    def hpke_public_key(self) -> str:
        return self.said.data_key

    @property
    def device_certificate(self) -> str:
        return self.said.certificate

    @property
    def issuers(self) -> tuple[str, ...]:
        return self.said.issuers

    @cached_property
    def roots(self) -> str:
        """PEM."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.said.root_certificates()).decode()

    @property
    def settings(self) -> EnrolmentSettings:
        return self.said.settings


class OpenInvitation(BaseModel):
    """An invitation that nobody has used yet.

    Attributes:
        entry: its one-time keys, whose box opens with the one-time code.
        endorsements: the administrators who signed it.
        word: see `StaffApplication`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    invitation: Invitation
    entry: StaffEntry
    endorsements: tuple[Endorsement, ...]
    word: SignedWord | None = None


class SignedRotation(BaseModel):
    """The hall key was changed; who opens the hall with the one before learns here that it was an administrator."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotation: HallKeyRotation
    endorsement: Endorsement


class IntroducedRoot(BaseModel):
    """The hall's centre has another root; who knows the one before (`old`, DER in hex) learns here that it said so."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    old: str
    signed: SignedIntroduction


class HallFile(BaseModel):
    """The file. `practice` marks a hall for rehearsals: all that is done in it is practice.

    `next_hall_key`: see `hallclient.storage.next_hall_key`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    place: Place
    device: str
    practice: bool
    staff: tuple[StaffEntry, ...]
    invitations: tuple[OpenInvitation, ...] = ()
    rotations: tuple[SignedRotation, ...] = ()
    introductions: tuple[IntroducedRoot, ...] = ()
    next_hall_key: str | None = None
    centre: CentreEnrolment | None = None
    mac: str = ""

    @property
    def workstation(self) -> Workstation:
        return Workstation(self.place, self.device)

    def entry(self, number: str) -> StaffEntry | None:
        """The person's, None for a number that nobody has."""
        return next((entry for entry in self.staff if entry.number == number), None)

    def with_entry(self, entry: StaffEntry) -> "HallFile":
        """With `entry` in the place of the one of its number, or behind the others."""
        if self.entry(entry.number) is None:
            return self.model_copy(update={"staff": (*self.staff, entry)})
        staff = tuple(entry if one.number == entry.number else one for one in self.staff)
        return self.model_copy(update={"staff": staff})


def read(folder: Path) -> HallFile:
    """Nothing in it is to be believed before `must_be_authentic`.

    Raises hall_missing when there is none in `folder`, store_unreadable when it is damaged, store_read_only.
    """
    try:
        return HallFile.model_validate_json(read_regular(folder / NAME, _LARGEST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        raise KnownError(FailureCode.HALL_MISSING, f"no {NAME} in {folder.name or folder}") from None
    except OSError as error:
        raise of_os_error(error, folder / NAME) from error
    except ValidationError:
        raise KnownError(FailureCode.STORE_UNREADABLE, NAME) from None


def must_be_authentic(hall: HallFile, hall_key: bytes) -> None:
    """Raises hall_tampered unless whoever wrote `hall` had the hall key."""
    if not hmac.compare_digest(hall.mac, _mac(hall, hall_key)):
        raise KnownError(FailureCode.HALL_TAMPERED, NAME)


def authenticated(hall: HallFile, hall_key: bytes) -> HallFile:
    """`hall`, as written by who has the hall key."""
    return hall.model_copy(update={"mac": _mac(hall, hall_key)})


def renewed(hall: HallFile, new_key: bytes) -> HallFile:
    """`hall`, authenticated under another hall key, which everybody in it has from now on."""
    changes = {
        "next_hall_key": None,
        "staff": tuple(entry.with_hall_key(new_key) for entry in hall.staff),
        "invitations": tuple(
            one.model_copy(update={"entry": one.entry.with_hall_key(new_key)}) for one in hall.invitations
        ),
    }
    return authenticated(hall.model_copy(update=changes), new_key)


def put(folder: Path, hall: HallFile) -> None:
    """Make `hall` the file in `folder`, as it is. Raises disk_full, store_read_only and its like."""
    with replacing(folder / NAME) as file:
        file.write(hall.model_dump_json(indent=2).encode())


def exists(folder: Path) -> bool:
    return (folder / NAME).exists()


def _mac(hall: HallFile, hall_key: bytes) -> str:
    return hmac.new(file_key(hall_key), canonical(hall.model_dump(mode="json", exclude={"mac"})), sha256).hexdigest()
