"""Files and folders that a person names on the command line: what cannot be read or written is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import read_regular

_LARGEST_BYTES = 1024 * 1024  # of a certificate, a request or a password; what is larger was given by mistake


def given_path(text: str) -> Path:
    """The path of a folder of ours that `text` names.

    Raises input_invalid for none at all, which `Path` takes for the current folder, and for what is no text.
    """
    if not text:
        raise KnownError(FailureCode.INPUT_INVALID, "an empty path")
    path = Path(text)
    must_be_text(path)
    return path


def must_be_text(path: Path) -> None:
    """Raises input_invalid for bytes that are no text of this computer's: they cannot stand in our files."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise KnownError(FailureCode.INPUT_INVALID, "a path that is no UTF-8 text") from None


def read_given(path: Path, code: FailureCode = FailureCode.INPUT_INVALID) -> bytes:
    """What `path` holds. Raises KnownError with `code` for what is no readable regular file of at most 1 MiB."""
    with usable(path, code):
        return read_regular(path, _LARGEST_BYTES)


def read_given_text(path: Path) -> str:
    """The UTF-8 text in the file `path`. Raises input_invalid."""
    try:
        return read_given(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise KnownError(FailureCode.INPUT_INVALID, f"{path.name}: no UTF-8 text") from None


@contextmanager
def usable(path: Path, code: FailureCode = FailureCode.INPUT_INVALID) -> Iterator[None]:
    """Turn the block's OSError about `path` into a KnownError with `code`."""
    try:
        yield
    except OSError as error:
        raise KnownError(code, f"{path.name}: {error.strerror or type(error).__name__}") from None
