"""What the centre does, without HTTP: enrol devices, take sessions, inspect them, sign receipts."""

import datetime as dt
import hashlib
import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.central.admission import admit
from hallclient.central.durable import make_folder, write_new
from hallclient.central.keys import CentreKeys, load_keys, make_keys
from hallclient.central.ledger import Entry, Ledger, SignedText, UploadLimits
from hallclient.central.messages import (
    BUNDLE,
    Committed,
    Enrolment,
    Health,
    MissingPart,
    ObjectDescription,
    ObjectName,
    Registered,
    Registration,
)
from hallclient.central.package import ReceivedPackage
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender, sender_of
from hallclient.central.store import ObjectStore
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificates import CertificateRole, is_issued_by, issue, to_text
from hallclient.domain.documents import canonical, parse, sign
from hallclient.domain.equipment import Workstation
from hallclient.domain.evidence import RECEIPT
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt, SentObject, judge
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.answers import Inspection
from hallclient.domain.inspection.package import Rules, inspect
from hallclient.domain.sealed_key import open_key
from hallclient.domain.set_up_names import must_be_workstation
from hallclient.durable import sync_folder
from hallclient.regular_file import read_regular
from hallclient.rule_texts import ShippedRules

_NAME_BYTES = 64  # what a common name holds, in UTF-8
_LOCKS = 64
_OF = "."
_LARGEST_BYTES = 64 * 1024  # of centre.json, which has some hundred

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Identity:
    name: str
    practice: bool


