"""A practice hall in a folder, enrolled at a centre of which only the keys exist."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.devices import Clock, Entropy
from hallclient.domain.certificate_issuing import Subject, issue, issue_issuer, make_root
from hallclient.domain.certificate_requests import EnrolmentRequest, read_requests
from hallclient.domain.certificates import CertificateChain, CertificateRole, to_text
from hallclient.domain.enrolment import Enrolment, EnrolmentSettings, SignedEnrolment, StaffCertificate, sign_enrolment
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.staff import Role, Staff
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.domain.totp import code_at
from hallclient.services.access import OpenHall, login
from hallclient.services.set_up import NewStaff, create_hall
from hallclient.storage.hall_file import CentreEnrolment
from tests.clock import CountingEntropy

DEVICE = "device-1"
PLACE = Place("演练厅", "自有厅", "3")
CLERK, OTHER_CLERK, SUPERVISOR, OTHER_SUPERVISOR, ADMINISTRATOR = "1001", "1002", "2001", "2002", "9001"
PASSWORD = "a long password"
TOTP_SECRET = b"everybody's, in tests"[:20]
STAFF = (
    NewStaff(Staff(CLERK, Role.CLERK), PASSWORD, TOTP_SECRET),
    NewStaff(Staff(OTHER_CLERK, Role.CLERK), PASSWORD, TOTP_SECRET),
    NewStaff(Staff(SUPERVISOR, Role.SUPERVISOR), PASSWORD, TOTP_SECRET),
    NewStaff(Staff(OTHER_SUPERVISOR, Role.SUPERVISOR), PASSWORD, TOTP_SECRET),
    NewStaff(Staff(ADMINISTRATOR, Role.ADMINISTRATOR), PASSWORD, TOTP_SECRET),
)
FIRST_ADMINISTRATOR = STAFF[-1:]  # who comes with a hall that no centre certifies at once


class TestCentre:
    """The centre's keys."""

    __test__ = False

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.root_key = Ed25519PrivateKey.generate()
        self.root = make_root("test", self.root_key, now)
        self.issuer_key = Ed25519PrivateKey.generate()
        self.issuer = issue_issuer(self.root, self.root_key, self.issuer_key.public_key(), "test", now)
        self.receipt_key = Ed25519PrivateKey.generate()
        self.receipt = self.issued(self.receipt_key.public_key(), Subject("test"), CertificateRole.RECEIPT)
        self.hpke_key = X25519PrivateKey.generate()

    def issued(self, key: Ed25519PublicKey, subject: Subject, role: CertificateRole) -> CertificateChain:
        """A certificate of this centre."""
        return issue(self.issuer, self.issuer_key, key, subject, role, self.now)

    def enrolled(
        self,
        request: EnrolmentRequest,
        workstation: Workstation,
        practice: bool = True,
        settings: EnrolmentSettings | None = None,
    ) -> SignedEnrolment:
        """What a centre answers to the request of a counter."""
        hall = workstation.place.hall
        device = self.issued(
            request.device_key, Subject(workstation.device, place=workstation.place), CertificateRole.DEVICE
        )
        people = [(it.number, self.issued(it.key, Subject(it.number, halls=(hall,)), it.role)) for it in request.staff]
        enrolment = Enrolment(
            centre="test",
            practice=practice,
            roots=(to_text(self.root),),
            place=workstation.place,
            device=workstation.device,
            certificate=to_text(device.leaf),
            staff=tuple(StaffCertificate(number=number, certificate=to_text(chain.leaf)) for number, chain in people),
            issuers=tuple(map(to_text, self.issuer.with_itself[:1])),
            data_key=self.hpke_key.public_key().public_bytes_raw().hex(),
            settings=settings or EnrolmentSettings(),
            signer=to_text(self.receipt.leaf),
            issued_at=self.now.isoformat(),
        )
        return sign_enrolment(enrolment, self.receipt_key)

    @property
    def roots_pem(self) -> str:
        return self.root.public_bytes(Encoding.PEM).decode()


def certified_by(
    centre: TestCentre,
    url: str,
    place: Place = PLACE,
    device: str = DEVICE,
    settings: EnrolmentSettings | None = None,
) -> Callable[[bytes], CentreEnrolment]:
    """What `create_hall` asks a centre with that is at hand."""

    def certified(request: bytes) -> CentreEnrolment:
        signed = centre.enrolled(read_requests(request), Workstation(place, device), settings=settings)
        return CentreEnrolment(url=url, signed=signed)

    return certified


def make_hall(
    folder: Path,
    clock: Clock,
    url: str = "https://127.0.0.1:9",
    entropy: Entropy | None = None,
    *,
    practice: bool = True,
    timestamps: TimestampSettings | None = None,
) -> TestCentre:
    """Create and enrol the hall; nobody answers at `url`."""
    centre = TestCentre(clock.now())
    settings = EnrolmentSettings(timestamps=timestamps)
    certified = certified_by(centre, url, settings=settings)
    create_hall(folder, PLACE, DEVICE, practice, STAFF, clock, entropy or CountingEntropy(), certified)
    return centre


def code_now(clock: Clock) -> str:
    """What the authenticator of everybody in tests shows."""
    return code_at(TOTP_SECRET, clock.now())


def open_hall(folder: Path, clock: Clock, number: str = CLERK) -> OpenHall:
    return login(folder, number, PASSWORD, code_now(clock), clock, CountingEntropy())
