"""What the centre does, without HTTP: enrol devices, take sessions, inspect them, sign receipts."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.central.comparison import Comparisons, PictureEngine
from hallclient.central.durable import make_folder, write_new
from hallclient.central.judging import Judge, KnownStaff
from hallclient.central.keys import CentreKeys, load_keys, make_keys
from hallclient.central.ledger import Ledger, UploadLimits
from hallclient.central.messages import (
    Committed,
    DeviceAudit,
    Enrolment,
    Health,
    ObjectName,
    Registered,
    Registration,
)
from hallclient.central.policy import Policy, policy_from
from hallclient.central.reception import Identity, Reception
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.central.sender import Sender, sender_of
from hallclient.central.store import ObjectStore
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificates import CertificateRole, is_issued_by, issue
from hallclient.domain.documents import canonical
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import Rules
from hallclient.domain.set_up_names import must_be_workstation
from hallclient.durable import sync_folder
from hallclient.regular_file import read_regular
from hallclient.rule_texts import ShippedRules

_NAME_BYTES = 64  # what a common name holds, in UTF-8
_LARGEST_BYTES = 64 * 1024  # of centre.json, which has some hundred


class Centre:
    """One receiving system in one folder. Its methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        keys: CentreKeys,
        clock: Clock,
        rules: Rules,
        judge: Judge,
        limits: UploadLimits,
    ) -> None:
        """Use `Centre.create` or `Centre.open`."""
        self.folder = folder
        self.keys = keys
        self.name, self.practice = identity.name, identity.practice
        self._clock = clock
        ledger, store = Ledger(folder / "centre.db"), ObjectStore(folder)
        self._reception = Reception(identity, keys, ledger, store, rules, judge, clock, limits)

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
        engine: Callable[[Policy], PictureEngine | None] = lambda _: None,
        staff: KnownStaff | None = None,
        limits: UploadLimits | None = None,
    ) -> "Centre":
        """Open what `create` made.

        Args:
            rules: the packs and texts that it judges by, if not the shipped ones.
            engine: makes what compares pictures by the centre's policy; None where nothing here can.
            staff: whom it has certified, where that is asked.
            limits: how much may be announced and not finished.

        Raises input_invalid when there is no centre, store_unreadable, store_too_old.
        """
        try:
            stored = json.loads(read_regular(folder / "centre.json", _LARGEST_BYTES))
            identity = Identity(str(stored["name"]), bool(stored["practice"]))
            judging = stored.get("judging", {})
        except FileNotFoundError:
            raise KnownError(FailureCode.INPUT_INVALID, "there is no centre in this folder") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise KnownError(FailureCode.STORE_UNREADABLE, f"centre.json: {type(error).__name__}") from None
        policy = policy_from(judging)
        comparing = None if policy.compares is False else engine(policy)
        comparisons = None if comparing is None else Comparisons(comparing, clock.monotonic)
        judge = Judge(policy, comparisons, staff)
        keys = load_keys(folder / "keys")
        return cls(folder, identity, keys, clock, rules or ShippedRules(), judge, limits or UploadLimits())

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


def _requested_key(request: bytes) -> Ed25519PublicKey:
    try:
        parsed = x509.load_pem_x509_csr(request)
        signed, key = parsed.is_signature_valid, parsed.public_key()
    except ValueError:
        raise KnownError(FailureCode.INPUT_INVALID, "not a certificate request") from None
    if not signed or not isinstance(key, Ed25519PublicKey):
        raise KnownError(FailureCode.INPUT_INVALID, "a certificate request needs an Ed25519 key and its signature")
    return key
