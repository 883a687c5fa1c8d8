"""Checks an evidence package: with nothing but the package and the trust roots, and inside where its key is at hand.

The centre and `hallclient verify` use the same checks, so they cannot disagree.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, Protocol

from cryptography import x509

from hallclient.domain.business import BUSINESS
from hallclient.domain.certificates import (
    CertificateChain,
    CertificateRole,
    Revoked,
    from_text,
    name_of,
    public_key_of,
    role_of,
    workstation_of,
)
from hallclient.domain.documents import DocumentType, Verdict, examine, parse, read_document
from hallclient.domain.evidence import CLERK_PURPOSE, CLERK_SIGNATURE, MANIFEST, MANIFEST_TIMESTAMP, RECEIPT, REVIEW
from hallclient.domain.evidence.files import FileEntry, file_id, file_name, is_file_id
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.evidence.receipt import Outcome, Receipt, judge
from hallclient.domain.evidence.review import REVIEW_NOTE, ReviewDocument
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.hall_time import CLOCK_CORRECTION, hall_date, moment
from hallclient.domain.inspection.answers import Check, Inspection, Signer, StampedFile
from hallclient.domain.inspection.consistency.session import CONSISTENT
from hallclient.domain.inspection.content import PackageFiles, look_inside, look_into
from hallclient.domain.inspection.people import might
from hallclient.domain.inspection.timestamps import asked_of, read_timestamp
from hallclient.domain.inspection_question import STRUCTURAL, Question
from hallclient.domain.notice import Notice
from hallclient.domain.permissions import Action
from hallclient.domain.rule_pack import RulePack
from hallclient.domain.step_kinds import is_made_by, kind_of, large_files, possible_files, require_doable
from hallclient.domain.timestamp import LARGEST_REPLY_BYTES

_BLOCK_BYTES = 1024 * 1024
_SIGNATURE_BYTES = 96  # see `documents.sign`
_SIGNED = frozenset(f"{stem}.{ending}" for stem in (MANIFEST, REVIEW, RECEIPT) for ending in ("json", "sig"))
_DOCUMENTS = _SIGNED | {CLERK_SIGNATURE, MANIFEST_TIMESTAMP}


class Rules(Protocol):
    """The rule packs and texts by which a plan is judged."""

    def pack(self, pack_id: str, sha256: str) -> RulePack | None:
        """The pack of this name and digest; None where it is not known."""
        ...

    def text_in_force(self, code: str, day: dt.date) -> Notice:
        """The version of a text that was in force. Raises KnownError where none was."""
        ...


def inspect(
    package: PackageFiles,
    roots: Sequence[x509.Certificate],
    rules: Rules,
    data_key: bytes | None = None,
    timestamp_roots: Sequence[x509.Certificate] = (),
    revocations: Revoked | None = None,
    digests: Mapping[str, str] = MappingProxyType({}),
) -> Inspection:
    """Check `package` against `roots` and `rules`, and what is inside when its `data_key` is given.

    `timestamp_roots` vouch for timestamp services; without any, nobody is asked whether a service is one to trust.
    `revocations` are what is known to be revoked; without them no signer is asked for that.
    `digests` are the SHA-256, in hex, that the caller has just taken of files by these names, whole as they lie there.
    """
    return _Inspector(package, roots, rules, data_key, timestamp_roots, revocations, digests).run()


class _Inspector:
    def __init__(
        self,
        package: PackageFiles,
        roots: Sequence[x509.Certificate],
        rules: Rules,
        data_key: bytes | None,
        timestamp_roots: Sequence[x509.Certificate],
        revocations: Revoked | None,
        digests: Mapping[str, str],
    ) -> None:
        self._package = package
        self._names = set(package.names())
        self._roots = roots
        self._rules = rules
        self._data_key = data_key
        self._timestamp_roots = tuple(timestamp_roots)
        self._revocations = revocations
        self._digests = digests
        self._manifest_bytes = b""
        self._checks: list[Check] = []
        self._signers: list[Signer] = []

    def run(self) -> Inspection:
        manifest, device = self._manifest()
        if manifest is None or device is None or not self._doable(manifest):
            return Inspection(tuple(self._checks), None, None, None, tuple(sorted(self._names - _DOCUMENTS)))
        self._note(f"{MANIFEST}.json", Question.PLACE_CERTIFIED, workstation_of(device) == manifest.workstation)
        self._note(f"{MANIFEST}.json", Question.PLAN_OF_PACK, self._of_pack(manifest))
        for question, holds in CONSISTENT.items():
            self._note(f"{MANIFEST}.json", question, holds(manifest))
        hall = workstation_of(device).place.hall  # as certified
        self._countersignature(manifest, hall)
        for entry in manifest.files:
            self._file(entry)
        for step in manifest.steps:
            self._step(manifest, step)
        review = self._review(manifest, hall)
        receipt = self._receipt(manifest, review)
        timestamps = self._timestamps(manifest, receipt)
        # A name that the session's package could have, and not this one; any other lies beside it.
        ours = _DOCUMENTS | {file_name(an_id) for an_id in (BUSINESS, REVIEW_NOTE, *possible_files(manifest.plan))}
        for name in sorted((self._names & ours) - self._expected(manifest)):
            self._note(name, Question.EXPECTED, False)
        broken = any(check.question in STRUCTURAL for check in self._checks if not check.holds)
        if self._data_key is not None and not broken:
            self._checks += look_inside(self._package, manifest, device, self._data_key, self._timestamp_roots)
            if review is not None:
                self._checks.append(look_into(self._package, review.note, self._data_key))
        foreign = tuple(sorted(self._names - ours))
        return Inspection(tuple(self._checks), manifest, review, receipt, foreign, timestamps, tuple(self._signers))

    def _doable(self, manifest: Manifest) -> bool:
        """What is asked of a step presumes a plan that can be done, and that the step is one of it."""
        try:
            require_doable(manifest.plan)
        except KnownError:
            doable = False
        else:
            doable = True
        self._note(f"{MANIFEST}.json", Question.PLAN_DOABLE, doable)
        if not doable:
            return False
        planned = all(step.planned in manifest.plan.steps for step in manifest.steps)
        if not planned:
            self._note(f"{MANIFEST}.json", Question.STEPS_AS_PLANNED, False)
        return planned

    def _of_pack(self, manifest: Manifest) -> bool:
        pack = self._rules.pack(manifest.plan.pack, manifest.plan.pack_sha256)
        opened_at = moment(manifest.opened_at)
        if pack is None or opened_at is None:
            return False
        try:
            day = hall_date(opened_at)
        except OverflowError:  # at an end of the calendar
            return False
        return is_made_by(
            manifest.plan,
            pack,
            lambda code: self._rules.text_in_force(code, day),
            corrects=manifest.corrects is not None,
        )

    def _step(self, manifest: Manifest, step: DoneStep) -> None:
        kind = kind_of(step.planned)
        for rule in kind.files:
            if rule.always and step.file(rule.name) is None:
                self._note(file_name(file_id(step.planned.id, rule.name)), Question.PRESENT, False)
        for question, holds in kind.consistent.items():
            self._note(f"{MANIFEST}.json", question, holds(manifest, step))

    def _manifest(self) -> tuple[Manifest | None, x509.Certificate | None]:
        document = self._document(MANIFEST, Manifest)
        if document is None:
            return None, None
        manifest, data, signature = document
        self._manifest_bytes = data
        name = f"{MANIFEST}.json"
        chain = self._chain(name, Question.DEVICE_TRUSTED, manifest.certificate, manifest.issuers)
        if chain is None:
            return None, None
        device = chain.leaf
        # Trust first: under a changed certificate every signature looks wrong, and the wrong file would be named.
        sealed_at = moment(manifest.sealed_at)
        trusted = sealed_at is not None and chain.is_issued_for(CertificateRole.DEVICE, self._roots, sealed_at)
        self._note(name, Question.DEVICE_TRUSTED, trusted)
        if not trusted or sealed_at is None or not self._signed(MANIFEST, chain, data, signature, sealed_at):
            return None, None
        return manifest, device

    def _countersignature(self, manifest: Manifest, hall: str) -> None:
        """Whoever sealed it may serve customers in this hall, and signed it, too."""
        name, sealed_at = f"{MANIFEST}.json", moment(manifest.sealed_at)
        chain = self._chain(name, Question.STAFF_TRUSTED, manifest.staff_certificate, manifest.issuers)
        if chain is None or sealed_at is None:
            return
        trusted = might(chain, manifest.sealed_by, Action.SERVE_CUSTOMERS, hall, self._roots, sealed_at)
        self._note(name, Question.STAFF_TRUSTED, trusted)
        if not trusted:
            return
        if CLERK_SIGNATURE not in self._names:
            self._note(CLERK_SIGNATURE, Question.PRESENT, False)
            return
        with self._package.open(CLERK_SIGNATURE) as file:
            signature = file.read(_SIGNATURE_BYTES + 1)
        holds = examine(public_key_of(chain.leaf), CLERK_PURPOSE, self._manifest_bytes, signature) is Verdict.HOLDS
        self._note(CLERK_SIGNATURE, Question.SIGNED, holds)
        if holds:
            self._signed_by(CLERK_SIGNATURE, chain, sealed_at)

    def _review(self, manifest: Manifest, hall: str) -> ReviewDocument | None:
        if not {f"{REVIEW}.json", f"{REVIEW}.sig"} & self._names:
            return None
        document = self._document(REVIEW, ReviewDocument)
        if document is None:
            return None
        review, data, signature = document
        name = f"{REVIEW}.json"
        chain, reviewed_at = (
            self._chain(name, Question.REVIEWER_TRUSTED, review.certificate, review.issuers),
            moment(review.at),
        )
        if chain is None:
            return None
        # Trust first, as above.
        trusted = reviewed_at is not None and might(
            chain, review.reviewer, Action.REVIEW, hall, self._roots, reviewed_at
        )
        self._note(name, Question.REVIEWER_TRUSTED, trusted)
        if not trusted or reviewed_at is None or not self._signed(REVIEW, chain, data, signature, reviewed_at):
            return None
        about = review.session == manifest.session and review.manifest_sha256 == manifest.sha256
        another = review.reviewer not in manifest.people and not _same_key(chain.leaf, manifest.staff_certificate)
        self._note(name, Question.ABOUT_THIS_SESSION, about)
        self._note(name, Question.REVIEWED_BY_ANOTHER, another)
        self._file(review.note)
        return review if about and another else None

    def _receipt(self, manifest: Manifest, review: ReviewDocument | None) -> Receipt | None:
        if not {f"{RECEIPT}.json", f"{RECEIPT}.sig"} & self._names:
            return None
        document = self._document(RECEIPT, Receipt)
        if document is None:
            return None
        receipt, data, signature = document
        holds = receipt_holds(receipt, data, signature, self._roots, self._revocations)
        name = f"{RECEIPT}.json"
        if holds is not Verdict.HOLDS:
            culprit = f"{RECEIPT}.sig" if holds is Verdict.SIGNATURE_CHANGED else name
            self._note(culprit, Question.CENTRE_TRUSTED, False)
            return None
        self._note(name, Question.CENTRE_TRUSTED, True)
        self._note_signer(f"{RECEIPT}.sig", from_text(receipt.certificate))
        about = _about(receipt, manifest)
        self._note(name, Question.ABOUT_THIS_SESSION, about)
        self._note(name, Question.SEALED_BEFORE_RECEIPT, is_sealed_before(manifest, receipt.received_at))
        reviewed = bool({f"{REVIEW}.json", f"{REVIEW}.sig"} & self._names)
        if review is not None or not reviewed:  # of one that does not hold is said so already
            follows = judge(manifest, review, receipt.reasons) is Outcome.PASSED
            self._note(name, Question.OUTCOME_FOLLOWS, follows or receipt.outcome is not Outcome.PASSED)
        large = [entry for entry in manifest.files if entry.id in large_files(manifest.plan)]
        if large:
            received = {item.sha256 for item in receipt.objects}
            listed = all(entry.sealed_sha256 in received for entry in large)
            self._note(name, Question.LISTED_IN_RECEIPT, listed)
        return receipt if about else None

    def _timestamps(self, manifest: Manifest, receipt: Receipt | None) -> tuple[StampedFile, ...]:
        """What a timestamp service says of the manifest's signature, where it was asked."""
        if MANIFEST_TIMESTAMP not in self._names:
            return ()
        with self._package.open(MANIFEST_TIMESTAMP) as file:
            reply = file.read(LARGEST_REPLY_BYTES + 1)
        with self._package.open(f"{MANIFEST}.sig") as file:
            read = read_timestamp(reply, read_document(file), self._timestamp_roots)
        if read is None:
            self._note(MANIFEST_TIMESTAMP, Question.UNDERSTOOD, False)
            return ()
        received_at = None if receipt is None else moment(receipt.received_at)
        for question, holds in asked_of(read, moment(manifest.sealed_at), received_at):
            self._note(MANIFEST_TIMESTAMP, question, holds)
        return (StampedFile(MANIFEST_TIMESTAMP, read),)

    def _file(self, entry: FileEntry) -> None:
        if not is_file_id(entry.id):
            return  # said by FILES_LISTED_ONCE
        name = entry.file_name
        if name not in self._names:
            self._note(name, Question.PRESENT, False)
            return
        with self._package.open(name) as file:
            # Not one byte of a file of another size is read: it may have been made as large as a disk.
            unchanged = file.seek(0, os.SEEK_END) == entry.sealed_bytes
            file.seek(0)
            if unchanged:
                known = self._digests.get(name)
                unchanged = entry.sealed_sha256 == (_sha256(file, entry.sealed_bytes) if known is None else known)
        self._note(name, Question.UNCHANGED, unchanged)

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

    def _chain(
        self, name: str, question: Question, certificate: str, issuers: Sequence[str]
    ) -> CertificateChain | None:
        try:
            chain = CertificateChain.from_texts(certificate, issuers)
            public_key_of(chain.leaf)
        except KnownError:
            self._note(name, question, False)
            return None
        return chain

    def _signed_by(self, file: str, signer: CertificateChain, at: dt.datetime) -> None:
        """Who it was, and whether nobody had revoked that before; what a thief dates earlier, other clocks tell."""
        self._note_signer(file, signer.leaf)
        if self._revocations is not None:
            self._note(file, Question.SIGNERS_NOT_REVOKED, not signer.is_revoked_by(at, self._revocations))

    def _note_signer(self, file: str, certificate: x509.Certificate) -> None:
        role = role_of(certificate)
        if role is not None:
            self._signers.append(Signer(file, role, name_of(certificate)))

    def _signed(self, stem: str, signer: CertificateChain, data: bytes, signature: bytes, at: dt.datetime) -> bool:
        verdict = examine(public_key_of(signer.leaf), stem, data, signature)
        if verdict is Verdict.HOLDS:
            self._signed_by(f"{stem}.sig", signer, at)
        culprit = f"{stem}.sig" if verdict is Verdict.SIGNATURE_CHANGED else f"{stem}.json"
        self._note(culprit, Question.SIGNED, verdict is Verdict.HOLDS)
        return verdict is Verdict.HOLDS

    def _expected(self, manifest: Manifest) -> frozenset[str]:
        # A damaged review has its note all the same: one change is to be named once.
        reviewed = {f"{REVIEW}.json", f"{REVIEW}.sig"} & self._names
        notes = {file_name(REVIEW_NOTE)} if reviewed else set()
        return _DOCUMENTS | notes | {entry.file_name for entry in manifest.files if is_file_id(entry.id)}

    def _note(self, file: str, question: Question, holds: bool) -> None:
        self._checks.append(Check(file, question, holds))


