"""`logins.json`: the tries at this hall's logins, per staff number; what is known of them without a login.

Who may write to the folder may write this, too: it slows down who guesses at the screen. Who has the folder guesses
elsewhere, against argon2id.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from hallclient.regular_file import read_regular
from hallclient.storage.durable import replacing
from hallclient.storage.store_failures import of_os_error
from hallclient.storage.waited_lock import waited_lock

_NAME = "logins.json"
NOBODY = ""  # stands for all numbers that nobody has: what was typed there may be a password
_LARGEST_BYTES = 1024 * 1024  # one line for each member of a hall's staff


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Nobody else, in whichever program, reads or writes the tries inside. Raises store_busy and its like."""
    with waited_lock(folder, "logins"):
        yield


class LoginTries(BaseModel):
    """Of one staff number.

    Attributes:
        wrong: tries in a row; the last began at `at_s`, in seconds of the wall clock.
        untold: wrong tries that are not in the audit log yet.
        used_step: the step of the code of the last login, see `hallclient.domain.totp`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    wrong: int = 0
    at_s: float = 0.0
    untold: int = 0
    used_step: int = -1


class _File(RootModel[dict[str, LoginTries]]):
    pass


def read(folder: Path) -> dict[str, LoginTries]:
    """By staff number; empty where nothing is noted, and where somebody spoilt the file. Raises store_read_only."""
    try:
        return _File.model_validate_json(read_regular(folder / _NAME, _LARGEST_BYTES)).root
    except (FileNotFoundError, ValidationError):
        return {}
    except OSError as error:
        raise of_os_error(error, folder / _NAME) from error


def write(folder: Path, tries: dict[str, LoginTries]) -> None:
    """Raises disk_full, store_read_only."""
    with replacing(folder / _NAME) as file:
        file.write(_File(tries).model_dump_json().encode())
