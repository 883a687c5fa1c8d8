"""Certifies devices and people, as the centre's issuer."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hallclient.central.keys import CentreKeys
from hallclient.devices import Clock
from hallclient.domain.certificate_issuing import Subject, issue
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.certificates import STAFF_ROLES, CertificateChain, CertificateRole, to_text
from hallclient.domain.enrolment import (
    Enrolment,
    EnrolmentSettings,
    SignedEnrolment,
    StaffCertificate,
    sign_enrolment,
)
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.set_up_names import must_be_name, must_be_number, must_be_workstation

_MOST_HALLS = 200  # in one certificate


class Certifying:
    """The issuer at work."""

    def __init__(self, keys: CentreKeys, centre: str, practice: bool, clock: Clock) -> None:
        self._keys = keys
        self._centre, self._practice = centre, practice
        self._clock = clock

    def enrol(
        self, request: EnrolmentRequest, workstation: Workstation, settings: EnrolmentSettings | None
    ) -> SignedEnrolment:
        """See `Centre.enrol`."""
        must_be_workstation(workstation)
        for person in request.staff:
            if person.role is not CertificateRole.ADMINISTRATOR and not self._practice:
                raise KnownError(FailureCode.INPUT_INVALID, "with a device only administrators are certified")
        hall = workstation.place.hall
        device = self._issue(
            request.device_key, Subject(workstation.device, place=workstation.place), CertificateRole.DEVICE
        )
        people = [(it.number, self.certify_staff(it.number, it.role, (hall,), it.key)) for it in request.staff]
        certificate, issuers = device.to_texts()
        signer, signer_issuers = self._keys.receipt.to_texts()
        enrolment = Enrolment(
            centre=self._centre,
            practice=self._practice,
            roots=tuple(to_text(root) for root in self._keys.roots),
            place=workstation.place,
            device=workstation.device,
            certificate=certificate,
            staff=tuple(StaffCertificate(number=number, certificate=to_text(chain.leaf)) for number, chain in people),
            issuers=tuple(dict.fromkeys((*issuers, *signer_issuers))),
            data_key=self._keys.data_key.public_key().public_bytes_raw().hex(),
            settings=settings or EnrolmentSettings(),
            signer=signer,
            issued_at=self._clock.now().isoformat(),
        )
        return sign_enrolment(enrolment, self._keys.receipt_key)

    def certify_staff(
        self, number: str, role: CertificateRole, halls: Sequence[str], signing_key: Ed25519PublicKey
    ) -> CertificateChain:
        """See `Centre.certify_staff`."""
        must_be_number("staff number", number)
        if role not in STAFF_ROLES:
            raise KnownError(FailureCode.INPUT_INVALID, "not a role of staff")
        if not 1 <= len(halls) <= _MOST_HALLS:
            raise KnownError(FailureCode.INPUT_INVALID, f"1 to {_MOST_HALLS} halls")
        for hall in halls:
            must_be_name("hall", hall)
        return self._issue(signing_key, Subject(number, halls=tuple(dict.fromkeys(halls))), role)

    def _issue(self, key: Ed25519PublicKey, subject: Subject, role: CertificateRole) -> CertificateChain:
        return issue(self._keys.issuer, self._keys.issuer_key, key, subject, role, self._clock.now())
