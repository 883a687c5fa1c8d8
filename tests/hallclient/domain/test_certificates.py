"""Who vouches for whom: every role against every question, and what a chain must be."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.domain.certificate_issuing import Subject, issue, issue_issuer, make_root
from hallclient.domain.certificates import (
    STAFF_ROLES,
    VOUCHED_BY,
    CertificateChain,
    CertificateRole,
    halls_of,
    name_of,
    role_of,
    uses_of,
    workstation_of,
)
from hallclient.domain.equipment import Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import sign_revocations
from tests.clock import NOON
from tests.halls import PLACE, TestCentre

DAY = dt.timedelta(days=1)
ROLES = sorted(CertificateRole)
ISSUED = sorted(set(CertificateRole) - {CertificateRole.ROOT})
LEAVES = sorted(set(ISSUED) - {CertificateRole.ISSUER, CertificateRole.NOTICE})


class Family:
    """One certificate of each role, under one root."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.centre = TestCentre(now)
        self.roots = [self.centre.root]
        self.keys = {role: Ed25519PrivateKey.generate() for role in CertificateRole}
        self.keys[CertificateRole.ISSUER] = self.centre.issuer_key
        self.chains = {
            CertificateRole.ROOT: CertificateChain(self.centre.root),
            CertificateRole.ISSUER: self.centre.issuer,
        }
        for role in LEAVES:
            subject = Subject(f"a {role}", place=PLACE if role is CertificateRole.DEVICE else None)
            self.chains[role] = self.centre.issued(self.keys[role].public_key(), subject, role)
        self.chains[CertificateRole.NOTICE] = self.by(CertificateRole.DEVICE, CertificateRole.NOTICE)

    def by(self, issuer: CertificateRole, role: CertificateRole) -> CertificateChain:
        """A certificate for `role` that somebody of the role `issuer` makes, whether that may or not."""
        key = self.keys[role].public_key()
        return issue(self.chains[issuer], self.keys[issuer], key, Subject(f"a {role}"), role, self.centre.now)


@pytest.fixture(scope="module")
def family() -> Family:
    return Family()


