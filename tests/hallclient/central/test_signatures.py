"""A modified client with genuine certificates against the centre: who signs for whom, what time it was (T2, T14)."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.central.centre import Centre
from hallclient.central.identity import change_identity
from hallclient.domain.certificate_issuing import Subject, issue
from hallclient.domain.certificates import CertificateRole
from hallclient.domain.comparison import Decision
from hallclient.domain.documents import sign
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.evidence import CLERK_PURPOSE, CLERK_SIGNATURE, MANIFEST_TIMESTAMP
from hallclient.system import SystemClock, SystemEntropy
from tests.hallclient.central.running import Hall, enrol, running
from tests.hallclient.central.test_application import commit, refused, register, upload
from tests.packages import PLACE, BuiltPackage, CountedEntropy, EnrolledDevice
from tests.timestamp_service import authority

pytestmark = pytest.mark.may_log("(central.application: refused|pyhanko)")

CLERK, SUPERVISOR = CertificateRole.CLERK, CertificateRole.SUPERVISOR
SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
TSA, FOREIGN = authority("tsa", SINCE, 29), authority("foreign tsa", SINCE, 29)


@pytest.fixture
def mismatched(hall: Hall, tmp_path: Path, entropy: CountedEntropy) -> BuiltPackage:
    """A session that only an approval lets pass."""
    return hall.build(tmp_path / "mismatched", entropy, decision=Decision.MISMATCHED)


def answer(http: httpx.Client, package: BuiltPackage) -> str:
    upload(http, package)
    return refused(commit(http, package), 422, "package_refused")


def made_by_the_device(device: EnrolledDevice, number: str) -> EnrolledDevice:
    """A supervisor of the device's own making: it may issue certificates, for notices."""
    key = Ed25519PrivateKey.generate()
    subject = Subject(number, halls=(PLACE.hall,))
    chain = issue(device.chain, device.key, key.public_key(), subject, SUPERVISOR, dt.datetime.now(dt.UTC))
    return EnrolledDevice(key, chain)


Signer = Callable[[BuiltPackage], EnrolledDevice]


@pytest.mark.parametrize(
    ("reviewer", "signer"),
    [
        ("GHOST", lambda package: package.device),
        (" C1", lambda package: package.device),
        ("C1", lambda package: package.clerk),
        ("GHOST", lambda package: package.clerk),
        ("S2", lambda package: made_by_the_device(package.device, "S2")),
        ("S2", lambda package: package.device.person("S2", SUPERVISOR, ("H002",))),
        ("S2", lambda package: package.device.person("S2", CLERK)),
    ],
    ids=[
        "the device for a ghost",
        "the device for the clerk with a blank",
        "the clerk",
        "the clerk for a ghost",
        "a supervisor that the device made",
        "a supervisor of another hall",
        "a colleague who is a clerk",
    ],
)
@pytest.mark.attack("T2", "a review of a mismatch, signed by")
def test_nobody_approves_who_is_no_supervisor_here(
    http: httpx.Client, mismatched: BuiltPackage, reviewer: str, signer: Signer
) -> None:
    mismatched.review(reviewer, signer=signer(mismatched))
    assert answer(http, mismatched) == "review.json: reviewer_trusted"


def test_a_supervisor_approves(http: httpx.Client, mismatched: BuiltPackage) -> None:
    """The same package: those above are refused for who signed."""
    mismatched.review("S2")
    upload(http, mismatched)
    assert commit(http, mismatched).status_code == 200


@pytest.mark.parametrize("content", [None, b"", bytes(96)])
@pytest.mark.attack("T2", "a package without the clerk's signature")
def test_without_the_clerks_word_nothing_is_taken(
    http: httpx.Client, mismatched: BuiltPackage, content: bytes | None
) -> None:
    path = mismatched.folder / CLERK_SIGNATURE
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert answer(http, mismatched) == f"{CLERK_SIGNATURE}: {'present' if content is None else 'signed'}"


