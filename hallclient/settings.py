"""Where this user's hall and trust roots are."""

import hashlib
import logging
import os
import stat
import sys
from pathlib import Path

from platformdirs import user_data_path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import not_read, read_regular
from hallclient.services.access import ROOTS
from hallclient.storage import hall_file

_DATA_VARIABLE = "HALLCLIENT_DATA"
_LAST_REHEARSAL = "last_rehearsal"
_LARGEST_POINTER_BYTES = 64 * 1024  # far more than a path can have
_LARGEST_ROOTS_BYTES = 1024 * 1024  # a certificate has one or two thousand

ADMINISTRATORS_FOLDER = Path("/etc/hallclient")
_PORTRAIT_LIBRARY = "portrait_library.so"
_LARGEST_LIBRARY_BYTES = 64 * 1024 * 1024
_ROOT_UID = 0

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
    """The operator's own thresholds of a face engine, where an administrator of this computer put them; None where
    there are none. A hall's signed enrolment goes before them.

    A clerk who could lower the threshold would have an override: see `_administrators_file`. Raises thresholds_invalid.
    """
    return _administrators_file(Path("face") / f"{engine}.toml", FailureCode.THRESHOLDS_INVALID)


def portrait_library(sha256: str | None = None) -> Path | None:
    """The vendor's library that decodes a chip's portrait, where an administrator of this computer put it; else None.

    What it puts out is compared with the person before the camera: a clerk's own library would be an override.

    Args:
        sha256: what the hall's signed enrolment says of it, in hex.

    Raises portrait_unreadable for another one than that, and as `_administrators_file`.
    """
    path = _administrators_file(Path(_PORTRAIT_LIBRARY), FailureCode.PORTRAIT_UNREADABLE)
    if path is None or sha256 is None:
        return path
    try:
        found = hashlib.sha256(read_regular(path, _LARGEST_LIBRARY_BYTES)).hexdigest()
    except OSError as error:
        raise not_read(error, FailureCode.PORTRAIT_UNREADABLE, path.name) from None
    if found != sha256:
        raise KnownError(FailureCode.PORTRAIT_UNREADABLE, f"{path.name}: not the library of the enrolment")
    return path


def _administrators_file(name: Path, code: FailureCode) -> Path | None:
    """The file `name` in `ADMINISTRATORS_FOLDER`; None where there is none, and on Windows, where only what the centre
    signed counts: everybody may make a folder there that an administrator has not made yet.

    A fixed place that no variable of a user's names. Raises `code` for one that others than root may write.
    """
    if sys.platform == "win32":
        return None
    path = ADMINISTRATORS_FOLDER / name
    if not path.exists():
        return None
    for one in (path, *path.parents):
        status = one.stat()
        if status.st_uid != _ROOT_UID or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise KnownError(code, f"{one.name}: others than root may write it")
        if one == ADMINISTRATORS_FOLDER:
            break
    return path


def _user_folder() -> Path:
    return user_data_path("hallclient", appauthor=False)
