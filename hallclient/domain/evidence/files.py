"""The encrypted files of a package, by their ids."""

import re

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.manifest_part import ManifestPart

SEALED_SUFFIX = ".enc"

# No stroke, no backslash, no colon, no dot at an end, nothing but small letters: a name on every disk and in every URL.
_FILE_ID = re.compile(r"[a-z][a-z0-9_-]{0,31}(\.[a-z][a-z0-9_-]{0,31})?")
# Names that Windows gives to devices, whatever stands behind a dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


class FileEntry(ManifestPart):
    """One encrypted file: sizes in bytes, digests SHA-256 in hex, before and after encryption."""

    id: str
    plain_bytes: int
    plain_sha256: str
    sealed_bytes: int
    sealed_sha256: str

    @property
    def file_name(self) -> str:
        return file_name(self.id)


def is_file_id(text: str) -> bool:
    """Whether `text` can be a file's id: it names no path and no device, on any system."""
    return _FILE_ID.fullmatch(text) is not None and _DEVICES.fullmatch(text) is None


def file_id(step_id: str, name: str) -> str:
    """The id of the file `name` of a step: `portrait` of `holder/card` is `holder.portrait`.

    What stands before the stroke tells the files of persons apart. Raises file_id_invalid, as for a person whose role
    is the name of a device.
    """
    person, stroke, _ = step_id.partition("/")
    made = f"{person}.{name}" if stroke else name
    if not is_file_id(made):
        raise KnownError(FailureCode.FILE_ID_INVALID, made)
    return made


def file_name(an_id: str) -> str:
    """The name of the file in the package. Raises file_id_invalid for an id that is none."""
    if not is_file_id(an_id):
        raise KnownError(FailureCode.FILE_ID_INVALID)
    return an_id + SEALED_SUFFIX
