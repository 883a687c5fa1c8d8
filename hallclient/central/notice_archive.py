"""Keeps the notices that a centre has received provable: the newest form of each, beside the package as it came.

archive/<session>/<file>.enc    encrypted as the package's own, with the session's data key
"""

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from hallclient.central.archive_timestamp import is_due, with_archive_timestamp
from hallclient.central.durable import make_folder, write_new
from hallclient.central.keys import CentreKeys
from hallclient.central.ledger import Ledger
from hallclient.central.messages import BUNDLE, Registration
from hallclient.central.package import ReceivedPackage
from hallclient.central.refusal import RefusalError
from hallclient.central.sender import Sender, sender_of
from hallclient.central.store import ObjectStore, upload_name
from hallclient.devices import Clock, Entropy
from hallclient.domain.aead_stream import RANDOM_BYTES, SealedReader, SealedWriter
from hallclient.domain.certificates import from_text
from hallclient.domain.documents import parse
from hallclient.domain.evidence.facts.signature import NOTICE, SignatureFacts
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.notice_validation import ValidatedNotice, validate_notice
from hallclient.domain.revocations import Revocations
from hallclient.domain.sealed_key import open_key
from hallclient.domain.timestamp import Stamp
from hallclient.domain.timestamp_settings import TimestampSettings


class Became(StrEnum):
    """What became of a notice."""

    RENEWED = "renewed"
    NOT_DUE = "not_due"
    NOT_VALID = "not_valid"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Archived:
    """A notice after its turn; `why` has codes where it could not be renewed."""

    session: str
    file: str
    became: Became
    why: tuple[str, ...] = ()


class NoticeArchive:
    """The notices of all sessions that were received."""

    def __init__(self, folder: Path, keys: CentreKeys, clock: Clock, entropy: Entropy) -> None:
        """`folder` is the centre's."""
        self._folder, self._keys, self._clock, self._entropy = folder / "archive", keys, clock, entropy
        self._ledger, self._store = Ledger(folder / "centre.db"), ObjectStore(folder)

    def renew(
        self, settings: TimestampSettings, stamp: Stamp, revocations: Revocations, *, also_not_due: bool = False
    ) -> Iterator[Archived]:
        """Bring every notice that is due to B-LTA, and tell what became of each.

        Args:
            stamp: of the service in `settings`.
            revocations: what the centre has revoked, which is kept in each.

        Raises timestamp_unreachable, timestamp_invalid: those that were told are kept.
        """
        for session, sender in self._ledger.received():
            registration, manifest = self._received(session, sender)
            for entry in _notices(manifest):
                try:
                    became = self._renewed(registration, manifest, entry, settings, stamp, revocations, also_not_due)
                except KnownError as error:
                    if error.code is not FailureCode.EVIDENCE_DAMAGED:
                        raise
                    became = (Became.UNREADABLE, (error.detail,))
                except (OSError, RefusalError, ValueError) as error:  # one bad record keeps no other from its turn
                    became = (Became.UNREADABLE, (type(error).__name__,))
                yield Archived(session, entry.file_name, *became)

    def notice(self, session: str) -> bytes:
        """The notice of a session in its newest form, decrypted; the first, where there are several.

        Raises session_unknown for one that was not received or has none, evidence_damaged.
        """
        for received, sender in self._ledger.received():
            if received == session:
                registration, manifest = self._received(session, sender)
                for entry in _notices(manifest):
                    return self._read(registration, manifest, entry)
        raise KnownError(FailureCode.SESSION_UNKNOWN, "no notice was signed in it")

    def _received(self, session: str, sender: Sender) -> tuple[Registration, Manifest]:
        registration = Registration.model_validate_json(self._ledger.registration(session, sender))
        return registration, parse(Manifest, registration.manifest.encode())

    def _renewed(
        self,
        registration: Registration,
        manifest: Manifest,
        entry: FileEntry,
        settings: TimestampSettings,
        stamp: Stamp,
        revocations: Revocations,
        also_not_due: bool,
    ) -> tuple[Became, tuple[str, ...]]:
        pdf, now = self._read(registration, manifest, entry), self._clock.now()
        before = self._validated(pdf, settings, now, revocations)
        if not before.valid:
            return Became.NOT_VALID, before.faults
        if not (also_not_due or is_due(before, now)):
            return Became.NOT_DUE, ()
        roots = [*self._keys.roots, *settings.certificates]
        renewed = with_archive_timestamp(pdf, roots, revocations.revocation_list, stamp)
        after = self._validated(renewed, settings, now, revocations)
        if not (after.valid and renewed.startswith(pdf)):
            raise KnownError(FailureCode.TIMESTAMP_INVALID, "a renewed notice does not hold")
        self._write(manifest, entry, renewed)
        return Became.RENEWED, ()

    def _validated(
        self, pdf: bytes, settings: TimestampSettings, now: dt.datetime, revocations: Revocations
    ) -> ValidatedNotice:
        return validate_notice(pdf, self._keys.roots, settings.certificates, now, revocations)

    def _read(self, registration: Registration, manifest: Manifest, entry: FileEntry) -> bytes:
        path = self._path(manifest, entry)
        if path.exists():
            with path.open("rb") as file:
                return self._opened(file, manifest)
        bundle = self._store.path(_upload(manifest), BUNDLE)
        package = ReceivedPackage(registration.manifest.encode(), bytes.fromhex(registration.signature), {}, bundle)
        with package.open(entry.file_name) as file:
            return self._opened(file, manifest)

    def _opened(self, file: BinaryIO, manifest: Manifest) -> bytes:
        reader = SealedReader(file, self._data_key(manifest))
        content = reader.read()
        if not reader.complete:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "a notice that is cut off")
        return content

    def _write(self, manifest: Manifest, entry: FileEntry, pdf: bytes) -> None:
        sealed = io.BytesIO()
        writer = SealedWriter(sealed, self._data_key(manifest), self._entropy.token(RANDOM_BYTES))
        writer.write(pdf)
        writer.close()
        path = self._path(manifest, entry)
        make_folder(path.parent)
        write_new(path, [sealed.getvalue()], f"{self._entropy.token(8).hex()}.tmp")

    def _data_key(self, manifest: Manifest) -> bytes:
        sealed = bytes.fromhex(manifest.data_key.sealed)
        return open_key(sealed, self._keys.data_key, manifest.session, manifest.place.hall)

    def _path(self, manifest: Manifest, entry: FileEntry) -> Path:
        return self._folder / _upload(manifest) / entry.file_name


def _upload(manifest: Manifest) -> str:
    return upload_name(manifest.session, sender_of(from_text(manifest.certificate)))


def _notices(manifest: Manifest) -> list[FileEntry]:
    signed = (step.file(NOTICE) for step in manifest.steps if isinstance(step.facts, SignatureFacts))
    return [entry for entry in signed if entry is not None]
