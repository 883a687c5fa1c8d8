"""Who is revoked gets nothing more, and everybody can see it; who is renewed or moved goes on."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallclient.central.centre import Centre
from hallclient.central.refusal import RefusalError
from hallclient.central.root import Root, new_root
from hallclient.domain.certificate_requests import EnrolmentRequest, StaffRequest
from hallclient.domain.certificates import (
    STAFF_ROLES,
    CertificateChain,
    CertificateRole,
    halls_of,
    public_key_of,
    workstation_of,
)
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from tests.packages import NOW, PLACE, CountedEntropy, FixedClock

DAY = dt.timedelta(days=1)
HERE = Workstation(PLACE, "pc-1")


class Office:
    """A centre and its operator."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.entropy = folder, FixedClock(), CountedEntropy()
        self.root: Root = new_root("r", self.clock, self.entropy)
        self.centre = Centre.create(folder, "Centre", False, self.clock, self.entropy, (), self.root)

    def device(self, workstation: Workstation = HERE, key: Ed25519PrivateKey | None = None) -> CertificateChain:
        key = key or Ed25519PrivateKey.generate()
        enrolment = self.centre.enrol(EnrolmentRequest(key.public_key()), workstation).verified(self.clock.now())
        return enrolment.chain_of(enrolment.certificate)

    def person(self, number: str = "1001", halls: Sequence[str] = ("H001",), **options: bool) -> CertificateChain:
        key = Ed25519PrivateKey.generate().public_key()
        return self.centre.certify_staff(number, CertificateRole.CLERK, halls, key, **options)

    def another_process(self) -> Centre:
        return Centre.open(self.folder, self.clock, self.entropy)

    def is_revoked(self, chain: CertificateChain) -> bool:
        revocations = self.centre.revocations()
        assert revocations.is_trusted(self.centre.keys.roots)
        return chain.revoked_at(revocations) is not None


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "central")


def code_of(act: Callable[[], object]) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        act()
    return caught.value.code


@pytest.mark.attack("T12", "a stolen computer that was revoked")
def test_a_revoked_device_is_served_no_more(office: Office) -> None:
    device, other = office.device(), office.device(replace(HERE, device="pc-2"))
    office.centre.sender_of(device.leaf)
    assert office.another_process().revoke_device("pc-1", "stolen") == (device.leaf.serial_number,)
    for centre in (office.centre, office.another_process()):
        for act in (centre.sender_of, centre.renew_device):
            with pytest.raises(RefusalError, match="device_revoked"):
                act(device.leaf)
        centre.sender_of(other.leaf)
    assert office.is_revoked(device)
    assert not office.is_revoked(other)


def test_every_certificate_of_a_device_is_revoked(office: Office) -> None:
    first = office.device()
    renewed = office.centre.renew_device(first.leaf).verified(NOW)
    second = renewed.chain_of(renewed.certificate)
    assert len(office.centre.revoke_device("pc-1", "sold")) == 2
    assert office.is_revoked(first)
    assert office.is_revoked(second)


def test_one_of_several_devices_of_a_name_is_meant(office: Office) -> None:
    here = office.device()
    there = office.device(Workstation(replace(PLACE, hall="H002"), "pc-1"))
    assert code_of(lambda: office.centre.revoke_device("pc-1", "x")) is FailureCode.INPUT_INVALID
    assert not office.is_revoked(here)
    office.centre.revoke_device("pc-1", "x", "H002")
    assert not office.is_revoked(here)
    assert office.is_revoked(there)


def test_who_is_not_there_is_not_revoked(office: Office) -> None:
    office.device()
    office.person("pc-1")
    office.centre.revoke_device("pc-1", "x")
    for act in (
        lambda: office.centre.revoke_device("pc-1", "again"),
        lambda: office.centre.revoke_device("pc-9", "x"),
        lambda: office.centre.revoke_device("1001", "x"),
        lambda: office.centre.revoke_staff("9", "x"),
    ):
        assert code_of(act) is FailureCode.INPUT_INVALID
    assert office.centre.revoke_staff("pc-1", "a person, and no device")


