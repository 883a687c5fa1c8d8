"""Compares a hall's audit log with all that knows of it: its own chain, the manifests, the receipts, the centre.

Who runs as a clerk may have every key of this computer, and can write a log anew that holds in itself. What they
cannot change is what the centre has signed or kept: each manifest carries the head of its time, each receipt
countersigns that, and the centre remembers both.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from hallclient.domain.audit_fault import AuditFault, AuditFinding
from hallclient.domain.certificates import from_text, public_key_of
from hallclient.domain.documents import DocumentType, Verdict, examine, parse, read_document
from hallclient.domain.evidence import MANIFEST, RECEIPT
from hallclient.domain.evidence.manifest import AuditHead, Manifest
from hallclient.domain.evidence.receipt import Receipt
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import receipt_holds
from hallclient.services.access import OpenHall
from hallclient.services.audit_checkpoint import kept_checkpoints, read_checkpoint
from hallclient.services.dispatch import centre_client
from hallclient.storage import audit, sessions
from hallclient.storage.package_folder import PackageFolder
from hallclient.storage.sessions import SealedSession
from hallclient.storage.tables import Tables
from hallclient.sync.messages import KnownSession

_LOG, _STORE, _MANIFEST, _RECEIPT, _CENTRE = "log", "store", "manifest", "receipt", "centre"
_CHECKPOINT = "checkpoint"
_ASKED_S = 3.0
_SEALED = "session_sealed"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was compared, and what is wrong.

    Attributes:
        events: rows of the log; `head` is the last one's digest.
        manifests, receipts: of this hall, that are trusted and were compared.
        checkpoints: that a timestamp service signed, and the given roots vouch for it.
        known_to_centre: sessions that the centre has; None when it was not asked or did not answer.
        unasked: why the centre's memory is not part of this; None when it is.
    """

    events: int
    head: str
    manifests: int
    receipts: int
    checkpoints: int
    known_to_centre: int | None
    unasked: FailureCode | None
    findings: tuple[AuditFinding, ...]

    @property
    def holds(self) -> bool:
        return not self.findings


def check_audit(
    hall: OpenHall,
    *,
    online: bool | None = None,
    centre_url: str | None = None,
    checkpoints: Sequence[Path] = (),
    timestamp_roots: Sequence[x509.Certificate] = (),
) -> AuditReport:
    """Compare everything that is here, and the centre's memory.

    Args:
        online: False does not ask the centre; True fails where it does not answer; None asks it where it does.
        centre_url: as for `Dispatch`.
        checkpoints: that were carried elsewhere; those in the hall's folder are compared in any case.
        timestamp_roots: who vouches for timestamp services, besides those of the enrolment's settings; without any, no
            checkpoint is asked for its service.

    Raises what stops a courier when `online`; store_busy and its like.
    """
    known, unasked = _ask_centre(hall, online, centre_url)
    chosen = hall.file.centre and hall.file.centre.settings.timestamps
    roots = (*timestamp_roots, *(chosen.certificates if chosen else ()))
    with hall.database.reading() as tables:
        check = _Check(hall, tables)
        findings = list(check.run(known))
        for path in (*kept_checkpoints(hall), *checkpoints):
            findings += check.checkpoint(path, roots)
        head = audit.head(tables)
    return AuditReport(
        head.sequence,
        head.head,
        check.manifests,
        check.receipts,
        check.checkpoints,
        None if known is None else len(known),
        unasked,
        tuple(findings),
    )


def _ask_centre(
    hall: OpenHall, online: bool | None, centre_url: str | None
) -> tuple[list[KnownSession] | None, FailureCode | None]:
    if online is False:
        return None, None
    try:
        with centre_client(hall, centre_url) as client:
            client.probe(_ASKED_S)
            return client.known_sessions(), None
    except KnownError as error:
        if online:
            raise
        return None, error.code


