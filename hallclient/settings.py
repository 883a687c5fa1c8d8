"""Where this user's hall and trust roots are."""

import logging
import os
from pathlib import Path

from platformdirs import site_config_path, user_data_path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import not_read, read_regular
from hallclient.services.access import ROOTS
from hallclient.storage import hall_file

_DATA_VARIABLE = "HALLCLIENT_DATA"
_LAST_REHEARSAL = "last_rehearsal"
_LARGEST_POINTER_BYTES = 64 * 1024  # far more than a path can have
_LARGEST_ROOTS_BYTES = 1024 * 1024  # a certificate has one or two thousand

_log = logging.getLogger(__name__)


def named_hall(data: Path | None = None) -> Path | None:
    """The folder that somebody said: `data`, else $HALLCLIENT_DATA. None where neither is given; empty is not given."""
    variable = os.environ.get(_DATA_VARIABLE)
    return data or (Path(variable) if variable else None)


def new_hall_folder(data: Path | None = None) -> Path:
    """Where a hall is, or is to be made: as somebody said (see `named_hall`), else this user's own."""
    return named_hall(data) or _user_folder() / "hall"


def practice_folder() -> Path:
    """Where the application keeps this user's practice hall: the same one, whatever was rehearsed elsewhere."""
    return _user_folder() / "practice"


def hall_folder(data: Path | None = None) -> Path:
    """The hall that a command works with: as `new_hall_folder`, but the last rehearsal's while this user has none."""
    own = new_hall_folder(data)
    if named_hall(data) is not None:
        return own
    pointer = _user_folder() / _LAST_REHEARSAL
    if not hall_file.exists(own) and pointer.is_file():
        try:
            return Path(read_regular(pointer, _LARGEST_POINTER_BYTES).decode("utf-8", "surrogateescape"))
        except (OSError, ValueError):  # half written by a crash: then there was no rehearsal
            return own
    return own


def remember_rehearsal(hall: Path) -> None:
    """Make `hall` the one that commands work with while this user has no hall of their own.

    Where this user's folder cannot be written, commands are told the hall instead: no reason to stop.
    """
    try:
        _user_folder().mkdir(parents=True, exist_ok=True)
        (_user_folder() / _LAST_REHEARSAL).write_text(str(hall.resolve()), "utf-8", "surrogateescape")
    except OSError as error:
        _log.warning("the rehearsal's hall is not remembered: errno %s", error.errno)


def trust_roots(roots: Path | None = None, data: Path | None = None) -> tuple[Path, bytes]:
    """The root certificates to trust, where they lie and as PEM: `roots`, else those of the hall (see `hall_folder`).

    Raises trust_roots_missing; file_missing when it is `roots` that is not there, and hall_missing when somebody named
    a folder without a hall.
    """
    path = roots or hall_folder(data) / ROOTS
    try:
        return path, read_regular(path, _LARGEST_ROOTS_BYTES)
    except OSError as error:
        if roots is not None:
            raise not_read(error, FailureCode.TRUST_ROOTS_MISSING, roots.name) from None
        if named_hall(data) is not None:
            hall_file.read(path.parent)
        raise KnownError(FailureCode.TRUST_ROOTS_MISSING, f"{path.name}: {error.strerror}") from None


def face_thresholds(engine: str) -> Path | None:
    """The operator's own thresholds of a face engine, where an administrator put them; None where there are none.

    The system's folder and not the user's (/etc/xdg/hallclient/face, C:\\ProgramData\\hallclient\\face): a clerk who
    could lower the threshold would have an override.
    """
    path = site_config_path("hallclient", appauthor=False) / "face" / f"{engine}.toml"
    return path if path.exists() else None


def _user_folder() -> Path:
    return user_data_path("hallclient", appauthor=False)
