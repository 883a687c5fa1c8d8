"""A practice hall in a folder, enrolled at a centre of which only the keys exist."""

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from hallclient.devices import Clock, Entropy
from hallclient.domain.certificates import CertificateRole, issue, make_root, to_text
from hallclient.domain.equipment import Place
from hallclient.domain.staff import Role, Staff
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.services.access import NewStaff, OpenHall, create_hall, enrol, login
from hallclient.storage.hall_file import CentreEnrolment
from tests.clock import CountingEntropy

DEVICE = "device-1"
PLACE = Place("演练厅", "自有厅", "3")
CLERK, OTHER_CLERK, SUPERVISOR = "1001", "1002", "2001"
PASSWORD = "a long password"
STAFF = (
    NewStaff(Staff(CLERK, Role.CLERK), PASSWORD),
    NewStaff(Staff(OTHER_CLERK, Role.CLERK), PASSWORD),
    NewStaff(Staff(SUPERVISOR, Role.SUPERVISOR), PASSWORD),
)


class TestCentre:
    """The centre's keys."""

    __test__ = False

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.root_key = Ed25519PrivateKey.generate()
        self.root = make_root("test", self.root_key, now)
        self.hpke_key = X25519PrivateKey.generate()

    @property
    def roots_pem(self) -> str:
        return self.root.public_bytes(Encoding.PEM).decode()


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
    request = create_hall(folder, PLACE, DEVICE, practice, STAFF, clock, entropy or CountingEntropy())
    centre = TestCentre(clock.now())
    device_key = x509.load_pem_x509_csr(request).public_key()
    assert isinstance(device_key, Ed25519PublicKey)
    certificate = issue(
        centre.root, centre.root_key, device_key, DEVICE, CertificateRole.DEVICE, centre.now, place=PLACE
    )
    answer = CentreEnrolment(
        name="test",
        url=url,
        hpke_public_key=centre.hpke_key.public_key().public_bytes_raw().hex(),
        device_certificate=to_text(certificate),
        roots=centre.roots_pem,
        timestamps=timestamps,
    )
    enrol(folder, answer, clock)
    return centre


def open_hall(folder: Path, clock: Clock, number: str = CLERK) -> OpenHall:
    return login(folder, number, PASSWORD, clock, CountingEntropy())