class _Check:
    def __init__(self, hall: OpenHall, tables: Tables) -> None:
        self._hall, self._tables = hall, tables
        self._revocations = hall.revocations
        self._last = audit.head(tables)
        self.manifests = self.receipts = self.checkpoints = 0

    def run(self, known: list[KnownSession] | None) -> Iterator[AuditFinding]:
        yield from self._chain()
        stored = sessions.sealed(self._tables)
        logged = self._logged()
        yield from self._numbers(stored)
        yield from self._told(stored, logged)
        previous: SealedSession | None = None
        for one in stored:
            yield from self._session(one, previous)
            previous = one
        if known is not None:
            yield from self._against_centre(stored, known)

    def checkpoint(self, path: Path, roots: Sequence[x509.Certificate]) -> Iterator[AuditFinding]:
        """The log leads through what a timestamp service has signed. Raises file_missing."""
        place = self._hall.file.place
        try:
            found = read_checkpoint(path)
            trusted = found.timestamp(roots).holds and (found.hall, found.counter) == (place.hall, place.counter)
        except KnownError as error:
            if error.code is not FailureCode.EVIDENCE_DAMAGED:
                raise
            trusted = False
        if not trusted:
            yield AuditFinding(AuditFault.CHECKPOINT_UNTRUSTED, path.name, _CHECKPOINT)
            return
        self.checkpoints += 1
        yield from self._head(found.audit, path.name, _CHECKPOINT)

    def _chain(self) -> Iterator[AuditFinding]:
        if self._last.sequence == 0:  # the hall's own making is the first row of every log
            yield AuditFinding(AuditFault.LOG_EMPTY, "audit 1", _LOG)
        for link in audit.broken_links(self._tables):
            fault = AuditFault.ROWS_MISSING if link.missing else AuditFault.ROW_CHANGED
            yield AuditFinding(fault, _place("audit", link.first, link.last), _LOG)

    def _logged(self) -> dict[str, str]:
        """The manifest's digest of each session that the log says was sealed."""
        return {
            event.session: str(event.detail.get("manifest"))
            for _, event in audit.events(self._tables)
            if event.event == _SEALED
        }

    def _numbers(self, stored: list[SealedSession]) -> Iterator[AuditFinding]:
        """1, 2, 3 ... without a gap, and each once."""
        yield from _gaps((one.device_sequence for one in stored), _STORE)
        for number, times in Counter(one.device_sequence for one in stored).items():
            if times > 1:
                yield AuditFinding(AuditFault.NUMBER_TWICE, f"session {number}", _STORE)

    def _told(self, stored: list[SealedSession], logged: dict[str, str]) -> Iterator[AuditFinding]:
        """The log and the store tell of the same sessions, with the same manifests."""
        digests = {one.session: one.manifest_sha256 for one in stored}
        for session in logged.keys() - digests.keys():
            yield AuditFinding(AuditFault.SESSION_MISSING, session, _LOG)
        for session, digest in digests.items():
            if session not in logged:
                yield AuditFinding(AuditFault.SESSION_UNLOGGED, session, _STORE)
            elif logged[session] != digest:
                yield AuditFinding(AuditFault.MANIFEST_DIFFERS, session, _LOG)
        for session in sorted(self._folders() - digests.keys()):
            yield AuditFinding(AuditFault.SESSION_MISSING, session, _MANIFEST)

    def _folders(self) -> set[str]:
        """The sessions that have a sealed package."""
        vault = self._hall.vault
        return {session for session in vault.sessions() if (vault.package(session).folder / f"{MANIFEST}.sig").exists()}

    def _session(self, stored: SealedSession, previous: SealedSession | None) -> Iterator[AuditFinding]:
        session = stored.session
        package = self._hall.vault.package(session)
        manifest, fault = _manifest(package)
        if manifest is None:
            yield AuditFinding(fault, session, _MANIFEST)
        else:
            self.manifests += 1
            if (manifest.sha256, manifest.device_sequence) != (stored.manifest_sha256, stored.device_sequence):
                yield AuditFinding(AuditFault.MANIFEST_DIFFERS, session, _STORE)
            named = None if stored.device_sequence == 1 else (previous and previous.manifest_sha256)
            follows = previous is None or previous.device_sequence == stored.device_sequence - 1
            if follows and manifest.previous != named:
                yield AuditFinding(AuditFault.PREVIOUS_DIFFERS, session, _MANIFEST)
            yield from self._head(manifest.audit, session, _MANIFEST)
        if stored.accepted:
            yield from self._receipt(package, stored)

    def _receipt(self, package: PackageFolder, stored: SealedSession) -> Iterator[AuditFinding]:
        session = stored.session
        document = _document(package, RECEIPT, Receipt)
        if document is None:
            yield AuditFinding(AuditFault.RECEIPT_MISSING, session, _STORE)
            return
        receipt, data, signature = document
        if receipt_holds(receipt, data, signature, self._hall.roots, self._revocations) is not Verdict.HOLDS:
            yield AuditFinding(AuditFault.RECEIPT_UNTRUSTED, session, _RECEIPT)
            return
        self.receipts += 1
        said = (receipt.session, receipt.manifest_sha256, receipt.device_sequence)
        if said != (session, stored.manifest_sha256, stored.device_sequence):
            yield AuditFinding(AuditFault.RECEIPT_DIFFERS, session, _RECEIPT)
        if stored.outcome != receipt.outcome.value:
            yield AuditFinding(AuditFault.OUTCOME_DIFFERS, session, _RECEIPT)
        yield from self._head(receipt.audit, session, _RECEIPT)

    def _head(self, witnessed: AuditHead, session: str, witness: str) -> Iterator[AuditFinding]:
        """The log has this head at this place, or had to be longer."""
        place = f"audit {witnessed.sequence}"
        if witnessed.sequence > self._last.sequence:
            yield AuditFinding(AuditFault.TAIL_MISSING, place, witness, session)
        elif witnessed.sequence > 0:
            found = audit.digest_at(self._tables, witnessed.sequence)
            if found is not None and found != witnessed.head:
                yield AuditFinding(AuditFault.HEAD_DIFFERS, place, witness, session)

    def _against_centre(self, stored: list[SealedSession], known: list[KnownSession]) -> Iterator[AuditFinding]:
        here = {one.session: one for one in stored}
        for session in known:
            own = here.get(session.session)
            if own is None:
                number = f"session {session.device_sequence}"
                yield AuditFinding(AuditFault.SESSION_MISSING, session.session, _CENTRE, number)
            elif (own.device_sequence, own.manifest_sha256) != (session.device_sequence, session.manifest_sha256):
                yield AuditFinding(AuditFault.MANIFEST_DIFFERS, session.session, _CENTRE)
            head = AuditHead(sequence=session.audit.sequence, head=session.audit.head)
            yield from self._head(head, session.session, _CENTRE)
        for session_id in sorted({one.session for one in stored if one.accepted} - {one.session for one in known}):
            yield AuditFinding(AuditFault.UNKNOWN_TO_CENTRE, session_id, _STORE)