@pytest.mark.parametrize("asked", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_a_certificate_serves_for_its_own_role_and_for_no_other(
    role: CertificateRole, asked: CertificateRole, family: Family
) -> None:
    good = role is asked and role is not CertificateRole.ROOT  # which nobody vouches for: it is known, or it is not
    assert family.chains[role].is_issued_for(asked, family.roots, NOON) is good
    assert role_of(family.chains[role].leaf) is role


@pytest.mark.parametrize("role", ISSUED)
@pytest.mark.parametrize("issuer", sorted(set(CertificateRole) - {CertificateRole.ROOT}))
def test_only_the_role_above_vouches(issuer: CertificateRole, role: CertificateRole, family: Family) -> None:
    """Genuine keys, made by somebody who has no say in it."""
    made = family.by(issuer, role)
    assert made.is_issued_for(role, family.roots, NOON) is (VOUCHED_BY[role] is issuer)


@pytest.mark.parametrize("role", ISSUED)
def test_each_is_good_exactly_while_it_is_valid_and_its_root_is_known(role: CertificateRole, family: Family) -> None:
    chain = family.chains[role]
    first, last = chain.leaf.not_valid_before_utc, chain.leaf.not_valid_after_utc
    second = dt.timedelta(seconds=1)
    for at, good in ((first, True), (last, True), (first - second, False), (last + second, False)):
        assert chain.is_issued_for(role, family.roots, at) is good
    assert not chain.is_issued_for(role, [], NOON)
    assert not chain.is_issued_for(role, Family().roots, NOON)
    if role is not CertificateRole.ISSUER:
        assert not replace(chain, issuers=()).is_issued_for(role, family.roots, NOON)


@pytest.mark.parametrize("role", ISSUED)
def test_a_revoked_one_is_good_until_then(role: CertificateRole, family: Family) -> None:
    chain = family.chains[role]
    if role is CertificateRole.ISSUER or role is CertificateRole.NOTICE:
        return  # the list is the issuer's own: it names what that certified
    serial = chain.leaf.serial_number
    revocations = sign_revocations(family.centre.issuer, family.centre.issuer_key, {serial: NOON + DAY}, 1, NOON)
    assert chain.is_issued_for(role, family.roots, NOON, revocations)
    assert not chain.is_issued_for(role, family.roots, NOON + DAY, revocations)
    assert chain.revoked_at(revocations) == NOON + DAY


def test_who_hangs_on_a_revoked_one_is_not_good_either(family: Family) -> None:
    device, notice = family.chains[CertificateRole.DEVICE], family.chains[CertificateRole.NOTICE]
    serial = device.leaf.serial_number
    revocations = sign_revocations(family.centre.issuer, family.centre.issuer_key, {serial: NOON}, 1, NOON)
    assert not notice.is_issued_for(CertificateRole.NOTICE, family.roots, NOON, revocations)
    assert notice.revoked_at(revocations) == NOON
    assert family.chains[CertificateRole.CLERK].revoked_at(revocations) is None


def test_validity_is_nested(family: Family) -> None:
    short = issue_issuer(
        family.centre.root, family.centre.root_key, family.centre.issuer_key.public_key(), "test", NOON, days=30
    )
    device_key = Ed25519PrivateKey.generate()
    device = issue(
        short, family.centre.issuer_key, device_key.public_key(), Subject("d"), CertificateRole.DEVICE, NOON + DAY
    )
    notice = issue(device, device_key, device_key.public_key(), Subject("n"), CertificateRole.NOTICE, NOON + 2 * DAY)
    chain = [notice.leaf, *notice.issuers, family.centre.root]
    assert len(chain) == 4
    for below, above in pairwise(chain):
        assert above.not_valid_before_utc <= below.not_valid_before_utc
        assert below.not_valid_after_utc <= above.not_valid_after_utc
    for at in (NOON - DAY, NOON + 31 * DAY):
        with pytest.raises(KnownError) as caught:
            issue(short, family.centre.issuer_key, device_key.public_key(), Subject("d"), CertificateRole.DEVICE, at)
        assert caught.value.code is FailureCode.CLOCK_WRONG


def test_subject_and_usage_must_both_name_the_role(family: Family) -> None:
    """A certificate that an issuer made otherwise than this program does."""
    for unit, uses in (
        (CertificateRole.CLERK, uses_of(CertificateRole.SUPERVISOR)),
        (CertificateRole.DEVICE, (*uses_of(CertificateRole.DEVICE), ExtendedKeyUsageOID.SERVER_AUTH)),
        (CertificateRole.DEVICE, (*uses_of(CertificateRole.DEVICE), *uses_of(CertificateRole.RECEIPT))),
        (CertificateRole.RECEIPT, None),
        ("nobody", uses_of(CertificateRole.CLERK)),
    ):
        key = Ed25519PrivateKey.generate().public_key()
        name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, str(unit))])
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(family.centre.issuer.leaf.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOON - DAY)
            .not_valid_after(NOON + DAY)
        )
        if uses is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        chain = CertificateChain(builder.sign(family.centre.issuer_key, None), family.centre.issuer.with_itself)
        assert role_of(chain.leaf) is None
        assert not any(chain.is_issued_for(role, family.roots, NOON) for role in ISSUED)


@pytest.mark.attack("T7", "a device certifies more than notices", answer="vouched for by nobody")
def test_a_device_is_an_authority_for_notices_alone(family: Family) -> None:
    """What OpenSSL, too, holds it to: it vouches for no other authority, and for no server."""
    device = family.chains[CertificateRole.DEVICE].leaf
    constraints = device.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    servers = {
        role
        for role in CertificateRole
        if ExtendedKeyUsageOID.SERVER_AUTH
        in family.chains[role].leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    }
    assert servers == {CertificateRole.TLS, CertificateRole.ISSUER, CertificateRole.ROOT}


