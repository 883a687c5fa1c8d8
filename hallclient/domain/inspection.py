"""Checks an evidence package: with nothing but the package and the trust roots, and inside where its key is at hand.

The centre and `hallclient verify` use the same checks, so they cannot disagree.
"""

import datetime as dt
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from cryptography import x509

from hallclient.domain.aead_stream import SealedReader
from hallclient.domain.certificates import CertificateRole, from_text, is_issued_by, public_key_of
from hallclient.domain.contradictions import CONSISTENT
from hallclient.domain.document_text import document_text_of
from hallclient.domain.documents import DocumentType, Verdict, examine, parse, read_document
from hallclient.domain.evidence import (
    MANIFEST,
    RECEIPT,
    REVIEW,
    FileEntry,
    FileKind,
    Manifest,
    NoticeFacts,
    Receipt,
    ReviewDocument,
    SignatureFacts,
)
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection_question import Question
from hallclient.domain.notice_signature import notice_signature_holds
from hallclient.domain.scene import SCENES, Step
from hallclient.domain.session import State, moved, next_step
from hallclient.domain.supervised_way import supervised_way

_BLOCK_BYTES = 1024 * 1024
_OUR_NAMES = frozenset(
    {kind.file_name for kind in FileKind}
    | {f"{stem}.{ending}" for stem in (MANIFEST, REVIEW, RECEIPT) for ending in ("json", "sig")}
)


class PackageFiles(Protocol):
    """The files of one package, wherever they lie."""

    def names(self) -> list[str]: ...

    def open(self, name: str) -> BinaryIO:
        """A seekable binary file; the caller closes it."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One answer about one file."""

    file: str
    question: Question
    holds: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """All answers. `manifest`, `review` and `receipt` are None when absent or not to be trusted.

    `foreign` names what lies beside the package and was not looked at: it is no reason for the package not to hold.
    """

    checks: tuple[Check, ...]
    manifest: Manifest | None
    review: ReviewDocument | None
    receipt: Receipt | None
    foreign: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.manifest is not None and all(check.holds for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)


def inspect(package: PackageFiles, roots: Sequence[x509.Certificate], data_key: bytes | None = None) -> Inspection:
    """Check `package` against `roots`, and what is inside when its `data_key` is given."""
    return _Inspector(package, roots, data_key).run()


