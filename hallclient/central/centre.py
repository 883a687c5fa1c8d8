"""What the centre does, without HTTP: enrol devices, take sessions, inspect them, sign receipts."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hallclient.central.admission import admit
from hallclient.central.certificate_register import CertificateRegister, Named
from hallclient.central.certifying import Certifying
from hallclient.central.durable import make_folder
from hallclient.central.identity import CentreIdentity, read_identity, write_identity
from hallclient.central.keys import CentreKeys, certify, hosts_of, load_keys, make_keys
from hallclient.central.ledger import Entry, Ledger, SignedText
from hallclient.central.messages import (
    BUNDLE,
    Committed,
    Health,
    MissingPart,
    ObjectDescription,
    ObjectName,
    Registered,
    Registration,
    StaffCertified,
)
from hallclient.central.package import ReceivedPackage
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.root import Root, new_root
from hallclient.central.sender import Sender, sender_of
from hallclient.central.staff_admission import StaffAdmission
from hallclient.central.store import ObjectStore
from hallclient.central.used_invitations import UsedInvitations
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificate_issuing import LONGEST_ISSUER_DAYS
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.certificates import STAFF_ROLES, CertificateChain, CertificateRole, workstation_of
from hallclient.domain.documents import canonical, parse, sign
from hallclient.domain.enrolment import SignedEnrolment
from hallclient.domain.equipment import Workstation
from hallclient.domain.evidence import RECEIPT
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt, SentObject, judge
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.answers import Inspection
from hallclient.domain.inspection.package import Rules, inspect
from hallclient.domain.revocations import Revocations, Serial
from hallclient.domain.sealed_key import open_key
from hallclient.domain.staff_documents import StaffApplication
from hallclient.domain.staff_word import SignedWord
from hallclient.durable import sync_folder
from hallclient.rule_texts import ShippedRules

_NAME_BYTES = 64  # what a common name holds, in UTF-8
_LOCKS = 64


class Centre:
    """One receiving system in one folder. Its methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        identity: CentreIdentity,
        keys: CentreKeys,
        clock: Clock,
        entropy: Entropy,
        rules: Rules | None = None,
    ) -> None:
        """Use `Centre.create` or `Centre.open`."""
        self.keys = keys
        self._rules = rules or ShippedRules()
        self.name, self.practice = identity.name, identity.practice
        self._clock = clock
        self._register = CertificateRegister(folder / "certificates.db")
        self._certifying = Certifying(keys, self._register, identity, clock)
        self._admission = StaffAdmission(
            keys, self._register, self._certifying, UsedInvitations(folder / "invitations.db"), clock, entropy
        )
        self._ledger = Ledger(folder / "centre.db")
        self._store = ObjectStore(folder, entropy)
        # Work on one session waits for its turn; different sessions almost never share a lock.
        self._locks = tuple(Lock() for _ in range(_LOCKS))

    @classmethod
    def create(
        cls,
        folder: Path,
        name: str,
        practice: bool,
        clock: Clock,
        entropy: Entropy,
        hosts: Sequence[str] = (),
        root: Root | None = None,
        days: int = LONGEST_ISSUER_DAYS,
    ) -> "Centre":
        """Found a new centre in `folder`, which must be absent or empty: all of it is made, or nothing.

        Args:
            name: of the centre, in its certificates and receipts; at most 64 bytes of UTF-8.
            practice: it also takes sessions of practice devices, and its receipts prove nothing.
            hosts: the server's names and addresses besides this machine's own, in ASCII.
            root: certifies the centre's issuer. None for one of its own, whose key is forgotten at once.
            days: for which that is good.

        Raises input_invalid, clock_wrong.
        """
        if not _fits(name) or not all(host and host.isascii() for host in hosts):
            raise KnownError(FailureCode.INPUT_INVALID, "a centre needs a name of at most 64 bytes, and ASCII hosts")
        if folder.exists() and any(folder.iterdir()):
            raise KnownError(FailureCode.INPUT_INVALID, "a centre needs an empty folder")
        draft = folder.with_name(f".{folder.name}.{entropy.token(8).hex()}")
        make_folder(draft)
        try:
            make_keys(draft / "keys", root or new_root(name, clock, entropy), name, hosts, clock, entropy, days)
            write_identity(draft, CentreIdentity(name=name, practice=practice))
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft)
            raise
        sync_folder(folder.parent)
        return cls.open(folder, clock, entropy)

    @classmethod
    def certify(cls, folder: Path, root: Root, clock: Clock, entropy: Entropy, days: int) -> "Centre":
        """Give the centre in `folder` a new issuing key, certified by `root`, and new keys of all that hangs on it.

        A centre whose certificates have expired, or that a crash left between two of them, is whole again by this.
        Raises input_invalid when there is no centre, store_unreadable, clock_wrong.
        """
        identity = read_identity(folder)
        keys = folder / "keys"
        certify(keys, root, identity.name, hosts_of(keys), clock, entropy, days)
        return cls.open(folder, clock, entropy)

    @classmethod
    def open(cls, folder: Path, clock: Clock, entropy: Entropy, rules: Rules | None = None) -> "Centre":
        """Open what `create` made; `rules` are those that it judges by, if not the shipped ones.

        Raises input_invalid when there is no centre, store_unreadable, store_too_old.
        """
        return cls(folder, read_identity(folder), load_keys(folder / "keys"), clock, entropy, rules)

    def enrol(self, request: EnrolmentRequest, workstation: Workstation) -> SignedEnrolment:
        """Certify a device at its place, and the people who are asked for with it, for its hall.

        Raises input_invalid, also for others than administrators, unless this is a practice centre; clock_wrong.
        """
        return self._certifying.enrol(request, workstation)

    def certify_staff(
        self,
        number: str,
        role: CertificateRole,
        halls: Sequence[str],
        signing_key: Ed25519PublicKey,
        *,
        replaces: bool = False,
    ) -> CertificateChain:
        """A certificate for a person, who may work in `halls` as `role`. Raises input_invalid, clock_wrong.

        Args:
            replaces: revoke the earlier ones of this number: the person moves, or has new keys.
        """
        return self._certifying.certify_staff(number, role, halls, signing_key, replaces=replaces)

    def admit_staff(self, peer: x509.Certificate | None, application: StaffApplication) -> StaffCertified:
        """A certificate for who was invited to the hall of the device that asks; see `StaffAdmission`.

        Refuses: device_untrusted, device_revoked, staff_refused, staff_number_taken.
        """
        return self._admission.certify(workstation_of(self._device_of(peer).leaf).place.hall, application)

    def renew_staff(self, peer: x509.Certificate | None, certificate: str) -> StaffCertified:
        """Another certificate for a person of the hall of the device that asks; see `StaffAdmission`.

        Refuses: device_untrusted, device_revoked, staff_refused.
        """
        return self._admission.renew(workstation_of(self._device_of(peer).leaf).place.hall, certificate)

    def staff_word(self, number: str, hall: str) -> SignedWord:
        """Leave for one administrator to invite `number` alone, see `StaffWord`. Raises input_invalid."""
        return self._admission.word(number, hall)

    def renew_device(self, peer: x509.Certificate | None) -> SignedEnrolment:
        """The enrolment of a device anew, with another certificate for the same key and place.

        Refuses: device_untrusted, device_revoked.
        """
        return self._certifying.renew_device(self._device_of(peer))

    def revoke_device(self, device: str, reason: str, hall: str | None = None) -> tuple[Serial, ...]:
        """Revoke all certificates of the device of this name. The serial numbers.

        Raises input_invalid where there is none, or several halls have one and none is said.
        """
        return self._revoke(Named(frozenset({CertificateRole.DEVICE}), device, hall), reason)

    def revoke_staff(self, number: str, reason: str) -> tuple[Serial, ...]:
        """Revoke all certificates of a person. The serial numbers. Raises input_invalid where there is none."""
        return self._revoke(Named(STAFF_ROLES, number), reason)

    def revoke_serial(self, serial: Serial, reason: str) -> None:
        """Revoke one certificate, whether the register knows it or not."""
        self._certifying.revoke((serial,), reason)

    def revocations(self) -> Revocations:
        """What is revoked."""
        return self._certifying.revocations()

    def _revoke(self, named: Named, reason: str) -> tuple[Serial, ...]:
        serials = self._register.serials_of(named)
        if not serials:
            raise KnownError(FailureCode.INPUT_INVALID, "no certificate of this name that is not revoked")
        self._certifying.revoke(serials, reason)
        return serials

    def health(self) -> Health:
        """Who this is, and what time it is here."""
        return Health(centre=self.name, practice=self.practice, time=self._now(), revocations=self.revocations().number)

    def sender_of(self, certificate: x509.Certificate | None) -> Sender:
        """The device that a TLS peer's certificate stands for. Refuses: device_untrusted, device_revoked."""
        return sender_of(self._device_of(certificate).leaf)

    def _device_of(self, certificate: x509.Certificate | None) -> CertificateChain:
        now = self._clock.now()
        chain = None if certificate is None else self.keys.chain_of(certificate)
        if chain is None or not chain.is_issued_for(CertificateRole.DEVICE, self.keys.roots, now):
            raise RefusalError(RefusalCode.DEVICE_UNTRUSTED, "not the certificate of an enrolled device")
        if chain.revoked_at(self.revocations()) is not None:
            raise RefusalError(RefusalCode.DEVICE_REVOKED, "revoked")
        return chain

    def register(self, sender: Sender, session: str, registration: Registration) -> Registered:
        """Take a session's manifest and say which parts of its objects are missing.

        Refuses: manifest_refused, device_differs, practice_package, objects_refused, other_content, sequence_taken;
        corrected_missing until the session that it corrects was received from the same device, corrected_differs where
        that is about another business.
        """
        manifest = admit(sender, session, registration, self.keys.roots, self._rules, self.practice)
        if manifest.corrects is not None:
            self._require_corrected(sender, manifest, manifest.corrects)
        text = canonical(registration.model_dump(mode="json")).decode()
        entry = Entry(session, sender, manifest.device_sequence, text)
        with self._lock(session):
            self._ledger.register(entry, self._now())
            if self._ledger.receipt(session) is not None:
                return Registered(missing=[])
            return Registered(missing=self._missing(session, registration))

    def _require_corrected(self, sender: Sender, manifest: Manifest, corrected: str) -> None:
        try:
            first = parse(Manifest, self._registration(corrected, sender).manifest.encode())
        except RefusalError:
            raise RefusalError(RefusalCode.CORRECTED_MISSING, "not received from this device") from None
        if self._ledger.receipt(corrected) is None:
            raise RefusalError(RefusalCode.CORRECTED_MISSING, "not received yet")
        if first.plan.scene != manifest.plan.scene or first.plan.persons != manifest.plan.persons:
            raise RefusalError(RefusalCode.CORRECTED_DIFFERS, "the session that is corrected is about something else")

    def put_part(self, sender: Sender, session: str, name: ObjectName, number: int, body: bytes, sha256: str) -> None:
        """Take one part; again is harmless. Refuses: session_unknown, part_unknown, part_differs."""
        registration = self._registration(session, sender)
        parts = [part for item in registration.objects if item.name == name for part in item.parts]
        if number > len(parts):
            raise RefusalError(RefusalCode.PART_UNKNOWN, f"{name} part {number}")
        part = parts[number - 1]
        if part.sha256 != sha256:
            raise RefusalError(RefusalCode.PART_DIFFERS, f"{name} part {number}")
        with self._lock(session):
            if self._ledger.receipt(session) is None:
                self._store.put(session, name, part, body)

    def commit(self, sender: Sender, session: str) -> Committed:
        """Inspect the whole package and sign for it. Repeating it gives the same receipt, byte for byte.

        A package that does not hold is refused and forgotten, so that a mended one can come under the same id.
        Refuses: session_unknown, parts_missing, object_differs, bundle_malformed, data_key_unreadable, package_refused.
        """
        registration = self._registration(session, sender)
        with self._lock(session):
            receipt = self._ledger.receipt(session)
            if receipt is None:
                receipt = self._receive(session, registration)
            self._store.drop_parts(session)
        return Committed(receipt=receipt.text, signature=receipt.signature)

    def _receive(self, session: str, registration: Registration) -> SignedText:
        missing = self._missing(session, registration)
        if missing:
            raise RefusalError(RefusalCode.PARTS_MISSING, f"{len(missing)} parts")
        try:
            paths = {item.name: self._store.assemble(session, item) for item in registration.objects}
            inspection = self._inspect(registration, paths)
        except RefusalError:
            self._store.drop(session)  # first: a mended package must not meet the parts of a bad one
            self._ledger.forget(session)
            raise
        receipt = self._sign(inspection, registration.objects)
        # Stored in one durable step. A crash before it leaves the parts, and the next commit does all of this again.
        self._ledger.commit(session, receipt[0], receipt[1])
        return receipt[0]

    def _inspect(self, registration: Registration, paths: dict[str, Path]) -> Inspection:
        data = registration.manifest.encode()
        package = ReceivedPackage(
            data,
            bytes.fromhex(registration.signature),
            {name: path for name, path in paths.items() if name != BUNDLE},
            paths[BUNDLE],
        )
        inspection = inspect(package, self.keys.roots, self._rules, self._data_key(parse(Manifest, data)))
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
        certificate, issuers = self.keys.receipt.to_texts()
        receipt = Receipt(
            session=manifest.session,
            manifest_sha256=manifest.sha256,
            objects=tuple(SentObject(name=item.name, bytes=item.bytes, sha256=item.sha256) for item in objects),
            outcome=judge(manifest, inspection.review),
            practice=self.practice,
            centre=self.name,
            received_at=self._now(),
            certificate=certificate,
            issuers=issuers,
        )
        data = receipt.canonical()
        return SignedText(data.decode(), sign(self.keys.receipt_key, RECEIPT, data).hex()), receipt.outcome

    def _missing(self, session: str, registration: Registration) -> list[MissingPart]:
        return [
            MissingPart(
                object=item.name,
                number=part.number,
                url=f"/v1/sessions/{session}/objects/{item.name}/parts/{part.number}",
            )
            for item in registration.objects
            for part in self._store.missing(session, item)
        ]

    def _registration(self, session: str, sender: Sender) -> Registration:
        return Registration.model_validate_json(self._ledger.registration(session, sender))

    def _lock(self, session: str) -> Lock:
        return self._locks[hash(session) % _LOCKS]

    def _now(self) -> str:
        return self._clock.now().isoformat()


def _fits(name: str) -> bool:
    return name.isprintable() and 1 <= len(name.encode()) <= _NAME_BYTES
