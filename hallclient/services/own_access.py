"""What somebody does about their own login before they have logged in."""

from contextlib import closing
from pathlib import Path

from hallclient.devices import Clock, Entropy
from hallclient.services import staff as services
from hallclient.services.access import login
from hallclient.storage import hall_file


def is_certified(folder: Path, number: str) -> bool:
    """Whether the centre has certified the login of `number`; not without it can it be used. Raises hall_missing."""
    entry = hall_file.read(folder).entry(number)
    return entry is not None and entry.certificate is not None


def change_own_password(
    folder: Path, number: str, old: str, code: str, new: str, clock: Clock, entropy: Entropy
) -> None:
    """Raises as `login` and `hallclient.services.staff.change_password` do."""
    with closing(login(folder, number, old, code, clock, entropy)) as hall:
        services.change_password(hall, old, new)
