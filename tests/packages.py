"""Builds real evidence packages for tests: encrypted files, a signed PDF, a signed manifest.

Nothing in them is anybody's data. Every builder takes what a test wants to be wrong as an argument.
"""

import datetime as dt
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fpdf import FPDF
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from hallclient.domain.aead_stream import SealedReader, SealedWriter
from hallclient.domain.business import BUSINESS, SALT_BYTES, Business
from hallclient.domain.card import CardKind, CardReading, CardRecord, ReaderIdentity
from hallclient.domain.card_document import card_to_json
from hallclient.domain.certificate_issuing import Subject, issue, issue_issuer, make_root
from hallclient.domain.certificates import CertificateChain, CertificateRole, name_of
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.document_text import document_keywords
from hallclient.domain.documents import sign
from hallclient.domain.equipment import DeviceIdentity, Place
from hallclient.domain.evidence import CLERK_PURPOSE, CLERK_SIGNATURE, MANIFEST, MANIFEST_TIMESTAMP, RECEIPT, REVIEW
from hallclient.domain.evidence.clock import UNCHECKED
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
from hallclient.domain.evidence.facts.signature import NOTICE, STROKES, NoticeTimestamp, SignatureFacts
from hallclient.domain.evidence.files import FileEntry, file_id, file_name
from hallclient.domain.evidence.manifest import AuditHead, DoneStep, Manifest, SealedDataKey, flags_of
from hallclient.domain.evidence.receipt import Outcome, Receipt, SentObject
from hallclient.domain.evidence.review import REVIEW_NOTE, ReviewDecision, ReviewDocument
from hallclient.domain.hall_time import hall_date
from hallclient.domain.ids import session_id
from hallclient.domain.notice_certificate import notice_uris as uris_of_notice
from hallclient.domain.plan import PlannedStep
from hallclient.domain.sealed_key import seal_key
from hallclient.domain.signature import PenPoint, Signature
from hallclient.domain.step_kind import StepFacts
from hallclient.domain.timestamp import Stamp, pdf_timestamper
from hallclient.rule_texts import built_in_pack, text_in_force
from tests.attempts import LIVE
from tests.key_pictures import pictured
from tests.pictures import chip_portrait, photo
from tests.recordings import matroska

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
PLACE, DEVICE = Place("H001", "self-run", "3"), "pc-1"
NEW_NUMBER = "new_number"
RECORDING_S, RECORDING_PICTURES = 9.0, 135
PICTURED = pictured((LIVE,))
_KEY_PICTURES = tuple(picture.file for attempt in PICTURED for picture in attempt.pictures)
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


Certify = Callable[[Subject, CertificateRole, Ed25519PublicKey], CertificateChain]


def _certifies_nobody(subject: Subject, role: CertificateRole, key: Ed25519PublicKey) -> CertificateChain:
    raise AssertionError("no centre is known that would certify people")