def _sha256(file: BinaryIO, left: int) -> str:
    """Of the next `left` bytes, in hex."""
    digest = hashlib.sha256()
    while left and (block := file.read(min(_BLOCK_BYTES, left))):
        left -= len(block)
        digest.update(block)
    return digest.hexdigest()


def _same_key(certificate: x509.Certificate, other: str) -> bool:
    """Whether one person has two numbers."""
    try:
        return public_key_of(certificate) == public_key_of(from_text(other))
    except KnownError:  # said by STAFF_TRUSTED
        return False


def is_sealed_before(manifest: Manifest, received_at: str) -> bool:
    """Whether it was sealed before a centre had it, by the two clocks, which may differ by `CLOCK_CORRECTION`."""
    sealed, received = moment(manifest.sealed_at), moment(received_at)
    return sealed is not None and received is not None and sealed - received <= CLOCK_CORRECTION


def _about(receipt: Receipt, manifest: Manifest) -> bool:
    """Of this session, and countersigning its audit head."""
    return (receipt.session, receipt.manifest_sha256, receipt.device_sequence, receipt.audit) == (
        manifest.session,
        manifest.sha256,
        manifest.device_sequence,
        manifest.audit,
    )


def receipt_holds(
    receipt: Receipt,
    data: bytes,
    signature: bytes,
    roots: Sequence[x509.Certificate],
    revocations: Revoked | None = None,
) -> Verdict:
    """Whether a centre that `roots` vouch for signed `data`, the canonical bytes of `receipt`.

    One whose certificate was revoked before it says that it received the session has not.
    """
    received_at = moment(receipt.received_at)
    try:
        centre = CertificateChain.from_texts(receipt.certificate, receipt.issuers)
        key = public_key_of(centre.leaf)
    except KnownError:
        return Verdict.DOCUMENT_CHANGED
    role = CertificateRole.RECEIPT
    if received_at is None or not centre.is_issued_for(role, roots, received_at, revocations):
        return Verdict.DOCUMENT_CHANGED
    return examine(key, RECEIPT, data, signature)
