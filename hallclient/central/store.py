"""The folder of uploaded parts and of the whole objects made from them.

    parts/<upload>/<object>/whole        the parts that are here, each at its place in the object
    parts/<upload>/<object>/<number>     empty: this part is here, on the disk, and was what was announced
    objects/<upload>/<object>            what the centre keeps: the file that `whole` became, never a copy

An upload is a session of a device: what another device calls by the same id lies elsewhere.
"""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from hallclient.central.durable import make_folder, touch, write_at
from hallclient.central.messages import PART_BYTES, ObjectDescription, ObjectName, PartDescription
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender
from hallclient.central.storage_failures import free_bytes, full
from hallclient.durable import sync_folder

_BLOCK_BYTES = 1024 * 1024
_WHOLE = "whole"
_OF = "."
_KEPT_FREE_BYTES = 16 * 1024 * 1024  # for the ledger: what was received can still be signed for


def upload_name(session: str, sender: Sender) -> str:
    """The name under which a session of a device lies here."""
    return f"{session}{_OF}{sender}"


def session_and_sender(upload: str) -> tuple[str, Sender]:
    """Whose `upload_name` it is."""
    session, _, sender = upload.partition(_OF)
    return session, Sender(sender)


class ObjectStore:
    """Parts and objects by upload. Methods about one upload must not run at the same time."""

    def __init__(self, folder: Path, kept_free_bytes: int = _KEPT_FREE_BYTES) -> None:
        self._folder = folder
        self._parts, self._objects = folder / "parts", folder / "objects"
        self._kept_free_bytes = kept_free_bytes

    def missing(self, upload: str, description: ObjectDescription) -> list[PartDescription]:
        """The parts that are not here yet."""
        if self.path(upload, description.name).exists():  # a commit that crashed
            return []
        return [part for part in description.parts if not self._part(upload, description.name, part.number).exists()]

    def missing_bytes(self, upload: str, objects: Iterable[ObjectDescription]) -> int:
        """How much of `objects` is not here yet."""
        return sum(part.bytes for item in objects for part in self.missing(upload, item))

    def require_room(self, needed_bytes: int) -> None:
        """Refuses storage_full, before the first byte, for what will not fit."""
        if needed_bytes and needed_bytes + self._kept_free_bytes > free_bytes(self._folder):
            raise full()

    def put(self, upload: str, name: ObjectName, part: PartDescription, body: bytes) -> None:
        """Keep one part. Refuses part_differs unless `body` is what was announced."""
        if len(body) != part.bytes or hashlib.sha256(body).hexdigest() != part.sha256:
            raise RefusalError(RefusalCode.PART_DIFFERS, f"{name} part {part.number}")
        path = self._part(upload, name, part.number)
        if not path.exists() and not self.path(upload, name).exists():
            make_folder(path.parent)
            write_at(path.with_name(_WHOLE), (part.number - 1) * PART_BYTES, body)
            touch(path)

    def assemble(self, upload: str, description: ObjectDescription) -> Path:
        """The whole object, where it is kept. Refuses object_differs unless it is what was announced."""
        kept = self.path(upload, description.name)
        whole = kept if kept.exists() else self._parts / upload / description.name / _WHOLE
        if _size_and_digest(whole) != (description.bytes, description.sha256):
            raise RefusalError(RefusalCode.OBJECT_DIFFERS, description.name)
        if whole != kept:
            make_folder(kept.parent)
            whole.replace(kept)
            sync_folder(kept.parent)
        return kept

    def path(self, upload: str, name: ObjectName) -> Path:
        """Where the whole object is, or is to be."""
        return self._objects / upload / name

    def drop_parts(self, upload: str) -> None:
        """Remove what led to the objects."""
        _remove(self._parts / upload)

    def drop(self, upload: str) -> None:
        """Remove everything of an upload that was refused, or will not be finished."""
        _remove(self._parts / upload)
        _remove(self._objects / upload)

    def begun(self) -> list[str]:
        """The uploads of which there are parts."""
        return [path.name for path in self._parts.iterdir()] if self._parts.is_dir() else []

    def _part(self, upload: str, name: ObjectName, number: int) -> Path:
        return self._parts / upload / name / str(number)


def _size_and_digest(path: Path) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            size += len(block)
            digest.update(block)
    return size, digest.hexdigest()


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