@pytest.mark.attack("T12", "a revoked person in another hall", answer="in the centre's list in every role and hall")
def test_a_person_is_revoked_in_every_role_and_hall(office: Office) -> None:
    chains = [office.person("1001"), office.person("1001", ("H002",)), office.person("1002")]
    office.centre.revoke_staff("1001", "left")
    assert [office.is_revoked(chain) for chain in chains] == [True, True, False]


def test_a_person_who_moves_has_the_old_certificate_no_more(office: Office) -> None:
    before = office.person()
    after = office.person("1001", ("H002", "H003", "H002"), replaces=True)
    assert halls_of(after.leaf) == {"H002", "H003"}
    assert (office.is_revoked(before), office.is_revoked(after)) == (True, False)
    first = office.person("1005", replaces=True)  # who has none yet
    assert not office.is_revoked(first)


def test_a_number_revokes_what_no_register_knows(office: Office) -> None:
    receipt = office.centre.keys.receipt
    office.centre.revoke_serial(receipt.leaf.serial_number, "copied")
    assert office.is_revoked(receipt)


def test_who_was_revoked_stays_so_since_then(office: Office) -> None:
    device = office.device()
    office.centre.revoke_serial(device.leaf.serial_number, "first")
    office.clock.time = NOW + DAY
    office.centre.revoke_serial(device.leaf.serial_number, "second")
    assert device.revoked_at(office.centre.revocations()) == NOW


def test_lists_count_up_and_are_fresh(office: Office) -> None:
    first = office.centre.revocations()
    assert (first.number, office.another_process().revocations().number) == (1, 1)
    office.centre.revoke_serial(1, "x")
    assert (office.centre.revocations().number, office.another_process().revocations().number) == (2, 2)
    office.clock.time = NOW + 2 * DAY
    fresh = office.centre.revocations()
    assert (fresh.number, fresh.issued_at) == (3, NOW + 2 * DAY)
    assert office.centre.revocations() is fresh


def test_who_is_revoked_while_the_renewal_is_made_gets_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code says whose certificate it is about: of a person's, the device is asked for nothing."""
    device, person = office.device(), office.person()
    monkeypatch.setattr(office.centre._register, "add", lambda *_, **__: False)
    with pytest.raises(RefusalError, match="device_revoked"):
        office.centre.renew_device(device.leaf)
    with pytest.raises(RefusalError, match="staff_refused"):
        office.centre._certifying.renew_staff(person.leaf, CertificateRole.CLERK)


def test_a_later_issuer_goes_on_with_the_list(office: Office) -> None:
    device = office.device()
    office.centre.revoke_device("pc-1", "stolen")
    office.centre = Centre.certify(office.folder, office.root, office.clock, office.entropy, 398)
    assert office.is_revoked(device)
    assert office.centre.revocations().signed_by.leaf == office.centre.keys.issuer.leaf
    with pytest.raises(RefusalError, match="device_revoked"):
        office.centre.sender_of(device.leaf)


def test_a_renewal_is_for_the_same_key_and_place_and_lasts_longer(office: Office) -> None:
    device = office.device()
    office.clock.time = NOW + 100 * DAY
    office.centre = Centre.certify(office.folder, office.root, office.clock, office.entropy, 398)
    renewed = office.centre.renew_device(device.leaf).verified(office.clock.now(), [office.root.certificate])
    again = renewed.chain_of(renewed.certificate).leaf
    assert (public_key_of(again), workstation_of(again)) == (public_key_of(device.leaf), HERE)
    assert again.not_valid_after_utc == device.leaf.not_valid_after_utc + 100 * DAY


