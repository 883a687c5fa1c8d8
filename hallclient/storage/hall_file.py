"""`hall.json`: what is known about a hall before anybody has logged in. It holds no personal data of a customer."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.regular_file import read_regular
from hallclient.storage.durable import replacing
from hallclient.storage.hall_keys import StaffWrap
from hallclient.storage.store_failures import of_os_error

NAME = "hall.json"
_LARGEST_BYTES = 4 * 1024 * 1024  # far more than the wraps of a hall's whole staff


class CentreEnrolment(BaseModel):
    """How this hall reaches the centre, from the enrolment: the centre's name, address, keys and certificates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: str
    hpke_public_key: str
    device_certificate: str
    roots: str
    practice_data: str | None = None
    timestamps: TimestampSettings | None = None


class HallFile(BaseModel):
    """The file. `practice` marks a hall for rehearsals: all that is done in it is practice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: Place
    device: str
    practice: bool
    staff: tuple[StaffWrap, ...]
    centre: CentreEnrolment | None = None

    @property
    def workstation(self) -> Workstation:
        return Workstation(self.place, self.device)


def read(folder: Path) -> HallFile:
    """Raises hall_missing when there is none in `folder`, store_unreadable when it is damaged, store_read_only."""
    try:
        return HallFile.model_validate_json(read_regular(folder / NAME, _LARGEST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        raise KnownError(FailureCode.HALL_MISSING, f"no {NAME} in {folder.name or folder}") from None
    except OSError as error:
        raise of_os_error(error, folder / NAME) from error
    except ValidationError:
        raise KnownError(FailureCode.STORE_UNREADABLE, NAME) from None


def write(folder: Path, hall: HallFile) -> None:
    with replacing(folder / NAME) as file:
        file.write(hall.model_dump_json(indent=2).encode())


def exists(folder: Path) -> bool:
    return (folder / NAME).exists()
