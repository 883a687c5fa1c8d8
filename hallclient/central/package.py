"""A received package, as `inspect` wants to see it."""

import io
import tarfile
from pathlib import Path
from typing import BinaryIO

from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.domain.evidence import MANIFEST, REVIEW, FileKind

BUNDLE_NAMES = frozenset(
    {kind.file_name for kind in FileKind if kind is not FileKind.READING} | {f"{REVIEW}.json", f"{REVIEW}.sig"}
)


class ReceivedPackage:
    """The manifest as it was registered, the video's file, and the bundle's files in memory."""

    def __init__(self, manifest: bytes, signature: bytes, reading: Path | None, bundle: Path | None) -> None:
        """Read the bundle. Refuses bundle_malformed."""
        self._contents = {f"{MANIFEST}.json": manifest, f"{MANIFEST}.sig": signature}
        self._reading = reading
        if bundle is not None:
            self._contents |= _unpacked(bundle)

    def names(self) -> list[str]:
        return sorted(self._contents) + ([] if self._reading is None else [FileKind.READING.file_name])

    def open(self, name: str) -> BinaryIO:
        if name == FileKind.READING.file_name and self._reading is not None:
            return self._reading.open("rb")
        return io.BytesIO(self._contents[name])


def _unpacked(path: Path) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isreg() else None
                if file is None or member.name not in BUNDLE_NAMES or member.name in contents:
                    raise RefusalError(RefusalCode.BUNDLE_MALFORMED, "unexpected entry")
                contents[member.name] = file.read()
    except tarfile.TarError as error:
        raise RefusalError(RefusalCode.BUNDLE_MALFORMED, type(error).__name__) from None
    return contents