@dataclass(frozen=True)
class EnrolledDevice:
    """An enrolled hall computer, or whoever else has a certificate; `certify` is what its centre does for others."""

    key: Ed25519PrivateKey
    chain: CertificateChain
    certify: Certify = field(default=_certifies_nobody, compare=False)

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain.leaf

    def person(
        self, number: str, role: CertificateRole = CertificateRole.CLERK, halls: tuple[str, ...] = (PLACE.hall,)
    ) -> "EnrolledDevice":
        """A person of the device's centre; the same key for the same number."""
        key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(number.encode()).digest())
        return replace(self, key=key, chain=self.certify(Subject(number, halls=halls), role, key.public_key()))


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
        return EnrolledDevice(key, self.certify(subject, role, key.public_key()), self.certify)

    def certify(self, subject: Subject, role: CertificateRole, key: Ed25519PublicKey) -> CertificateChain:
        return issue(self.issuer, self.issuer_key, key, subject, role, NOW)


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
    clerk: EnrolledDevice

    @property
    def folder(self) -> Path:
        return self.files.folder

    def content(self, an_id: str) -> bytes:
        """What is in the file of this id."""
        with self.files.open(file_name(an_id)) as file:
            return SealedReader(file, self.data_key).read()

    def resign(self, **changes: object) -> "BuiltPackage":
        """The package with a changed manifest under good signatures: what a lying device could make."""
        manifest = self.manifest.model_copy(update=changes)
        write_signed(self.folder, MANIFEST, manifest.canonical(), self.device.key)
        (self.folder / CLERK_SIGNATURE).write_bytes(sign(self.clerk.key, CLERK_PURPOSE, manifest.canonical()))
        return replace(self, manifest=manifest)

    def review(
        self,
        reviewer: str = "S2",
        decision: ReviewDecision = ReviewDecision.APPROVED,
        signer: EnrolledDevice | None = None,
        **changes: object,
    ) -> ReviewDocument:
        """Add a supervisor's decision, signed by `signer` where that is somebody else."""
        signer = signer or self.device.person(reviewer, CertificateRole.SUPERVISOR, (self.manifest.place.hall,))
        certificate, issuers = signer.chain.to_texts()
        document = ReviewDocument(
            session=self.manifest.session,
            manifest_sha256=self.manifest.sha256,
            reviewer=reviewer,
            certificate=certificate,
            issuers=issuers,
            decision=decision,
            note=_seal(self.folder, REVIEW_NOTE, b"compared in person", self.data_key, CountedEntropy("note")),
            at=self.manifest.sealed_at,
        ).model_copy(update=changes)
        write_signed(self.folder, REVIEW, document.canonical(), signer.key)
        return document

    def timestamp(self, stamp: Stamp) -> None:
        """Have a service say when the manifest's signature was there."""
        signature = (self.folder / f"{MANIFEST}.sig").read_bytes()
        (self.folder / MANIFEST_TIMESTAMP).write_bytes(stamp(hashlib.sha256(signature).digest()))

    def receipt(self, centre: EnrolledDevice, **changes: object) -> Receipt:
        """Add the receipt of `centre`."""
        certificate, issuers = centre.chain.to_texts()
        recording = next(entry for entry in self.manifest.files if entry.id == RECORDING)
        objects = (SentObject(name=recording.file_name, bytes=recording.sealed_bytes, sha256=recording.sealed_sha256),)
        document = Receipt(
            session=self.manifest.session,
            manifest_sha256=self.manifest.sha256,
            objects=objects,
            device_sequence=self.manifest.device_sequence,
            audit=self.manifest.audit,
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
    after: Manifest | None = None,
    scene: str = NEW_NUMBER,
    practice: bool = False,
    decision: Decision = Decision.MATCHED,
    now: dt.datetime = NOW,
    recording_bytes: int = 150_000,
    alter_notice: Callable[[bytes], bytes] = lambda pdf: pdf,
    notice_device: EnrolledDevice | None = None,
    notice_uris: tuple[str, ...] | None = None,
    clerk: EnrolledDevice | None = None,
    stamp: Stamp | None = None,
    timestamp: NoticeTimestamp | None = None,
    notice_key: ec.EllipticCurvePrivateKey | None = None,
    naming: Mapping[str, str] = MappingProxyType({}),
    replacing: Mapping[str, bytes] = MappingProxyType({}),
) -> BuiltPackage:
    """A whole and genuine package in the new folder `folder`, as the hall's computer makes it.

    Args:
        sequence, after: the number of the session; or the one that the device sealed before this one.
        now: when the session was opened; the device's certificate must be valid then.
        recording_bytes: size of the video's plaintext.
        alter_notice: changes the signed PDF before it is encrypted and listed.
        notice_device: whose key vouches for the notice, when not `device`'s.
        notice_uris: what the one-time key's certificate names, when not this session and its strokes.
        clerk: who seals it and signs for it, when not "C1" of this hall.
        stamp: gives the notice a timestamp.
        timestamp: what the facts say became of that, when not what is true.
        notice_key: signs the notice, when it is not used once only.
        replacing: by a file's id, what is in it in place of what belongs there.
        naming: by a file's id, the session whose id stands inside it, when not this one's.
    """
    folder.mkdir()
    sequence = after.device_sequence + 1 if after else sequence
    session, data_key = session_id(now, entropy.token(10)), entropy.token(32)
    plan = built_in_pack().plan(scene, lambda code: text_in_force(code, hall_date(now)))
    salt = entropy.token(SALT_BYTES).hex()
    business = Business(session=naming.get(BUSINESS, session), service_number="13800000021", salt=salt)
    unsigned = unsigned_notice(naming.get(NOTICE, session))
    strokes = _strokes(hashlib.sha256(unsigned).hexdigest(), practice, naming.get(STROKES, session))
    record = card_to_json(card_reading(practice), entropy.token(32), naming.get(f"holder.{RECORD}", session))
    title = naming.get(RECORDING, session)
    filling = entropy.token(recording_bytes - len(matroska(title, RECORDING_PICTURES, RECORDING_S)))
    seed = int.from_bytes(entropy.token(4), "big")
    contents: dict[str, Callable[[], dict[str, bytes]]] = {
        "card": lambda: {RECORD: record, PORTRAIT: chip_portrait()},
        "portrait": lambda: {
            LIVE_PHOTO: photo(seed),
            **{name: photo(seed + number) for number, name in enumerate(_KEY_PICTURES, start=1)},
        },
        "notice": lambda: {RECORDING: matroska(title, RECORDING_PICTURES, RECORDING_S, filling=filling)},
        "signature": lambda: {
            STROKES: strokes.to_json(),
            NOTICE: alter_notice(
                signed_notice(
                    notice_device or device,
                    now,
                    naming.get(NOTICE, session),
                    notice_uris or uris_of_notice(session, strokes.sha256),
                    stamp,
                    key=notice_key,
                )
            ),
        },
    }
    stated = timestamp or (NoticeTimestamp.TIMESTAMPED if stamp else NoticeTimestamp.NO_SERVICE)
    steps = []
    for index, planned in enumerate(plan.steps, start=1):
        plain = {
            name: replacing.get(file_id(planned.id, name), content)
            for name, content in contents.get(planned.kind, dict)().items()
        }
        steps.append(
            DoneStep(
                planned=planned,
                facts=_facts(planned, decision, practice, unsigned, strokes, stated),
                files=tuple(
                    _seal(folder, file_id(planned.id, name), content, data_key, entropy)
                    for name, content in plain.items()
                ),
                by="C1",
                at=(now + dt.timedelta(seconds=20 * index)).isoformat(),
                elapsed_s=20.0 * index,
            )
        )
    clerk = clerk or device.person("C1")
    certificate, issuers = device.chain.to_texts()
    staff_certificate, staff_issuers = clerk.chain.to_texts()
    manifest = Manifest(
        session=session,
        previous=after.sha256 if after else None if sequence == 1 else "cd" * 32,
        device_sequence=sequence,
        plan=plan,
        practice=practice,
        place=PLACE,
        clerk="C1",
        device=DEVICE,
        certificate=certificate,
        sealed_by="C1",
        staff_certificate=staff_certificate,
        issuers=tuple(dict.fromkeys((*issuers, *staff_issuers))),
        service_number_sha256=business.service_number_sha256,
        opened_at=now.isoformat(),
        sealed_at=(now + dt.timedelta(minutes=4)).isoformat(),
        sealed_elapsed_s=240.0,
        clock_status=UNCHECKED,
        steps=tuple(steps),
        business=_seal(folder, BUSINESS, replacing.get(BUSINESS, business.canonical()), data_key, entropy),
        flags=flags_of(tuple(steps)),
        audit=AuditHead(sequence=7 * sequence, head=hashlib.sha256(session.encode()).hexdigest()),
        data_key=SealedDataKey(
            centre_key=hashlib.sha256(centre_key.public_bytes_raw()).hexdigest(),
            sealed=seal_key(data_key, centre_key, session, PLACE.hall).hex(),
        ),
    )
    package = BuiltPackage(FolderFiles(folder), manifest, data_key, device, clerk)
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
    device: EnrolledDevice,
    now: dt.datetime,
    session: str,
    uris: tuple[str, ...],
    stamp: Stamp | None = None,
    role: CertificateRole = CertificateRole.NOTICE,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """`unsigned_notice` with a PAdES signature of a one-time P-256 key for `uris` that `device` vouches for, in `role`.

    B-T with `stamp`, else B-B.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = Subject("notice", uris=uris)
    chain = issue(device.chain, device.key, key.public_key(), subject, role, now)
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
    timestamper = None if stamp is None else pdf_timestamper(stamp)
    signed = signers.sign_pdf(writer, metadata, signer=signer, timestamper=timestamper)
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


def card_reading(practice: bool) -> CardReading:
    """A resident's card, valid on any day of these tests; without its portrait."""
    record = CardRecord(
        kind=CardKind.RESIDENT,
        name="nobody",
        sex_code="2",
        nation_code="01",
        birth=dt.date(1949, 12, 31),
        address="nowhere",
        number="11010519491231002X",
        authority="somebody",
        valid_from=dt.date(2020, 1, 1),
        valid_to=dt.date(2090, 1, 1),
        long_term=False,
        raw=bytes(256),
    )
    return CardReading(record, b"", "05-03-20260101-1", ReaderIdentity("Reader", "profile", "pcsc-escape", practice))