class Centre:
    """One receiving system in one folder. Its methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        identity: _Identity,
        keys: CentreKeys,
        clock: Clock,
        rules: Rules | None = None,
        limits: UploadLimits | None = None,
    ) -> None:
        """Use `Centre.create` or `Centre.open`."""
        self.folder = folder
        self._limits = limits or UploadLimits()
        self.keys = keys
        self._rules = rules or ShippedRules()
        self.name, self.practice = identity.name, identity.practice
        self._clock = clock
        self._ledger = Ledger(folder / "centre.db")
        self._store = ObjectStore(folder)
        # Work on one session waits for its turn; different sessions almost never share a lock.
        self._locks = tuple(Lock() for _ in range(_LOCKS))

    @classmethod
    def create(
        cls, folder: Path, name: str, practice: bool, clock: Clock, entropy: Entropy, hosts: Sequence[str] = ()
    ) -> "Centre":
        """Found a new centre in `folder`, which must be absent or empty: all of it is made, or nothing.

        Args:
            name: of the centre, in its certificates and receipts; at most 64 bytes of UTF-8.
            practice: it also takes sessions of practice devices, and its receipts prove nothing.
            hosts: the server's names and addresses besides this machine's own, in ASCII.

        Raises input_invalid.
        """
        if not _fits(name) or not all(host and host.isascii() for host in hosts):
            raise KnownError(FailureCode.INPUT_INVALID, "a centre needs a name of at most 64 bytes, and ASCII hosts")
        if folder.exists() and any(folder.iterdir()):
            raise KnownError(FailureCode.INPUT_INVALID, "a centre needs an empty folder")
        draft = folder.with_name(f".{folder.name}.{entropy.token(8).hex()}")
        make_folder(draft)
        try:
            make_keys(draft / "keys", name, hosts, clock, entropy)
            write_new(draft / "centre.json", [canonical({"name": name, "practice": practice})], "new")
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft)
            raise
        sync_folder(folder.parent)
        return cls.open(folder, clock, entropy)

    @classmethod
    def open(
        cls,
        folder: Path,
        clock: Clock,
        entropy: Entropy,  # noqa: ARG003  # as `create`
        rules: Rules | None = None,
        limits: UploadLimits | None = None,
    ) -> "Centre":
        """Open what `create` made; `rules` are those that it judges by, if not the shipped ones.

        Raises input_invalid when there is no centre, store_unreadable, store_too_old.
        """
        try:
            stored = json.loads(read_regular(folder / "centre.json", _LARGEST_BYTES))
            identity = _Identity(str(stored["name"]), bool(stored["practice"]))
        except FileNotFoundError:
            raise KnownError(FailureCode.INPUT_INVALID, "there is no centre in this folder") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnownError(FailureCode.STORE_UNREADABLE, f"centre.json: {type(error).__name__}") from None
        return cls(folder, identity, load_keys(folder / "keys"), clock, rules, limits)

    def enrol(self, request: bytes | Ed25519PublicKey, workstation: Workstation) -> Enrolment:
        """Issue a certificate to a device at its place.

        Args:
            request: a certificate request in PEM, or the device's public key itself.

        Raises input_invalid.
        """
        must_be_workstation(workstation)
        key = request if isinstance(request, Ed25519PublicKey) else _requested_key(request)
        certificate = issue(
            self.keys.root,
            self.keys.root_key,
            key,
            workstation.device,
            CertificateRole.DEVICE,
            self._clock.now(),
            place=workstation.place,
        )
        return Enrolment(
            certificate_pem=certificate.public_bytes(Encoding.PEM).decode(),
            root_pem=self.keys.root.public_bytes(Encoding.PEM).decode(),
            centre_key=self.keys.data_key.public_key().public_bytes_raw().hex(),
            centre=self.name,
            practice=self.practice,
        )

    def health(self) -> Health:
        """Who this is, and what time it is here."""
        return Health(centre=self.name, practice=self.practice, time=self._now())

    def sender_of(self, certificate: x509.Certificate | None) -> Sender:
        """The device that a TLS peer's certificate stands for. Refuses device_untrusted."""
        now = self._clock.now()
        if certificate is None or not is_issued_by(certificate, [self.keys.root], CertificateRole.DEVICE, now):
            raise RefusalError(RefusalCode.DEVICE_UNTRUSTED, "not the certificate of an enrolled device")
        return sender_of(certificate)

    def register(self, sender: Sender, session: str, registration: Registration) -> Registered:
        """Take a session's manifest and say which parts of its objects are missing.

        Refuses: manifest_refused, device_differs, practice_package, objects_refused, other_content, sequence_taken,
        uploads_unfinished, storage_full; corrected_missing until the session that it corrects was received from the
        same device, corrected_differs where that is about another business.
        """
        manifest = admit(sender, session, registration, self.keys.root, self._rules, self.practice)
        if manifest.corrects is not None:
            self._require_corrected(sender, manifest, manifest.corrects)
        text = canonical(registration.model_dump(mode="json")).decode()
        announced_bytes = sum(item.bytes for item in registration.objects)
        entry = Entry(session, sender, manifest.device_sequence, text, announced_bytes)
        upload = _upload(session, sender)
        with self._lock(upload):
            if self._ledger.receipt(session, sender) is None:
                self._store.require_room(self._store.missing_bytes(upload, registration.objects))
            self._ledger.register(entry, self._now(), self._limits)
            if self._ledger.receipt(session, sender) is not None:
                return Registered(missing=[])
            return Registered(missing=self._missing(session, upload, registration))

    def _require_corrected(self, sender: Sender, manifest: Manifest, corrected: str) -> None:
        try:
            first = parse(Manifest, self._registration(corrected, sender).manifest.encode())
        except RefusalError:
            raise RefusalError(RefusalCode.CORRECTED_MISSING, "not received from this device") from None
        if self._ledger.receipt(corrected, sender) is None:
            raise RefusalError(RefusalCode.CORRECTED_MISSING, "not received yet")
        if first.plan.scene != manifest.plan.scene or first.plan.persons != manifest.plan.persons:
            raise RefusalError(RefusalCode.CORRECTED_DIFFERS, "the session that is corrected is about something else")

    def put_part(self, sender: Sender, session: str, name: ObjectName, number: int, body: bytes, sha256: str) -> None:
        """Take one part; again is harmless. Refuses: session_unknown, part_unknown, part_differs, storage_full."""
        registration = self._registration(session, sender)
        parts = [part for item in registration.objects if item.name == name for part in item.parts]
        if number > len(parts):
            raise RefusalError(RefusalCode.PART_UNKNOWN, f"{name} part {number}")
        part = parts[number - 1]
        if part.sha256 != sha256:
            raise RefusalError(RefusalCode.PART_DIFFERS, f"{name} part {number}")
        upload = _upload(session, sender)
        with self._lock(upload):
            self._registration(session, sender)  # again: it may have been cleared meanwhile
            if self._ledger.receipt(session, sender) is None:
                self._store.put(upload, name, part, body)

    def commit(self, sender: Sender, session: str) -> Committed:
        """Inspect the whole package and sign for it. Repeating it gives the same receipt, byte for byte.

        A package that does not hold is refused and forgotten, so that a mended one can come under the same id.
        Refuses: session_unknown, parts_missing, object_differs, bundle_malformed, data_key_unreadable, package_refused.
        """
        upload = _upload(session, sender)
        with self._lock(upload):
            registration = self._registration(session, sender)
            receipt = self._ledger.receipt(session, sender)
            if receipt is None:
                receipt = self._receive(session, sender, registration)
            self._store.drop_parts(upload)
        return Committed(receipt=receipt.text, signature=receipt.signature)

    def clear_unfinished(self) -> None:
        """Forget what was announced long ago and never finished, and what crashes left. For the one that serves."""
        before = (self._clock.now() - dt.timedelta(seconds=self._limits.age_s)).isoformat()
        for session, sender in self._ledger.unfinished_since(before):
            with self._lock(_upload(session, sender)):
                if (session, sender) in self._ledger.unfinished_since(before):  # it was not announced again meanwhile
                    self._forget(session, sender)
                    _log.info("session %s was never finished and is forgotten", session)
        for upload in self._store.begun():
            session, _, device = upload.partition(_OF)
            with self._lock(upload):
                if self._ledger.receipt(session, Sender(device)) is not None:
                    self._store.drop_parts(upload)

    def _forget(self, session: str, sender: Sender) -> None:
        """The files first: a mended package must not meet the parts of a bad one, and no file is without its row."""
        self._store.drop(_upload(session, sender))
        self._ledger.forget(session, sender)

    def _receive(self, session: str, sender: Sender, registration: Registration) -> SignedText:
        upload = _upload(session, sender)
        missing = self._missing(session, upload, registration)
        if missing:
            raise RefusalError(RefusalCode.PARTS_MISSING, f"{len(missing)} parts")
        try:
            paths = {item.name: self._store.assemble(upload, item) for item in registration.objects}
            inspection = self._inspect(registration, paths)
        except RefusalError:
            self._forget(session, sender)
            raise
        receipt = self._sign(inspection, registration.objects)
        # Stored in one durable step. A crash before it leaves the objects, and the next commit does all of this again.
        self._ledger.commit(session, sender, receipt[0], receipt[1])
        return receipt[0]

    def _inspect(self, registration: Registration, paths: dict[str, Path]) -> Inspection:
        data = registration.manifest.encode()
        package = ReceivedPackage(
            data,
            bytes.fromhex(registration.signature),
            {name: path for name, path in paths.items() if name != BUNDLE},
            paths[BUNDLE],
        )
        inspection = inspect(package, [self.keys.root], self._rules, self._data_key(parse(Manifest, data)))
        if not inspection.holds:
            raise RefusalError(
                RefusalCode.PACKAGE_REFUSED, "; ".join(f"{it.file}: {it.question}" for it in inspection.failed)
            )
        return inspection

    def _data_key(self, manifest: Manifest) -> bytes:
        own = self.keys.data_key
        if manifest.data_key.centre_key != hashlib.sha256(own.public_key().public_bytes_raw()).hexdigest():
            raise RefusalError(RefusalCode.DATA_KEY_UNREADABLE, "sealed for another centre")
        try:
            return open_key(bytes.fromhex(manifest.data_key.sealed), own, manifest.session, manifest.place.hall)
        except (KnownError, ValueError):
            raise RefusalError(RefusalCode.DATA_KEY_UNREADABLE, "does not open") from None

    def _sign(self, inspection: Inspection, objects: list[ObjectDescription]) -> tuple[SignedText, str]:
        """The receipt, and its outcome."""
        manifest = inspection.manifest
        if manifest is None:
            raise RefusalError(RefusalCode.PACKAGE_REFUSED, "no manifest")
        receipt = Receipt(
            session=manifest.session,
            manifest_sha256=manifest.sha256,
            objects=tuple(SentObject(name=item.name, bytes=item.bytes, sha256=item.sha256) for item in objects),
            outcome=judge(manifest, inspection.review),
            practice=self.practice,
            centre=self.name,
            received_at=self._now(),
            certificate=to_text(self.keys.receipt),
        )
        data = receipt.canonical()
        return SignedText(data.decode(), sign(self.keys.receipt_key, RECEIPT, data).hex()), receipt.outcome

    def _missing(self, session: str, upload: str, registration: Registration) -> list[MissingPart]:
        return [
            MissingPart(
                object=item.name,
                number=part.number,
                url=f"/v1/sessions/{session}/objects/{item.name}/parts/{part.number}",
            )
            for item in registration.objects
            for part in self._store.missing(upload, item)
        ]

    def _registration(self, session: str, sender: Sender) -> Registration:
        return Registration.model_validate_json(self._ledger.registration(session, sender))

    def _lock(self, upload: str) -> Lock:
        return self._locks[hash(upload) % _LOCKS]

    def _now(self) -> str:
        return self._clock.now().isoformat()


def _upload(session: str, sender: Sender) -> str:
    """The name under which a session of a device lies in the store."""
    return f"{session}{_OF}{sender}"


def _fits(name: str) -> bool:
    return name.isprintable() and 1 <= len(name.encode()) <= _NAME_BYTES


def _requested_key(request: bytes) -> Ed25519PublicKey:
    try:
        parsed = x509.load_pem_x509_csr(request)
        signed, key = parsed.is_signature_valid, parsed.public_key()
    except ValueError:
        raise KnownError(FailureCode.INPUT_INVALID, "not a certificate request") from None
    if not signed or not isinstance(key, Ed25519PublicKey):
        raise KnownError(FailureCode.INPUT_INVALID, "a certificate request needs an Ed25519 key and its signature")
    return key