class _Inspector:
    def __init__(self, package: PackageFiles, roots: Sequence[x509.Certificate], data_key: bytes | None) -> None:
        self._package = package
        self._names = set(package.names())
        self._roots = roots
        self._data_key = data_key
        self._checks: list[Check] = []

    def run(self) -> Inspection:
        manifest, device = self._manifest()
        if manifest is None or device is None:
            return Inspection(tuple(self._checks), None, None, None, self._foreign())
        for entry in manifest.facts.files:
            self._file(entry)
        for kind in _required(manifest):
            if manifest.facts.file(kind) is None:
                self._note(kind.file_name, Question.PRESENT, False)
        for question, holds in (
            (Question.EVENTS_IN_ORDER, _events_in_order(manifest)),
            *((question, holds(manifest)) for question, holds in CONSISTENT.items()),
            (Question.FACE_BY_CONSENT, manifest.face_by_consent),
            (Question.EVERY_LINE_ENDED, _every_line_ended(manifest)),
            (Question.CAMERAS_NOT_VIRTUAL, _cameras_not_virtual(manifest)),
            (Question.SUPERVISED_WAY_OPEN, _supervised_way_open(manifest)),
        ):
            self._note(f"{MANIFEST}.json", question, holds)
        review = self._review(manifest, device)
        receipt = self._receipt(manifest)
        # A name of ours that the manifest does not know would be sent with the package; any other lies beside it.
        for name in sorted((self._names & _OUR_NAMES) - self._expected(manifest)):
            self._note(name, Question.EXPECTED, False)
        if self._data_key is not None and all(check.holds for check in self._checks):
            self._inside(manifest, device, self._data_key)
            if review is not None:
                self._plain(review.note, self._data_key)
        return Inspection(tuple(self._checks), manifest, review, receipt, self._foreign())

    def _manifest(self) -> tuple[Manifest | None, x509.Certificate | None]:
        document = self._document(MANIFEST, Manifest)
        if document is None:
            return None, None
        manifest, data, signature = document
        device = self._certificate(f"{MANIFEST}.json", manifest.certificate)
        if device is None:
            return None, None
        # Trust first: under a changed certificate every signature looks wrong, and the wrong file would be named.
        sealed_at = _time(manifest.sealed_at)
        trusted = sealed_at is not None and is_issued_by(device, self._roots, CertificateRole.DEVICE, sealed_at)
        self._note(f"{MANIFEST}.json", Question.DEVICE_TRUSTED, trusted)
        if not trusted or not self._signed(MANIFEST, device, data, signature):
            return None, None
        return manifest, device

    def _review(self, manifest: Manifest, device: x509.Certificate) -> ReviewDocument | None:
        if not {f"{REVIEW}.json", f"{REVIEW}.sig"} & self._names:
            return None
        document = self._document(REVIEW, ReviewDocument)
        if document is None:
            return None
        review, data, signature = document
        name = f"{REVIEW}.json"
        # A review is taken in the hall that did the session, and signed by the same device.
        if not self._signed(REVIEW, device, data, signature):
            return None
        about = review.session == manifest.session and review.manifest_sha256 == manifest.sha256
        another = review.reviewer != manifest.clerk
        self._note(name, Question.ABOUT_THIS_SESSION, about)
        self._note(name, Question.REVIEWED_BY_ANOTHER, another)
        self._file(review.note)
        return review if about and another else None

    def _receipt(self, manifest: Manifest) -> Receipt | None:
        if not {f"{RECEIPT}.json", f"{RECEIPT}.sig"} & self._names:
            return None
        document = self._document(RECEIPT, Receipt)
        if document is None:
            return None
        receipt, data, signature = document
        holds = receipt_holds(receipt, data, signature, self._roots)
        name = f"{RECEIPT}.json"
        if holds is not Verdict.HOLDS:
            culprit = f"{RECEIPT}.sig" if holds is Verdict.SIGNATURE_CHANGED else name
            self._note(culprit, Question.CENTRE_TRUSTED, False)
            return None
        self._note(name, Question.CENTRE_TRUSTED, True)
        about = receipt.session == manifest.session and receipt.manifest_sha256 == manifest.sha256
        self._note(name, Question.ABOUT_THIS_SESSION, about)
        reading = manifest.facts.file(FileKind.READING)
        if reading is not None:
            listed = any(item.sha256 == reading.sealed_sha256 for item in receipt.objects)
            self._note(name, Question.LISTED_IN_RECEIPT, listed)
        return receipt if about else None

    def _file(self, entry: FileEntry) -> None:
        name = entry.kind.file_name
        if name not in self._names:
            self._note(name, Question.PRESENT, False)
            return
        digest, left = hashlib.sha256(), entry.sealed_bytes
        with self._package.open(name) as file:
            # Not one byte of a file of another size is read: it may have been made as large as a disk.
            unchanged = file.seek(0, os.SEEK_END) == entry.sealed_bytes
            file.seek(0)
            while unchanged and left and (block := file.read(min(_BLOCK_BYTES, left))):
                left -= len(block)
                digest.update(block)
        self._note(name, Question.UNCHANGED, unchanged and digest.hexdigest() == entry.sealed_sha256)

    def _inside(self, manifest: Manifest, device: x509.Certificate, data_key: bytes) -> None:
        plain = {entry.kind: self._plain(entry, data_key) for entry in manifest.facts.files}
        signature = manifest.facts.signature
        notice, strokes = plain.get(FileKind.NOTICE), plain.get(FileKind.STROKES)
        if notice is None or strokes is None:
            return
        signed_at = _time(manifest.sealed_at)
        holds = (
            signature is not None
            and signed_at is not None
            and notice_signature_holds(notice, device, signature, signed_at)
        )
        self._note(FileKind.NOTICE.file_name, Question.NOTICE_SIGNATURE, holds)
        stated = signature is not None and _text_as_stated(notice[: signature.unsigned_bytes], manifest.facts.notice)
        self._note(FileKind.NOTICE.file_name, Question.TEXT_AS_STATED, stated)
        bound = signature is not None and _strokes_bound(strokes, signature)
        self._note(FileKind.STROKES.file_name, Question.STROKES_BOUND, bound)

    def _plain(self, entry: FileEntry, data_key: bytes) -> bytes | None:
        """The decrypted content; None for the reading, which is only digested because it is large."""
        size, digest, kept = 0, hashlib.sha256(), bytearray()
        try:
            with self._package.open(entry.kind.file_name) as file:
                reader = SealedReader(file, data_key)
                while block := reader.read(_BLOCK_BYTES):
                    size += len(block)
                    digest.update(block)
                    if entry.kind is not FileKind.READING:
                        kept += block
        except KnownError:
            size = -1
        unchanged = size == entry.plain_bytes and digest.hexdigest() == entry.plain_sha256
        self._note(entry.kind.file_name, Question.CONTENT_UNCHANGED, unchanged)
        return bytes(kept) if unchanged and entry.kind is not FileKind.READING else None

    def _document(self, stem: str, kind: type[DocumentType]) -> tuple[DocumentType, bytes, bytes] | None:
        """The document `stem`.json with its bytes and its signature file, or None with the reason noted."""
        contents: list[bytes] = []
        for name in (f"{stem}.json", f"{stem}.sig"):
            if name not in self._names:
                self._note(name, Question.PRESENT, False)
                return None
            try:
                with self._package.open(name) as file:
                    contents.append(read_document(file))
            except KnownError as error:
                if error.code is not FailureCode.EVIDENCE_DAMAGED:
                    raise
                self._note(name, Question.UNDERSTOOD, False)
                return None
        try:
            document = parse(kind, contents[0])
        except KnownError:
            self._note(f"{stem}.json", Question.UNDERSTOOD, False)
            return None
        return document, contents[0], contents[1]

    def _certificate(self, name: str, text: str) -> x509.Certificate | None:
        try:
            certificate = from_text(text)
            public_key_of(certificate)
        except KnownError:
            self._note(name, Question.DEVICE_TRUSTED, False)
            return None
        return certificate

    def _signed(self, stem: str, device: x509.Certificate, data: bytes, signature: bytes) -> bool:
        verdict = examine(public_key_of(device), stem, data, signature)
        culprit = f"{stem}.sig" if verdict is Verdict.SIGNATURE_CHANGED else f"{stem}.json"
        self._note(culprit, Question.SIGNED, verdict is Verdict.HOLDS)
        return verdict is Verdict.HOLDS

    def _expected(self, manifest: Manifest) -> set[str]:
        documents = {f"{stem}.{ending}" for stem in (MANIFEST, REVIEW, RECEIPT) for ending in ("json", "sig")}
        # A damaged review has its note all the same: one change is to be named once.
        reviewed = {f"{REVIEW}.json", f"{REVIEW}.sig"} & self._names
        notes = {FileKind.REVIEW_NOTE.file_name} if reviewed else set()
        return documents | notes | {entry.kind.file_name for entry in manifest.facts.files}

    def _foreign(self) -> tuple[str, ...]:
        return tuple(sorted(self._names - _OUR_NAMES))

    def _note(self, file: str, question: Question, holds: bool) -> None:
        self._checks.append(Check(file, question, holds))