_SCORES = {Decision.MATCHED: 0.71, Decision.DOUBTFUL: 0.4, Decision.MISMATCHED: 0.3}


def _face(decision: Decision, practice: bool) -> FaceFacts:
    return FaceFacts(
        camera=DeviceIdentity("Camera", practice),
        frames_seen=40,
        comparison=Comparison(
            decision=decision,
            score=_SCORES.get(decision),
            thresholds=Thresholds(0.5, 0.35, 0.0001, "test", "2026-01-01"),
            engine=EngineIdentity("sface", "1", {"model.onnx": "cd" * 32}),
        ),
    )


def _strokes(notice_sha256: str, practice: bool, session: str) -> Signature:
    points = tuple(PenPoint(index / 100, index / 20, 0.5, 0.5) for index in range(12))
    return Signature((points,), notice_sha256, "pen", practice, session)


def _facts(
    planned: PlannedStep,
    decision: Decision,
    practice: bool,
    unsigned: bytes,
    strokes: Signature,
    timestamp: NoticeTimestamp,
) -> StepFacts:
    """What a step of a genuine session finds out."""
    camera = DeviceIdentity("Camera", practice)
    match planned.kind:
        case "card":
            return CardFacts(
                kind=CardKind.RESIDENT,
                reader=card_reading(practice).reader,
                sam_number=card_reading(practice).sam_number,
                findings=(),
            )
        case "precheck":
            return PrecheckFacts(card_usable=True, network_check="pending", centre_reachable=True)
        case "portrait":
            text = PortraitOptions.model_validate(planned.options).consent
            return PortraitFacts(
                consent=ConsentFacts(given=True, text=text),
                liveness=LivenessFacts(models={"mesh.tflite": "1" * 64}, attempts=PICTURED),
                face=_face(decision, practice),
            )
        case "notice":
            recording = RecordingFacts(
                camera=camera,
                microphone=DeviceIdentity("Microphone", practice),
                line_starts_s=(0.0, 4.5),
                line_ends=(LineEnd.CUSTOMER, LineEnd.CLERK),
                duration_s=RECORDING_S,
                pictures=RECORDING_PICTURES,
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
                timestamp=timestamp,
            )