def test_a_certificate_says_where_and_who(family: Family) -> None:
    key = Ed25519PrivateKey.generate().public_key()
    clerk = family.centre.issued(key, Subject("1001", halls=("一厅", "H2")), CertificateRole.CLERK).leaf
    assert (name_of(clerk), halls_of(clerk)) == ("1001", {"一厅", "H2"})
    device = family.centre.issued(key, Subject("pc", place=PLACE), CertificateRole.DEVICE).leaf
    assert (workstation_of(device), halls_of(device)) == (Workstation(PLACE, "pc"), {PLACE.hall})


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_texts_and_pem_keep_a_chain(role: CertificateRole, family: Family) -> None:
    chain = family.chains[role]
    assert CertificateChain.from_texts(*chain.to_texts()) == chain
    assert CertificateChain.from_pem(chain.to_pem()) == chain


@pytest.mark.parametrize(("leaf", "issuers"), [("", ()), ("zz", ()), ("00", ()), (None, ("00",))])
def test_what_is_no_certificate_is_damage(leaf: str | None, issuers: tuple[str, ...], family: Family) -> None:
    text = family.chains[CertificateRole.CLERK].to_texts()[0] if leaf is None else leaf
    with pytest.raises(KnownError) as caught:
        CertificateChain.from_texts(text, issuers)
    assert caught.value.code is FailureCode.EVIDENCE_DAMAGED


@pytest.mark.parametrize("pem", [b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_pem_without_a_certificate_is_damage(pem: bytes) -> None:
    with pytest.raises(KnownError) as caught:
        CertificateChain.from_pem(pem)
    assert caught.value.code is FailureCode.EVIDENCE_DAMAGED


def test_further_issuers_do_no_harm_and_cost_little(family: Family) -> None:
    """A document has one list for all of its certificates; a hostile one has the same a thousand times."""
    clerk = family.chains[CertificateRole.CLERK]
    other = Family().centre.issuer.leaf
    mixed = CertificateChain(clerk.leaf, (other, *clerk.issuers, other))
    assert mixed.is_issued_for(CertificateRole.CLERK, family.roots, NOON)
    flooded = CertificateChain(clerk.leaf, (*(other,) * 1000, *clerk.issuers))
    assert not flooded.is_issued_for(CertificateRole.CLERK, family.roots, NOON)


def test_a_loop_of_issuers_ends() -> None:
    """Some that vouch for each other, and one for itself."""
    one, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    root = make_root("loop", one, NOON)
    a = issue(CertificateChain(root), one, other.public_key(), Subject("loop"), CertificateRole.ISSUER, NOON)
    b = issue(a, other, one.public_key(), Subject("loop"), CertificateRole.ISSUER, NOON)
    more = [
        issue(CertificateChain(root), one, one.public_key(), Subject("loop"), CertificateRole.ROOT, NOON).leaf
        for _ in range(6)
    ]
    chain = CertificateChain(a.leaf, (b.leaf, root, *more))
    assert not chain.is_issued_for(CertificateRole.ISSUER, [], NOON)
    assert not chain.is_issued_for(CertificateRole.CLERK, [], NOON)
    nobody = sign_revocations(b, one, {}, 1, NOON)
    assert chain.revoked_at(nobody) is None


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ROLES), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_damaged_certificate_is_said_or_vouched_for_by_nobody(
    family: Family, role: CertificateRole, changes: list[tuple[int, int]]
) -> None:
    genuine = family.chains[role]
    der = bytearray(bytes.fromhex(genuine.to_texts()[0]))
    for place, value in changes:
        der[place % len(der)] = value
    try:
        chain = CertificateChain.from_texts(der.hex(), genuine.to_texts()[1])
    except KnownError as error:
        assert error.code is FailureCode.EVIDENCE_DAMAGED
        return
    if chain.leaf == genuine.leaf:
        return
    revocations = sign_revocations(family.centre.issuer, family.centre.issuer_key, {1: NOON}, 1, NOON)
    for asked in ISSUED:
        assert not chain.is_issued_for(asked, family.roots, NOON, revocations)
    chain.revoked_at(revocations)
    role_of(chain.leaf)
    name_of(chain.leaf)
    halls_of(chain.leaf)
    workstation_of(chain.leaf)