@pytest.mark.attack("T2", "the device signs for the clerk")
def test_the_device_does_not_sign_for_the_clerk(http: httpx.Client, mismatched: BuiltPackage) -> None:
    data = mismatched.manifest.canonical()
    (mismatched.folder / CLERK_SIGNATURE).write_bytes(sign(mismatched.device.key, CLERK_PURPOSE, data))
    assert answer(http, mismatched) == f"{CLERK_SIGNATURE}: signed"


@pytest.mark.parametrize(
    "clerk",
    [
        lambda device: device.person("C1", CLERK, ("H002",)),
        lambda device: device.person("C1", SUPERVISOR),
        lambda device: device.person("C2", CLERK),
        lambda device: device,
    ],
    ids=["of another hall", "a supervisor", "another's", "the device's"],
)
@pytest.mark.attack("T2", "a package sealed by somebody who may not serve here")
def test_who_may_not_serve_here_is_refused_before_a_part_is_sent(
    http: httpx.Client,
    hall: Hall,
    tmp_path: Path,
    entropy: CountedEntropy,
    clerk: Callable[[EnrolledDevice], EnrolledDevice],
) -> None:
    package = hall.build(tmp_path / "package", entropy, clerk=clerk(hall.device))
    assert refused(register(http, package), 422, "manifest_refused") == "manifest.json: staff_trusted"


# Time.


class TimedCentre:
    """A centre whose operator chose a timestamp service, and a package of one of its halls."""

    def __init__(self, folder: Path) -> None:
        clock, entropy = SystemClock(), SystemEntropy()
        Centre.create(folder / "timed", "test", False, clock, entropy)
        settings = EnrolmentSettings(timestamps=TSA.settings())
        change_identity(folder / "timed", settings=settings.model_dump(mode="json"))
        self.centre = Centre.open(folder / "timed", clock, entropy)
        self.hall = enrol(self.centre, folder)
        self.package = self.hall.build(folder / "timed package", CountedEntropy("timed"))

    def refused(self) -> str:
        with running(self.centre) as url, self.hall.http(url) as http:
            return answer(http, self.package)


@pytest.fixture
def timed(tmp_path: Path) -> TimedCentre:
    return TimedCentre(tmp_path)


def test_the_roots_of_the_service_come_with_the_enrolment(timed: TimedCentre) -> None:
    assert timed.centre.settings.timestamps == TSA.settings()


@pytest.mark.attack("T14", "a timestamp over other bytes")
def test_a_timestamp_over_other_bytes_is_refused(timed: TimedCentre) -> None:
    reply = TSA.stamp_at(dt.datetime.now(dt.UTC))(hashlib.sha256(b"something else").digest())
    (timed.package.folder / MANIFEST_TIMESTAMP).write_bytes(reply)
    assert timed.refused() == f"{MANIFEST_TIMESTAMP}: timestamp_of_this"


@pytest.mark.attack("T14", "a timestamp service of the clerk's own")
def test_a_service_of_the_clerks_own_is_refused(timed: TimedCentre) -> None:
    timed.package.timestamp(FOREIGN.stamp_at(dt.datetime.now(dt.UTC)))
    assert timed.refused() == f"{MANIFEST_TIMESTAMP}: timestamp_trusted"


@pytest.mark.attack("T14", "rubbish in the place of a timestamp")
def test_rubbish_in_the_place_of_one_is_refused(timed: TimedCentre) -> None:
    (timed.package.folder / MANIFEST_TIMESTAMP).write_bytes(b"rubbish")
    assert timed.refused() == f"{MANIFEST_TIMESTAMP}: understood"


def test_a_genuine_one_is_taken_and_kept(timed: TimedCentre) -> None:
    timed.package.timestamp(TSA.stamp_at(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=4)))
    with running(timed.centre) as url, timed.hall.http(url) as http:
        upload(http, timed.package)
        assert commit(http, timed.package).status_code == 200
