"""What is inside a package's files, where its data key is at hand."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from cryptography import x509

from hallclient.domain.aead_stream import SealedReader
from hallclient.domain.business import Business
from hallclient.domain.documents import parse
from hallclient.domain.evidence.files import FileEntry, file_id, file_name
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.failures import KnownError
from hallclient.domain.inspection.answers import Check
from hallclient.domain.inspection_question import Question
from hallclient.domain.matroska_scan import MatroskaScan
from hallclient.domain.step_kind import Opened
from hallclient.domain.step_kinds import kind_of

_BLOCK_BYTES = 1024 * 1024
_BEGINNING_BYTES = 64 * 1024  # of a large file
_MOST_WHOLE_BYTES = 64 * 1024 * 1024  # of any other: as much as a centre takes in one bundle


class PackageFiles(Protocol):
    """The files of one package, wherever they lie."""

    def names(self) -> list[str]: ...

    def open(self, name: str) -> BinaryIO:
        """A seekable binary file; the caller closes it."""
        ...


def look_inside(
    package: PackageFiles,
    manifest: Manifest,
    device: x509.Certificate,
    data_key: bytes,
    timestamp_roots: tuple[x509.Certificate, ...] = (),
) -> Iterator[Check]:
    """Every file's content against the manifest, and then what each kind of step asks of its own."""
    check, business = _opened(package, manifest.business, data_key)
    yield check
    if business is not None:
        yield Check(manifest.business.file_name, Question.BUSINESS_AS_STATED, _as_stated(business, manifest))
    for step in manifest.steps:
        yield from _step(package, manifest, step, device, data_key, timestamp_roots)


def look_into(package: PackageFiles, entry: FileEntry, data_key: bytes) -> Check:
    """One file's content against its entry."""
    return _opened(package, entry, data_key)[0]


def content_of(package: PackageFiles, entry: FileEntry, data_key: bytes) -> bytes | None:
    """The content of a file that is not large; None where it is not what its entry says."""
    return _opened(package, entry, data_key)[1]


def scan_of(package: PackageFiles, entry: FileEntry, data_key: bytes) -> MatroskaScan | None:
    """What is in a recording; None where it is not what its entry says."""
    scan = MatroskaScan()
    return None if _opened(package, entry, data_key, scan)[1] is None else scan


def _step(
    package: PackageFiles,
    manifest: Manifest,
    step: DoneStep,
    device: x509.Certificate,
    data_key: bytes,
    timestamp_roots: tuple[x509.Certificate, ...],
) -> Iterator[Check]:
    plain: dict[str, bytes] = {}
    scans: dict[str, MatroskaScan] = {}
    for rule in kind_of(step.planned).files:
        entry = step.file(rule.name)
        if entry is None:
            continue
        scan = MatroskaScan() if rule.large else None  # the only large files there are
        check, content = _opened(package, entry, data_key, scan)
        yield check
        if content is not None:
            plain[rule.name] = content
            scans |= {} if scan is None else {rule.name: scan}
    if len(plain) < len(step.files):
        return  # one change is named once
    opened = Opened(plain, device, scans, timestamp_roots)
    for name, question, holds in kind_of(step.planned).look(manifest, step, opened):
        yield Check(file_name(file_id(step.planned.id, name)), question, holds)


def _opened(
    package: PackageFiles, entry: FileEntry, data_key: bytes, scan: MatroskaScan | None = None
) -> tuple[Check, bytes | None]:
    """Whether the content is unchanged, and then the content; of a file that is scanned its beginning, and one of a
    size that nobody keeps in memory is not opened at all.
    """
    if scan is None and entry.plain_bytes > _MOST_WHOLE_BYTES:
        return Check(entry.file_name, Question.CONTENT_UNCHANGED, False), None
    size, digest, kept = 0, hashlib.sha256(), bytearray()
    try:
        with package.open(entry.file_name) as file:
            reader = SealedReader(file, data_key)
            while block := reader.read(_BLOCK_BYTES):
                size += len(block)
                digest.update(block)
                if size > entry.plain_bytes:
                    break
                if scan is not None:
                    scan.feed(block)
                if scan is None or len(kept) < _BEGINNING_BYTES:
                    kept += block
    except KnownError:
        size = -1
    unchanged = size == entry.plain_bytes and digest.hexdigest() == entry.plain_sha256
    return Check(entry.file_name, Question.CONTENT_UNCHANGED, unchanged), bytes(kept) if unchanged else None


def _as_stated(content: bytes, manifest: Manifest) -> bool:
    """Whether it is of this session, and its number is the one whose digest the manifest has."""
    try:
        business = parse(Business, content)
        return (business.session, business.service_number_sha256) == (
            manifest.session,
            manifest.service_number_sha256,
        )
    except (KnownError, ValueError):
        return False
