"""A received package, as `inspect` wants to see it."""

import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.domain.evidence import CLERK_SIGNATURE, MANIFEST, MANIFEST_TIMESTAMP, REVIEW
from hallclient.domain.evidence.files import SEALED_SUFFIX, is_file_id

_BUNDLED = frozenset({CLERK_SIGNATURE, MANIFEST_TIMESTAMP, f"{REVIEW}.json", f"{REVIEW}.sig"})
_PLAIN = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE})
_END = bytes(tarfile.BLOCKSIZE)


class ReceivedPackage:
    """The manifest as it was registered, the large objects' files, and the bundle's files in memory."""

    def __init__(self, manifest: bytes, signature: bytes, large: Mapping[str, Path], bundle: Path | None) -> None:
        """Read the bundle. Refuses bundle_malformed."""
        self._contents = {f"{MANIFEST}.json": manifest, f"{MANIFEST}.sig": signature}
        self._large = large
        if bundle is not None:
            self._contents |= _unpacked(bundle)

    def names(self) -> list[str]:
        return sorted({*self._contents, *self._large})

    def open(self, name: str) -> BinaryIO:
        if name in self._large:
            return self._large[name].open("rb")
        return io.BytesIO(self._contents[name])


def _unpacked(path: Path) -> dict[str, bytes]:
    """The files of a bundle, each once and as large as its header says: never more bytes than the bundle has.

    Headers are read one by one, not by `tarfile.open`: that follows extensions (sparse files, PAX), which say of
    themselves how large they are, and of which no bundle has any.
    """
    contents: dict[str, bytes] = {}
    with path.open("rb") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while (header := file.read(tarfile.BLOCKSIZE)) != _END:
            try:
                member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            except (tarfile.TarError, ValueError, OverflowError) as error:
                raise RefusalError(RefusalCode.BUNDLE_MALFORMED, type(error).__name__) from None
            if member.type not in _PLAIN or not _may_be_bundled(member.name) or member.name in contents:
                raise RefusalError(RefusalCode.BUNDLE_MALFORMED, "unexpected entry")
            padding = -member.size % tarfile.BLOCKSIZE
            left -= tarfile.BLOCKSIZE + member.size + padding
            if member.size < 0 or left < 0:
                raise RefusalError(RefusalCode.BUNDLE_MALFORMED, "sizes do not add up")
            contents[member.name] = file.read(member.size)
            file.seek(padding, os.SEEK_CUR)
    return contents


def _may_be_bundled(name: str) -> bool:
    return name in _BUNDLED or (name.endswith(SEALED_SUFFIX) and is_file_id(name.removesuffix(SEALED_SUFFIX)))
