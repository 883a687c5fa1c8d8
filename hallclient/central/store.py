"""The folder of uploaded parts and of the whole objects made from them.

    parts/<session>/<object>/<number>    while a session is uploaded; gone after its commit
    objects/<session>/<object>           what the centre keeps

A file under its final name is whole and durable, so the folder itself says what is missing.
"""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from hallclient.central.durable import make_folder, write_new
from hallclient.central.messages import ObjectDescription, ObjectName, PartDescription
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.devices import Entropy


class ObjectStore:
    """Parts and objects by session. Methods about one session must not run at the same time."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        self._parts, self._objects = folder / "parts", folder / "objects"
        self._entropy = entropy

    def missing(self, session: str, description: ObjectDescription) -> list[PartDescription]:
        """The parts that are not here yet."""
        return [part for part in description.parts if not self._part(session, description.name, part.number).exists()]

    def put(self, session: str, name: ObjectName, part: PartDescription, body: bytes) -> None:
        """Keep one part. Refuses part_differs unless `body` is what was announced."""
        if len(body) != part.bytes or hashlib.sha256(body).hexdigest() != part.sha256:
            raise RefusalError(RefusalCode.PART_DIFFERS, f"{name} part {part.number}")
        path = self._part(session, name, part.number)
        if not path.exists():
            make_folder(path.parent)
            write_new(path, [body], self._mark())

    def assemble(self, session: str, description: ObjectDescription) -> Path:
        """The whole object. Refuses object_differs unless its parts add up to what was announced."""
        digest = hashlib.sha256()

        def blocks() -> Iterator[bytes]:
            for part in description.parts:
                block = self._part(session, description.name, part.number).read_bytes()
                digest.update(block)
                yield block

        path = self.path(session, description.name)
        make_folder(path.parent)
        write_new(path, blocks(), self._mark())
        if digest.hexdigest() != description.sha256:
            raise RefusalError(RefusalCode.OBJECT_DIFFERS, description.name)
        return path

    def path(self, session: str, name: ObjectName) -> Path:
        """Where the whole object is, or is to be."""
        return self._objects / session / name

    def drop_parts(self, session: str) -> None:
        """Remove the parts, which are in the objects now."""
        _remove(self._parts / session)

    def drop(self, session: str) -> None:
        """Remove everything of a session that was refused."""
        _remove(self._parts / session)
        _remove(self._objects / session)

    def _part(self, session: str, name: ObjectName, number: int) -> Path:
        return self._parts / session / name / str(number)

    def _mark(self) -> str:
        return f"{self._entropy.token(8).hex()}.tmp"


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
