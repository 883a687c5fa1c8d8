"""What the centre does, without HTTP: enrol devices, take sessions, inspect them, sign receipts."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hallclient.central.certificate_register import CertificateRegister, Named
from hallclient.central.certifying import Certifying
from hallclient.central.comparison import Comparisons, PictureEngine
from hallclient.central.durable import make_folder
from hallclient.central.identity import CentreIdentity, read_identity, write_identity
from hallclient.central.judging import Judge
from hallclient.central.keys import CentreKeys, certify, hosts_of, load_keys, make_keys
from hallclient.central.ledger import Ledger, UploadLimits
from hallclient.central.messages import (
    Committed,
    DeviceAudit,
    Health,
    ObjectName,
    Registered,
    Registration,
    StaffCertified,
)
from hallclient.central.policy import Policy, policy_from
from hallclient.central.reception import Reception
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.root import Root, new_root
from hallclient.central.sender import Sender, sender_of
from hallclient.central.staff_admission import StaffAdmission
from hallclient.central.store import ObjectStore
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificate_issuing import LONGEST_ISSUER_DAYS
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.certificates import STAFF_ROLES, CertificateChain, CertificateRole, workstation_of
from hallclient.domain.enrolment import SignedEnrolment
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import Rules
from hallclient.domain.revocations import Revocations, Serial
from hallclient.domain.staff_documents import StaffApplication
from hallclient.domain.staff_word import SignedWord
from hallclient.durable import sync_folder
from hallclient.rule_texts import ShippedRules

_NAME_BYTES = 64  # what a common name holds, in UTF-8


class Centre:
    """One receiving system in one folder. Its methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        identity: CentreIdentity,
        keys: CentreKeys,
        clock: Clock,
        entropy: Entropy,
        rules: Rules,
        engine: Callable[[Policy], PictureEngine | None],
        limits: UploadLimits,
    ) -> None:
        """Use `Centre.create` or `Centre.open`."""
        self.folder = folder
        self.keys = keys
        self.name, self.practice, self.settings = identity.name, identity.practice, identity.settings
        self._clock = clock
        self._register = CertificateRegister(folder / "certificates.db")
        self._certifying = Certifying(keys, self._register, identity, clock)
        self._admission = StaffAdmission(keys, self._register, self._certifying, clock, entropy)
        policy = policy_from(identity.judging)
        comparing = None if policy.compares is False else engine(policy)
        comparisons = None if comparing is None else Comparisons(comparing, clock.monotonic)
        judge = Judge(policy, comparisons, self._register, self.revocations)
        ledger, store = Ledger(folder / "centre.db"), ObjectStore(folder)
        self._reception = Reception(identity, keys, ledger, store, rules, judge, clock, limits, self.revocations)

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
    def open(
        cls,
        folder: Path,
        clock: Clock,
        entropy: Entropy,  # as `create`
        rules: Rules | None = None,
        engine: Callable[[Policy], PictureEngine | None] = lambda _: None,
        limits: UploadLimits | None = None,
    ) -> "Centre":
        """Open what `create` made.

        Args:
            rules: the packs and texts that it judges by, if not the shipped ones.
            engine: makes what compares pictures by the centre's policy; None where nothing here can.
            limits: how much may be announced and not finished.

        Raises input_invalid when there is no centre, store_unreadable, store_too_old.
        """
        identity, keys = read_identity(folder), load_keys(folder / "keys")
        judged_by, limited = rules or ShippedRules(), limits or UploadLimits()
        return cls(folder, identity, keys, clock, entropy, judged_by, engine, limited)

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
        earlier = Named(STAFF_ROLES, number) if replaces else None
        return self._certifying.certify_staff(number, role, halls, signing_key, replaces=earlier)

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
        """As `Reception.register`."""
        return self._reception.register(sender, session, registration)

    def put_part(self, sender: Sender, session: str, name: ObjectName, number: int, body: bytes, sha256: str) -> None:
        """As `Reception.put_part`."""
        self._reception.put_part(sender, session, name, number, body, sha256)

    def clear_unfinished(self) -> None:
        """As `Reception.clear_unfinished`."""
        self._reception.clear_unfinished()

    def commit(self, sender: Sender, session: str, sent_at: str | None = None) -> Committed:
        """As `Reception.commit`."""
        return self._reception.commit(sender, session, sent_at)

    def audit(self, sender: Sender, after: int) -> DeviceAudit:
        """As `Reception.audit`."""
        return self._reception.audit(sender, after)

    def _now(self) -> str:
        return self._clock.now().isoformat()


def _fits(name: str) -> bool:
    return name.isprintable() and 1 <= len(name.encode()) <= _NAME_BYTES
