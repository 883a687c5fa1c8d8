"""Builds real evidence packages for tests: encrypted files, a signed PDF, a signed manifest.

Nothing in them is anybody's data. Every builder takes what a test wants to be wrong as an argument.
"""

import datetime as dt
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fpdf import FPDF
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from hallclient.domain.aead_stream import SealedWriter
from hallclient.domain.business import BUSINESS, SALT_BYTES, Business
from hallclient.domain.card import CardKind, ReaderIdentity
from hallclient.domain.certificate_issuing import Subject, issue, issue_issuer, make_root
from hallclient.domain.certificates import CertificateChain, CertificateRole, name_of
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.document_text import document_keywords
from hallclient.domain.documents import canonical, sign
from hallclient.domain.equipment import DeviceIdentity, Place
from hallclient.domain.evidence import MANIFEST, RECEIPT, REVIEW
from hallclient.domain.evidence.facts.card import PORTRAIT, RECORD, CardFacts
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.notice import RECORDING, LineEnd, NoticeFacts, RecordingFacts
from hallclient.domain.evidence.facts.portrait import (
    LIVE_PHOTO,
    ConsentFacts,
    FaceFacts,
    PortraitFacts,
    PortraitOptions,
)
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.evidence.facts.signature import NOTICE, STROKES, SignatureFacts
from hallclient.domain.evidence.files import FileEntry, file_id, file_name
from hallclient.domain.evidence.manifest import AuditHead, DoneStep, Manifest, SealedDataKey, flags_of
from hallclient.domain.evidence.receipt import Outcome, Receipt, SentObject
from hallclient.domain.evidence.review import REVIEW_NOTE, ReviewDecision, ReviewDocument
from hallclient.domain.hall_time import hall_date
from hallclient.domain.ids import session_id
from hallclient.domain.plan import PlannedStep
from hallclient.domain.sealed_key import seal_key
from hallclient.domain.signature import PenPoint, Signature
from hallclient.domain.step_kind import StepFacts
from hallclient.rule_texts import built_in_pack, text_in_force
from tests.attempts import LIVE

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
PLACE, DEVICE = Place("H001", "self-run", "3"), "pc-1"
NEW_NUMBER = "new_number"
NOTICE_TEXT = text_in_force("fraud_risk", hall_date(NOW))


