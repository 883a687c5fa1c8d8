"""The centre's issuer at work: it certifies devices and people, and revokes what it certified."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hallclient.central.certificate_register import CertificateRegister, Named, Used
from hallclient.central.identity import CentreIdentity
from hallclient.central.keys import CentreKeys
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.devices import Clock
from hallclient.domain.certificate_issuing import Subject, issue
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.certificates import (
    STAFF_ROLES,
    CertificateChain,
    CertificateRole,
    halls_of,
    name_of,
    public_key_of,
    to_text,
    workstation_of,
)
from hallclient.domain.enrolment import (
    Enrolment,
    SignedEnrolment,
    StaffCertificate,
    sign_enrolment,
)
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import Revocations, Serial, sign_revocations
from hallclient.domain.set_up_names import must_be_name, must_be_number, must_be_workstation

_MOST_HALLS = 200  # in one certificate
_SIGNED_ANEW_AFTER = dt.timedelta(days=1)  # a list that is fresh for a week


class Certifying:
    """Used by `Centre`, from any thread."""

    def __init__(
        self,
        keys: CentreKeys,
        register: CertificateRegister,
        identity: CentreIdentity,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._register = register
        self._identity = identity
        self._clock = clock
        self._held: Revocations | None = None  # the newest list; nothing in it is secret
        self._signing = Lock()

    def enrol(self, request: EnrolmentRequest, workstation: Workstation) -> SignedEnrolment:
        """See `Centre.enrol`."""
        for person in request.staff:
            if person.role is not CertificateRole.ADMINISTRATOR and not self._identity.practice:
                raise KnownError(FailureCode.INPUT_INVALID, "with a device only administrators are certified")
        device = self._device(request.device_key, workstation)
        hall = workstation.place.hall
        people = [(it.number, self.certify_staff(it.number, it.role, (hall,), it.key)) for it in request.staff]
        return self._enrolment(workstation, device, people)

    def renew_device(self, peer: CertificateChain) -> SignedEnrolment:
        """The same key and place again. Refuses: device_revoked."""
        workstation = workstation_of(peer.leaf)
        device = self._device(public_key_of(peer.leaf), workstation, renews=peer.leaf)
        return self._enrolment(workstation, device, [])

    def certify_staff(
        self,
        number: str,
        role: CertificateRole,
        halls: Sequence[str],
        signing_key: Ed25519PublicKey,
        *,
        replaces: Named | None = None,
        used: Callable[[CertificateChain], Used] | None = None,
    ) -> CertificateChain:
        """See `Centre.certify_staff`.

        Args:
            replaces: the earlier ones that are revoked.
            used: what is written down with the certificate, as one.
        """
        must_be_number("staff number", number)
        if role not in STAFF_ROLES:
            raise KnownError(FailureCode.INPUT_INVALID, "not a role of staff")
        if not 1 <= len(halls) <= _MOST_HALLS:
            raise KnownError(FailureCode.INPUT_INVALID, f"1 to {_MOST_HALLS} halls")
        for hall in halls:
            must_be_name("hall", hall)
        earlier = self._register.serials_of(replaces) if replaces else ()
        if earlier:  # before there is another one: who asks again, after a crash between, still gets it
            self.revoke(earlier, "superseded")
        return self._issue(signing_key, Subject(number, halls=tuple(dict.fromkeys(halls))), role, used=used)

    def renew_staff(self, certificate: x509.Certificate, role: CertificateRole) -> CertificateChain:
        """The same key, number and halls again. Refuses: staff_refused, where it is revoked meanwhile."""
        subject = Subject(name_of(certificate), halls=tuple(sorted(halls_of(certificate))))
        return self._issue(public_key_of(certificate), subject, role, certificate)

    def revoke(self, serials: tuple[Serial, ...], reason: str) -> Revocations:
        """Revoke certificates from now on; those that were revoked stay so since then."""
        with self._signing:
            self._held = self._register.revoke(serials, self._clock.now(), reason, self._sign_list)
            return self._held

    def revocations(self) -> Revocations:
        """The newest list, whoever of the centre's processes signed it."""
        number = self._register.newest_number()
        held = self._held
        if held is None or held.number != number:
            pem = self._register.newest_list()
            held = None if pem is None else Revocations.from_pem(pem)
        if held is None or not self._is_fresh(held):
            with self._signing:
                held = self._register.sign_anew(0 if held is None else held.number, self._sign_list) or held
        self._held = held
        # None only where another process signed the first list just now.
        return held if held is not None else self.revocations()

    def _is_fresh(self, held: Revocations) -> bool:
        age = self._clock.now() - held.issued_at
        return age < _SIGNED_ANEW_AFTER and held.signed_by.leaf == self._keys.issuer.leaf

    def _sign_list(self, revoked: Mapping[Serial, dt.datetime], number: int) -> Revocations:
        return sign_revocations(self._keys.issuer, self._keys.issuer_key, revoked, number, self._clock.now())

    def _device(
        self, key: Ed25519PublicKey, workstation: Workstation, renews: x509.Certificate | None = None
    ) -> CertificateChain:
        must_be_workstation(workstation)
        subject = Subject(workstation.device, place=workstation.place)
        return self._issue(key, subject, CertificateRole.DEVICE, renews)

    def _issue(
        self,
        key: Ed25519PublicKey,
        subject: Subject,
        role: CertificateRole,
        renews: x509.Certificate | None = None,
        used: Callable[[CertificateChain], Used] | None = None,
    ) -> CertificateChain:
        now = self._clock.now()
        chain = issue(self._keys.issuer, self._keys.issuer_key, key, subject, role, now)
        if not self._register.add(chain.leaf, now, renews=renews, used=used(chain) if used else None):
            code = RefusalCode.STAFF_REFUSED if role in STAFF_ROLES else RefusalCode.DEVICE_REVOKED
            raise RefusalError(code, "revoked")
        return chain

    def _enrolment(
        self, workstation: Workstation, device: CertificateChain, people: Sequence[tuple[str, CertificateChain]]
    ) -> SignedEnrolment:
        certificate, issuers = device.to_texts()
        signer, signer_issuers = self._keys.receipt.to_texts()
        enrolment = Enrolment(
            centre=self._identity.name,
            practice=self._identity.practice,
            addresses=self._identity.addresses,
            roots=tuple(to_text(root) for root in self._keys.roots),
            place=workstation.place,
            device=workstation.device,
            certificate=certificate,
            staff=tuple(StaffCertificate(number=number, certificate=to_text(chain.leaf)) for number, chain in people),
            issuers=tuple(dict.fromkeys((*issuers, *signer_issuers))),
            data_key=self._keys.data_key.public_key().public_bytes_raw().hex(),
            settings=self._identity.settings,
            signer=signer,
            issued_at=self._clock.now().isoformat(),
        )
        return sign_enrolment(enrolment, self._keys.receipt_key)
