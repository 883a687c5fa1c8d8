"""The log of this computer: what went wrong, for the operator's IT and for us. Never a word about a person.

Of an exception it keeps types and places (module, function, line) and no text: a library may have put the value that it
stumbled over into its message. Only our own `BugError` speaks, and a `KnownError` says its code.
"""

import logging
import logging.handlers
import os
import sys
import threading
import traceback
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from platformdirs import user_log_path

from hallclient.domain.failures import BugError, KnownError
from hallclient.system import SystemEntropy

if TYPE_CHECKING:  # it brings numpy, and every command loads this module
    from hallclient.devices import Entropy

LOG_FILE = "hallclient.log"
_FILE_BYTES, _OLDER_FILES = 1_000_000, 4
# Without I, L, O and U: it is read out on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER_LENGTH = 6
_NUMBER = "_hallclient_bug_number"
_OURS = ("hallclient", "ui", "drivers")

_log = logging.getLogger(__name__)


def report_bug(error: BaseException, entropy: "Entropy | None" = None) -> str:
    """Write an exception that nobody foresaw into the log; returns the number it stands there under, as "7K2M9Q".

    The same exception has the same number however often it is reported, and is written once.
    """
    known = getattr(error, _NUMBER, None)
    if isinstance(known, str):
        return known
    token = (entropy or SystemEntropy()).token(_NUMBER_LENGTH)
    number = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in token)
    setattr(error, _NUMBER, number)
    _log.error("bug %s\n%s", number, places(error))
    return number


def places(error: BaseException) -> str:
    """Where `error` and what led to it happened, a line each: types and places, no text and no values."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(_named(current))
        for frame, line in traceback.walk_tb(current.__traceback__):
            code = frame.f_code
            module = frame.f_globals.get("__name__", "?")
            lines.append(f"  {module} {Path(code.co_filename).name}:{line} {code.co_name}")
        if isinstance(current, BaseExceptionGroup):
            lines += [f"  | {line}" for part in current.exceptions for line in places(part).splitlines()]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def log_path() -> Path:
    """Where this user's log is."""
    return user_log_path("hallclient", appauthor=False) / LOG_FILE


def start_log(path: Path | None = None) -> None:
    """Write warnings and worse of this process to `path`, and report what nobody catches on any thread."""
    root = logging.getLogger()
    if not any(isinstance(handler, _LogFile) for handler in root.handlers):
        root.addHandler(_LogFile(path or log_path()))
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _named(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, KnownError):
        return f"{name}: {error.code}"
    if isinstance(error, BugError):
        return f"{name}: {error}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name}: errno {error.errno}"
    return name


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not isinstance(error, Exception):  # KeyboardInterrupt is somebody's wish
        sys.__excepthook__(kind, error, trace)
        return
    number = report_bug(error)
    if sys.stderr is not None:  # a program without a console has none
        sys.stderr.write(f"bug {number}: {kind.__name__}\n")


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


class _Lines(logging.Formatter):
    """One record without personal data: our own words, but of a library only who spoke and where."""

    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.split(".")[0] in _OURS
        said = record.getMessage() if ours else f"{record.filename}:{record.lineno}"
        line = f"{self.formatTime(record)} {record.process} {record.levelname} {record.name}: {said}"
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line}\n{places(error)}"


class _LogFile(logging.handlers.RotatingFileHandler):
    """Opens the file for each record and lets go of it: several programs write it, and Windows renames no open file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_FILE_BYTES, backupCount=_OLDER_FILES, encoding="utf-8", delay=True)
        self.setLevel(logging.WARNING)
        self.setFormatter(_Lines())
        self._complained = False

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self.stream is not None:
            self.stream.close()
            self.stream = None  # as `delay` leaves it

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        """A full disk must not stop the work that wanted to be logged, nor print the record with its values."""
        if not self._complained and sys.stderr is not None:
            self._complained = True
            kind = sys.exc_info()[0]
            sys.stderr.write(f"the log cannot be written: {kind.__name__ if kind else 'unknown'}\n")