class CountedEntropy:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str = "entropy") -> None:
        self._seed, self._count = seed, 0

    def token(self, length: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(f"{self._seed}/{self._count}".encode()).digest(length)


class FixedClock:
    """Wall-clock time that only moves when a test moves it."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.time = now

    def now(self) -> dt.datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


class FolderFiles:
    """The files of a package folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def open(self, name: str) -> BinaryIO:
        return (self.folder / name).open("rb")


@dataclass(frozen=True)
class EnrolledDevice:
    """An enrolled hall computer, or whoever else has a certificate."""

    key: Ed25519PrivateKey
    chain: CertificateChain

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain.leaf


@dataclass(frozen=True)
class Authority:
    """A root that no centre holds: for inspecting without a server, and for foreign devices."""

    key: Ed25519PrivateKey
    certificate: x509.Certificate
    issuer_key: Ed25519PrivateKey
    issuer: CertificateChain

    def device(self, entropy: CountedEntropy, name: str = DEVICE, place: Place = PLACE) -> EnrolledDevice:
        return self.issued(entropy, Subject(name, place=place), CertificateRole.DEVICE)

    def issued(self, entropy: CountedEntropy, subject: Subject, role: CertificateRole) -> EnrolledDevice:
        key = Ed25519PrivateKey.from_private_bytes(entropy.token(32))
        return EnrolledDevice(key, issue(self.issuer, self.issuer_key, key.public_key(), subject, role, NOW))


def make_authority(entropy: CountedEntropy) -> Authority:
    key, issuer_key = (Ed25519PrivateKey.from_private_bytes(entropy.token(32)) for _ in range(2))
    root = make_root("test root", key, NOW)
    return Authority(key, root, issuer_key, issue_issuer(root, key, issuer_key.public_key(), "test root", NOW))


@dataclass(frozen=True)
class BuiltPackage:
    """A package on disk and what is needed to look inside or to change it."""

    files: FolderFiles
    manifest: Manifest
    data_key: bytes
    device: EnrolledDevice

    @property
    def folder(self) -> Path:
        return self.files.folder

    def resign(self, **changes: object) -> "BuiltPackage":
        """The package with a changed manifest under a good signature: what a lying device could make."""
        manifest = self.manifest.model_copy(update=changes)
        write_signed(self.folder, MANIFEST, manifest.canonical(), self.device.key)
        return BuiltPackage(self.files, manifest, self.data_key, self.device)

    def review(
        self, reviewer: str = "S2", decision: ReviewDecision = ReviewDecision.APPROVED, **changes: str
    ) -> ReviewDocument:
        """Add a supervisor's decision."""
        document = ReviewDocument(
            session=self.manifest.session,
            manifest_sha256=self.manifest.sha256,
            reviewer=reviewer,
            decision=decision,
            note=_seal(self.folder, REVIEW_NOTE, b"compared in person", self.data_key, CountedEntropy("note")),
            at=NOW.isoformat(),
        ).model_copy(update=changes)
        write_signed(self.folder, REVIEW, document.canonical(), self.device.key)
        return document

    def receipt(self, centre: EnrolledDevice, **changes: object) -> Receipt:
        """Add the receipt of `centre`."""
        certificate, issuers = centre.chain.to_texts()
        recording = next(entry for entry in self.manifest.files if entry.id == RECORDING)
        objects = (SentObject(name=recording.file_name, bytes=recording.sealed_bytes, sha256=recording.sealed_sha256),)
        document = Receipt(
            session=self.manifest.session,
            manifest_sha256=self.manifest.sha256,
            objects=objects,
            outcome=Outcome.PASSED,
            practice=self.manifest.practice,
            centre=name_of(centre.certificate),
            received_at=NOW.isoformat(),
            certificate=certificate,
            issuers=issuers,
        ).model_copy(update=changes)
        write_signed(self.folder, RECEIPT, document.canonical(), centre.key)
        return document


def write_signed(folder: Path, stem: str, data: bytes, key: Ed25519PrivateKey) -> None:
    (folder / f"{stem}.json").write_bytes(data)
    (folder / f"{stem}.sig").write_bytes(sign(key, stem, data))


def build_package(
    folder: Path,
    device: EnrolledDevice,
    centre_key: X25519PublicKey,
    entropy: CountedEntropy,
    *,
    sequence: int = 1,
    scene: str = NEW_NUMBER,
    practice: bool = False,
    decision: Decision = Decision.MATCHED,
    now: dt.datetime = NOW,
    recording_bytes: int = 150_000,
    alter_notice: Callable[[bytes], bytes] = lambda pdf: pdf,
    notice_device: EnrolledDevice | None = None,
    naming: Mapping[str, str] = MappingProxyType({}),
) -> BuiltPackage:
    """A whole and genuine package in the new folder `folder`, as the hall's computer makes it.

    Args:
        now: when the session was opened; the device's certificate must be valid then.
        recording_bytes: size of the video's plaintext.
        alter_notice: changes the signed PDF before it is encrypted and listed.
        notice_device: whose key vouches for the notice, when not `device`'s.
        naming: by a file's id, the session whose id stands inside it, when not this one's.
    """
    folder.mkdir()
    session, data_key = session_id(now, entropy.token(10)), entropy.token(32)
    plan = built_in_pack().plan(scene, lambda code: text_in_force(code, hall_date(now)))
    salt = entropy.token(SALT_BYTES).hex()
    business = Business(session=naming.get(BUSINESS, session), service_number="13800000021", salt=salt)
    unsigned = unsigned_notice(naming.get(NOTICE, session))
    strokes = _strokes(hashlib.sha256(unsigned).hexdigest(), practice, naming.get(STROKES, session))
    record = canonical({"session": naming.get(f"holder.{RECORD}", session), "name": "nobody"})
    title = naming.get(RECORDING, session).encode()
    contents: dict[str, Callable[[], dict[str, bytes]]] = {
        "card": lambda: {RECORD: record, PORTRAIT: entropy.token(1024)},
        "portrait": lambda: {LIVE_PHOTO: entropy.token(70_000)},
        "notice": lambda: {RECORDING: title + entropy.token(recording_bytes - len(title))},
        "signature": lambda: {
            STROKES: strokes.to_json(),
            NOTICE: alter_notice(signed_notice(notice_device or device, now, naming.get(NOTICE, session))),
        },
    }
    steps = []
    for index, planned in enumerate(plan.steps, start=1):
        plain = contents.get(planned.kind, dict)()
        steps.append(
            DoneStep(
                planned=planned,
                facts=_facts(planned, decision, practice, unsigned, strokes),
                files=tuple(
                    _seal(folder, file_id(planned.id, name), content, data_key, entropy)
                    for name, content in plain.items()
                ),
                by="C1",
                at=(now + dt.timedelta(seconds=20 * index)).isoformat(),
                elapsed_s=20.0 * index,
            )
        )
    certificate, issuers = device.chain.to_texts()
    manifest = Manifest(
        session=session,
        previous=None if sequence == 1 else "cd" * 32,
        device_sequence=sequence,
        plan=plan,
        practice=practice,
        place=PLACE,
        clerk="C1",
        device=DEVICE,
        certificate=certificate,
        issuers=issuers,
        service_number_sha256=business.service_number_sha256,
        opened_at=now.isoformat(),
        sealed_at=(now + dt.timedelta(minutes=4)).isoformat(),
        sealed_elapsed_s=240.0,
        steps=tuple(steps),
        business=_seal(folder, BUSINESS, business.canonical(), data_key, entropy),
        flags=flags_of(tuple(steps)),
        audit=AuditHead(sequence=7, head="ab" * 32),
        data_key=SealedDataKey(
            centre_key=hashlib.sha256(centre_key.public_bytes_raw()).hexdigest(),
            sealed=seal_key(data_key, centre_key, session, PLACE.hall).hex(),
        ),
    )
    package = BuiltPackage(FolderFiles(folder), manifest, data_key, device)
    return package.resign()


@lru_cache
def unsigned_notice(session: str) -> bytes:
    """A one-page PDF."""
    pdf = FPDF()
    pdf.set_creation_date(NOW)
    pdf.set_keywords(document_keywords(NOTICE_TEXT.code, NOTICE_TEXT.version, NOTICE_TEXT.sha256, session))
    pdf.add_page()
    pdf.set_font("helvetica", size=14)
    pdf.cell(text="Fraud-risk notice, for tests")
    return bytes(pdf.output())


@lru_cache
def signed_notice(
    device: EnrolledDevice, now: dt.datetime, session: str, role: CertificateRole = CertificateRole.NOTICE
) -> bytes:
    """`unsigned_notice` with a PAdES B-B signature of a one-time P-256 key that `device` vouches for, in `role`."""
    key = ec.generate_private_key(ec.SECP256R1())
    chain = issue(device.chain, device.key, key.public_key(), Subject("notice"), role, now)
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    for issuer in chain.issuers:
        registry.register(asn1_x509.Certificate.load(issuer.public_bytes(Encoding.DER)))
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(chain.leaf.public_bytes(Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        cert_registry=registry,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(unsigned_notice(session)))
    metadata = PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    signed = signers.sign_pdf(writer, metadata, signer=signer)
    return bytes(signed.getvalue())


def _seal(folder: Path, an_id: str, plain: bytes, data_key: bytes, entropy: CountedEntropy) -> FileEntry:
    with (folder / file_name(an_id)).open("xb") as file:
        writer = SealedWriter(file, data_key, entropy.token(39))
        writer.write(plain)
        writer.close()
    return FileEntry(
        id=an_id,
        plain_bytes=writer.plain_bytes,
        plain_sha256=writer.plain_sha256,
        sealed_bytes=writer.sealed_bytes,
        sealed_sha256=writer.sealed_sha256,
    )


_SCORES = {Decision.MATCHED: 0.71, Decision.DOUBTFUL: 0.4, Decision.MISMATCHED: 0.3}


def _face(decision: Decision, practice: bool) -> FaceFacts:
    return FaceFacts(
        camera=DeviceIdentity("Camera", practice),
        frames_seen=40,
        comparison=Comparison(
            decision=decision,
            score=_SCORES.get(decision),
            thresholds=Thresholds(0.5, 0.35, 0.0001, "test", "2026-01-01"),
            engine=EngineIdentity("test", "1", {"model.onnx": "cd" * 32}),
        ),
    )


def _strokes(notice_sha256: str, practice: bool, session: str) -> Signature:
    points = tuple(PenPoint(index / 100, index / 20, 0.5, 0.5) for index in range(12))
    return Signature((points,), notice_sha256, "pen", practice, session)


def _facts(planned: PlannedStep, decision: Decision, practice: bool, unsigned: bytes, strokes: Signature) -> StepFacts:
    """What a step of a genuine session finds out."""
    camera = DeviceIdentity("Camera", practice)
    match planned.kind:
        case "card":
            return CardFacts(
                kind=CardKind.RESIDENT,
                reader=ReaderIdentity("Reader", "profile", "pcsc-escape", practice),
                sam_number="05-03-20260101-1",
                findings=(),
            )
        case "precheck":
            return PrecheckFacts(card_usable=True, network_check="pending", centre_reachable=True)
        case "portrait":
            text = PortraitOptions.model_validate(planned.options).consent
            return PortraitFacts(
                consent=ConsentFacts(given=True, text=text),
                liveness=LivenessFacts(models={"mesh.tflite": "1" * 64}, attempts=(LIVE,)),
                face=_face(decision, practice),
            )
        case "notice":
            recording = RecordingFacts(
                camera=camera,
                microphone=DeviceIdentity("Microphone", practice),
                line_starts_s=(0.0, 4.5),
                line_ends=(LineEnd.CUSTOMER, LineEnd.CLERK),
                duration_s=9.0,
                pictures=135,
                pictures_dropped=0,
                sound_s=9.0,
                longest_silence_s=0.0,
            )
            return NoticeFacts(begun=1, recording=recording)
        case _:
            return SignatureFacts(
                strokes_sha256=strokes.sha256,
                points=strokes.point_count,
                device="pen",
                practice=practice,
                pressure=True,
                unsigned_bytes=len(unsigned),
                unsigned_sha256=hashlib.sha256(unsigned).hexdigest(),
            )