@pytest.mark.parametrize("role", sorted(set(CertificateRole) - {CertificateRole.DEVICE, CertificateRole.NOTICE}))
@pytest.mark.attack("T7", "another role asks for what devices get")
def test_only_a_device_is_a_device(role: CertificateRole, office: Office) -> None:
    keys = office.centre.keys
    chains = {
        CertificateRole.ROOT: CertificateChain(keys.roots[0]),
        CertificateRole.ISSUER: keys.issuer,
        CertificateRole.RECEIPT: keys.receipt,
        CertificateRole.TLS: CertificateChain.from_pem(keys.tls_files[0].read_bytes()),
    }
    chain = chains.get(role) or office.centre.certify_staff(
        "1001", role, ("H001",), Ed25519PrivateKey.generate().public_key()
    )
    for act in (office.centre.sender_of, office.centre.renew_device):
        with pytest.raises(RefusalError, match="device_untrusted"):
            act(chain.leaf)
        with pytest.raises(RefusalError, match="device_untrusted"):
            act(None)


@pytest.mark.parametrize("away", [-DAY, 399 * DAY])
def test_a_centre_with_a_wrong_clock_takes_no_device(away: dt.timedelta, office: Office) -> None:
    device = office.device()
    office.clock.time = NOW + away
    with pytest.raises(RefusalError, match="device_untrusted"):
        office.centre.sender_of(device.leaf)


def test_another_centre_under_the_same_root_takes_no_device(office: Office, tmp_path: Path) -> None:
    other = Centre.create(tmp_path / "other", "Other", False, office.clock, office.entropy, (), office.root)
    with pytest.raises(RefusalError, match="device_untrusted"):
        other.sender_of(office.device().leaf)


def asked_with(role: CertificateRole) -> EnrolmentRequest:
    keys = [Ed25519PrivateKey.generate().public_key() for _ in range(2)]
    return EnrolmentRequest(keys[0], (StaffRequest("9001", role, keys[1]),))


def test_an_administrator_is_certified_with_the_device(office: Office) -> None:
    request = asked_with(CertificateRole.ADMINISTRATOR)
    enrolment = office.centre.enrol(request, HERE).verified(NOW)
    (person,) = enrolment.staff
    chain = enrolment.chain_of(person.certificate)
    assert chain.is_issued_for(CertificateRole.ADMINISTRATOR, [office.root.certificate], NOW)
    assert (person.number, public_key_of(chain.leaf)) == ("9001", request.staff[0].key)
    office.centre.revoke_staff("9001", "left")
    assert office.is_revoked(chain)


@pytest.mark.parametrize("role", sorted(STAFF_ROLES - {CertificateRole.ADMINISTRATOR}))
def test_others_are_only_in_practice(role: CertificateRole, office: Office, tmp_path: Path) -> None:
    assert code_of(lambda: office.centre.enrol(asked_with(role), HERE)) is FailureCode.INPUT_INVALID
    practice = Centre.create(tmp_path / "practice", "p", True, office.clock, office.entropy)
    assert practice.enrol(asked_with(role), HERE).verified(NOW).staff[0].number == "9001"


@pytest.mark.parametrize(
    ("number", "role", "halls"),
    [
        ("", CertificateRole.CLERK, ("H",)),
        ("a/b", CertificateRole.CLERK, ("H",)),
        ("1" * 65, CertificateRole.CLERK, ("H",)),
        ("1001", CertificateRole.DEVICE, ("H",)),
        ("1001", CertificateRole.RECEIPT, ("H",)),
        ("1001", CertificateRole.CLERK, ()),
        ("1001", CertificateRole.CLERK, ("",)),
        ("1001", CertificateRole.CLERK, ("h" * 65,)),
        ("1001", CertificateRole.CLERK, tuple(map(str, range(201)))),
    ],
)
def test_who_cannot_be_certified(number: str, role: CertificateRole, halls: tuple[str, ...], office: Office) -> None:
    key = Ed25519PrivateKey.generate().public_key()
    assert code_of(lambda: office.centre.certify_staff(number, role, halls, key)) is FailureCode.INPUT_INVALID
