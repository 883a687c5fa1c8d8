"""The objects that a package is sent as: each large file, and one tar file of everything else.

The bundle is deterministic, so that a second try has the same digest. All of it is sealed or signed already: no
plaintext passes through here.
"""

import hashlib
import io
import tarfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from hallclient.domain.evidence import CLERK_SIGNATURE, MANIFEST_TIMESTAMP, REVIEW
from hallclient.domain.evidence.files import file_name
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.review import REVIEW_NOTE
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.content import PackageFiles
from hallclient.domain.step_kinds import large_files
from hallclient.sync.messages import PART_BYTES, ObjectDescription, PartDescription

BUNDLE_NAME = "bundle.tar"
_LARGEST_BUNDLED_BYTES = 32 * 1024 * 1024  # held in memory; a notice with its fonts and pictures has one or two MB

_REVIEW = (f"{REVIEW}.json", f"{REVIEW}.sig")


@dataclass(frozen=True, slots=True)
class OutgoingObject:
    """An object to be sent. `open` gives its bytes from the start, as often as it is called."""

    description: ObjectDescription
    open: Callable[[], BinaryIO]

    def part(self, number: int) -> bytes:
        """The bytes of part `number`, from 1: at most 5 MiB, read anew each time."""
        with self.open() as file:
            file.seek((number - 1) * PART_BYTES)
            return file.read(PART_BYTES)


def outgoing_objects(package: PackageFiles, manifest: Manifest) -> tuple[OutgoingObject, ...]:
    """The bundle, and each large file of the manifest that the package has."""
    large = [entry.file_name for entry in manifest.files if entry.id in large_files(manifest.plan)]
    bundled = bundle(package, manifest, large)
    objects = [_outgoing(BUNDLE_NAME, lambda: io.BytesIO(bundled))]
    objects += [_outgoing(name, partial(package.open, name)) for name in large if name in package.names()]
    return tuple(objects)


def bundle(package: PackageFiles, manifest: Manifest, without: Collection[str]) -> bytes:
    """A tar file (ustar) of the manifest's files, what others said of it, and the review.

    The same bytes for the same files.

    Raises evidence_damaged for a file that is larger than any of ours.
    """
    present = set(package.names())
    names = [entry.file_name for entry in manifest.files if entry.file_name not in without]
    names += [CLERK_SIGNATURE, MANIFEST_TIMESTAMP, file_name(REVIEW_NOTE), *_REVIEW]
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in names:
            if name in present:
                with package.open(name) as file:
                    content = file.read(_LARGEST_BUNDLED_BYTES + 1)
                if len(content) > _LARGEST_BUNDLED_BYTES:
                    raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"{name}: larger than any of ours")
                entry = tarfile.TarInfo(name)  # its time, owner and mode are fixed unless set
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def _outgoing(name: str, open_object: Callable[[], BinaryIO]) -> OutgoingObject:
    with open_object() as file:
        return OutgoingObject(describe(name, file), open_object)


def describe(name: str, file: BinaryIO) -> ObjectDescription:
    """Size and digests of `file` and its parts; reads it once, a part at a time."""
    parts: list[PartDescription] = []
    whole = hashlib.sha256()
    while block := file.read(PART_BYTES):
        whole.update(block)
        parts.append(PartDescription(number=len(parts) + 1, bytes=len(block), sha256=hashlib.sha256(block).hexdigest()))
    size = sum(part.bytes for part in parts)
    return ObjectDescription(name=name, bytes=size, sha256=whole.hexdigest(), parts=tuple(parts))