def receipt_holds(receipt: Receipt, data: bytes, signature: bytes, roots: Sequence[x509.Certificate]) -> Verdict:
    """Whether a centre that `roots` vouch for signed `data`, the canonical bytes of `receipt`."""
    received_at = _time(receipt.received_at)
    try:
        centre = from_text(receipt.certificate)
        key = public_key_of(centre)
    except KnownError:
        return Verdict.DOCUMENT_CHANGED
    if received_at is None or not is_issued_by(centre, roots, CertificateRole.CENTRE, received_at):
        return Verdict.DOCUMENT_CHANGED
    return examine(key, RECEIPT, data, signature)


def _required(manifest: Manifest) -> list[FileKind]:
    """The files that the scene's steps leave behind whatever happens; pictures may be missing for a reason."""
    left_behind = {
        Step.CARD: (FileKind.RECORD,),
        Step.NOTICE: (FileKind.READING,),
        Step.SIGNATURE: (FileKind.STROKES, FileKind.NOTICE),
    }
    return [kind for step in SCENES[manifest.scene].steps for kind in left_behind.get(step, ())]


def _text_as_stated(unsigned: bytes, stated: NoticeFacts | None) -> bool:
    """Whether the document that lay before the customer says of itself that it has the text that the facts name.

    Its keywords say so, which the device wrote; the words on its pages are not compared with the text.
    """
    return stated is not None and document_text_of(unsigned) == (stated.code, stated.version, stated.sha256)


def _every_line_ended(manifest: Manifest) -> bool:
    """Whether somebody said of each line of the notice that it is read."""
    reading = manifest.facts.reading
    return reading is None or len(reading.line_starts_s) == len(reading.line_ends)


def _cameras_not_virtual(manifest: Manifest) -> bool:
    """Whether no picture of a real session came from a program. A hint only: the client itself says what it used."""
    return manifest.practice or not any(camera.virtual for camera in manifest.facts.cameras)


def _supervised_way_open(manifest: Manifest) -> bool:
    """Whether a face that was not found live was left to a supervisor no earlier than the rule lets anybody.

    Whether there may be a face at all is `Manifest.face_by_consent`.
    """
    facts = manifest.facts
    return facts.face is None or facts.liveness.live or supervised_way(facts) is not None


def _strokes_bound(strokes: bytes, signature: SignatureFacts) -> bool:
    """Whether these are the strokes of `signature`, written on the document that lay before the customer."""
    if hashlib.sha256(strokes).hexdigest() != signature.strokes_sha256:
        return False
    try:
        written = json.loads(strokes)
    except (ValueError, RecursionError):
        return False
    return isinstance(written, dict) and written.get("notice_sha256") == signature.unsigned_sha256


def _events_in_order(manifest: Manifest) -> bool:
    """The events walk the scene's table from its start to the state before the seal, and time never runs back.

    The table knows no way from an unusable card to a seal, and none past a pre-check.
    """
    scene, state, elapsed_s = SCENES[manifest.scene], State.OPENED, 0.0
    card_usable = manifest.facts.card_usable is True
    for position, event in enumerate(manifest.events, start=1):
        try:
            state = moved(scene, state, event.move, card_usable)
        except KnownError:
            return False
        if event.sequence != position or event.state is not state or event.elapsed_s < elapsed_s:
            return False
        elapsed_s = event.elapsed_s
    return next_step(scene, state) is Step.FINISH


def _time(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