def _place(kind: str, first: int, last: int) -> str:
    return f"{kind} {first}" if first == last else f"{kind} {first}-{last}"


def _gaps(numbers: Iterable[int], witness: str) -> Iterator[AuditFinding]:
    expected = 1
    for number in numbers:
        if number > expected:
            yield AuditFinding(AuditFault.SESSION_MISSING, _place("session", expected, number - 1), witness)
        expected = max(expected, number + 1)


def _manifest(package: PackageFolder) -> tuple[Manifest | None, AuditFault]:
    """The manifest, where its own device signed it: whether a centre certified that, an inspection asks."""
    document = _document(package, MANIFEST, Manifest)
    if document is None:
        return None, AuditFault.MANIFEST_MISSING
    manifest, data, signature = document
    try:
        key = public_key_of(from_text(manifest.certificate))
    except KnownError:
        return None, AuditFault.MANIFEST_UNTRUSTED
    holds = examine(key, MANIFEST, data, signature) is Verdict.HOLDS
    return (manifest if holds else None), AuditFault.MANIFEST_UNTRUSTED


def _document(package: PackageFolder, stem: str, kind: type[DocumentType]) -> tuple[DocumentType, bytes, bytes] | None:
    """The document with its bytes and its signature; None where it is not there, or cannot be understood."""
    if not package.folder.is_dir():
        return None
    contents, names = [], package.names()
    for name in (f"{stem}.json", f"{stem}.sig"):
        if name not in names:
            return None
        with package.open(name) as file:
            try:
                contents.append(read_document(file))
            except KnownError:
                return None
    try:
        return parse(kind, contents[0]), contents[0], contents[1]
    except KnownError:
        return None
