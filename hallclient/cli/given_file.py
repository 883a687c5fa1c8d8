"""Files and folders that a person names on the command line: what cannot be read or written is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import must_be_text, not_read, read_regular

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


def read_given(path: Path, largest_bytes: int = _LARGEST_BYTES) -> bytes:
    """What `path` holds. Raises file_missing, and input_invalid for what is no readable regular file of so many bytes.

    Neither names the file, which may bear a person's name: see `about`.
    """
    try:
        return read_regular(path, largest_bytes)
    except OSError as error:
        raise not_read(error, FailureCode.INPUT_INVALID) from None


def read_given_text(path: Path) -> str:
    """The UTF-8 text in the file `path`. Raises file_missing, input_invalid."""
    try:
        return read_given(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise KnownError(FailureCode.INPUT_INVALID, "no UTF-8 text") from None


@contextmanager
def about(given_as: str) -> Iterator[None]:
    """Let a KnownError of the block begin with the option or the argument that is wrong, as the usage line calls it.

    With the file's name behind it where that cannot be a person's.
    """
    try:
        yield
    except KnownError as error:
        detail = f"{given_as}: {error.detail}" if error.detail else given_as
        raise KnownError(error.code, detail, wait_s=error.wait_s, number=error.number) from None


@contextmanager
def usable(path: Path, code: FailureCode = FailureCode.INPUT_INVALID) -> Iterator[None]:
    """Turn the block's OSError about `path` into a KnownError with `code`."""
    try:
        yield
    except OSError as error:
        raise KnownError(code, f"{path.name}: {error.strerror or type(error).__name__}") from None
