"""Anybody, with any genuine key, does anything: what the table of permissions does not allow never ends in a receipt
`passed`, and what it allows does.

Each example is a session at one counter of a real centre: somebody's key signs as the device, somebody seals it,
somebody decides it, somebody delivers it, and any of them may have been invited by somebody or have renewed their
certificate before. In up to three places it is not who it should be.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.central.centre import Centre
from hallclient.central.messages import Registration
from hallclient.central.refusal import RefusalError
from hallclient.domain.certificate_issuing import Subject, issue
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.certificates import STAFF_ROLES, CertificateChain, CertificateRole
from hallclient.domain.comparison import Decision
from hallclient.domain.documents import parse, sign
from hallclient.domain.equipment import Workstation
from hallclient.domain.evidence.receipt import Outcome, Receipt
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.permissions import Action, may
from hallclient.domain.staff import Role
from hallclient.domain.staff_documents import INVITATION, Endorsement, Invitation, JoinRequest, make_application
from hallclient.rule_texts import ShippedRules
from hallclient.sync.bundle import outgoing_objects
from tests.packages import (
    DEVICE,
    PLACE,
    Authority,
    BuiltPackage,
    CountedEntropy,
    EnrolledDevice,
    FixedClock,
    build_package,
    make_authority,
)

NOW = dt.datetime(2026, 6, 2, 9, 30, tzinfo=dt.UTC)
FOUNDED, BEFORE = NOW - dt.timedelta(days=100), NOW - dt.timedelta(hours=1)
LATER = NOW + dt.timedelta(days=10)
HERE, THERE = PLACE.hall, "H002"
ROLES = (CertificateRole.DEVICE, *sorted(STAFF_ROLES), CertificateRole.RECEIPT)


class State(StrEnum):
    """What a certificate is worth. All but the last two are the centre's own."""

    GOOD = "good"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    OF_ANOTHER_CENTRE = "of another centre"
    OF_THE_DEVICE = "of the device"


# A computer signs notices only while its own certificate is valid, and so its clock is set to when that is.
CLOCKS = {State.EXPIRED: FOUNDED + dt.timedelta(days=1), State.NOT_YET_VALID: LATER + dt.timedelta(days=1)}


@dataclass(frozen=True)
class Kind:
    """Who somebody is."""

    role: CertificateRole
    halls: tuple[str, ...] = (HERE,)
    state: State = State.GOOD


@dataclass(frozen=True)
class Somebody:
    """A person or a computer with a genuine key."""

    number: str
    kind: Kind
    keys: EnrolledDevice

    def may(self, action: Action) -> bool:
        """Whether the table lets them do it here and now."""
        known = self.kind.state is State.GOOD and self.kind.role in STAFF_ROLES and HERE in self.kind.halls
        return known and may(Role(self.kind.role.value), action)

    @property
    def is_the_counters(self) -> bool:
        """Whether it is the key of the counter's computer."""
        kind = self.kind
        return (kind.role, kind.halls[0], kind.state) == (CertificateRole.DEVICE, HERE, State.GOOD)


@dataclass(frozen=True)
class Attempt:
    """A session as an example has it. `None`: by the centre, at its operator's; else by this one's invitation."""

    device: Kind = Kind(CertificateRole.DEVICE)
    deliverer: Kind | None = None
    clerk: Kind = Kind(CertificateRole.CLERK)
    clerk_inviter: Kind | None = None
    clerk_renews: bool = False
    matched: bool = True
    reviewer: Kind = Kind(CertificateRole.SUPERVISOR)
    reviewer_inviter: Kind | None = None
    reviewer_is_clerk: bool = False
    decision: ReviewDecision = ReviewDecision.APPROVED


KINDS = st.builds(Kind, st.sampled_from(ROLES), st.sampled_from([(HERE,), (THERE,), (HERE, THERE)]))
ANYBODY = st.builds(lambda kind, state: replace(kind, state=state), KINDS, st.sampled_from(State)) | KINDS
WRONG: dict[str, st.SearchStrategy[object]] = {
    "device": ANYBODY,
    "deliverer": ANYBODY,
    "clerk": ANYBODY,
    "clerk_inviter": ANYBODY,
    "reviewer": ANYBODY,
    "reviewer_inviter": ANYBODY,
    "reviewer_is_clerk": st.just(True),
    "decision": st.sampled_from(ReviewDecision),
}
ADMINISTRATOR = Kind(CertificateRole.ADMINISTRATOR)


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    """Who should do it does, but in up to three places."""
    invited = st.sampled_from([None, ADMINISTRATOR])
    attempt = Attempt(
        clerk_inviter=draw(invited),
        clerk_renews=draw(st.booleans()),
        matched=draw(st.booleans()),
        reviewer_inviter=draw(invited),
    )
    wrong = draw(st.lists(st.sampled_from(sorted(WRONG)), max_size=3, unique=True))
    return replace(attempt, **{name: draw(WRONG[name]) for name in wrong})  # type: ignore[arg-type]


@dataclass
class Town:
    """One centre, another one, and whoever is made in an example."""

    centre: Centre
    other: Authority
    clock: FixedClock
    folder: Path
    entropy: CountedEntropy = field(default_factory=lambda: CountedEntropy("anybody"))
    count: int = 0

    def somebody(self, kind: Kind, device: Somebody | None = None, key: Ed25519PrivateKey | None = None) -> Somebody:
        """A new person or computer, certified an hour ago. `device` certifies what is not the centre's."""
        self.count += 1
        number, key = f"P{self.count}", key or Ed25519PrivateKey.generate()
        self.clock.time = BEFORE
        chain = self._certified(number, kind, key, device)
        if kind.state is State.REVOKED:
            self.centre.revoke_serial(chain.leaf.serial_number, "left")
        self.clock.time = NOW
        return Somebody(number, kind, EnrolledDevice(key, chain))

    def _certified(self, number: str, kind: Kind, key: Ed25519PrivateKey, device: Somebody | None) -> CertificateChain:
        public, place = key.public_key(), replace(PLACE, hall=kind.halls[0])
        by_centre = kind.state in (State.GOOD, State.REVOKED)
        if by_centre and kind.role is CertificateRole.DEVICE:
            enrolled = self.centre.enrol(EnrolmentRequest(public), Workstation(place, DEVICE)).verified(BEFORE)
            return enrolled.chain_of(enrolled.certificate)
        if by_centre and kind.role in STAFF_ROLES:
            return self.centre.certify_staff(number, kind.role, kind.halls, public)
        is_device = kind.role is CertificateRole.DEVICE
        subject = Subject(DEVICE, place=place) if is_device else Subject(number, halls=kind.halls)
        keys, at, days = self.centre.keys, BEFORE, 300
        issuer, issuer_key = keys.issuer, keys.issuer_key
        match kind.state:
            case State.EXPIRED:
                at, days = FOUNDED, 10
            case State.NOT_YET_VALID:
                at = LATER
            case State.OF_ANOTHER_CENTRE:
                issuer, issuer_key = self.other.issuer, self.other.issuer_key
            case State.OF_THE_DEVICE if device is not None:
                issuer, issuer_key = device.keys.chain, device.keys.key
                at = CLOCKS.get(device.kind.state, BEFORE)
            case State.OF_THE_DEVICE:  # a root of its own making
                self_made = make_authority(self.entropy)
                issuer, issuer_key = self_made.issuer, self_made.issuer_key
        return issue(issuer, issuer_key, public, subject, kind.role, at, days)

    def invited(self, kind: Kind, inviter: Somebody, device: Somebody) -> Somebody:
        """Who comes by an invitation: with the centre's certificate, or else with one of the device's making."""
        newcomer = self.somebody(replace(kind, halls=(HERE,), state=State.OF_THE_DEVICE), device)
        one_time, role = Ed25519PrivateKey.generate(), Role(kind.role.value)
        raw = newcomer.keys.key.public_key().public_bytes_raw().hex()
        invitation = Invitation(
            id=self.entropy.token(16).hex(),
            number=newcomer.number,
            role=role,
            hall=HERE,
            signing_key=one_time.public_key().public_bytes_raw().hex(),
            until=(NOW + dt.timedelta(days=1)).isoformat(),
            replaces=False,
        )
        certificate, issuers = inviter.keys.chain.to_texts()
        endorsed = sign(inviter.keys.key, INVITATION, invitation.canonical()).hex()
        request = JoinRequest(
            number=newcomer.number,
            role=role,
            hall=HERE,
            signing_key=raw,
            receiving_key=raw,
            invitation=invitation.sha256,
            joined_at=NOW.isoformat(),
        )
        endorsement = Endorsement(certificate=certificate, issuers=issuers, signature=endorsed)
        application = make_application(request, newcomer.keys.key, invitation, one_time, [endorsement], None)
        # One administrator alone makes clerks and nobody else, whoever they are.
        allowed = inviter.may(Action.INVITE_STAFF) and role is Role.CLERK and device.is_the_counters
        try:
            given = self.centre.admit_staff(device.keys.certificate, application)
        except RefusalError:
            assert not allowed
            return newcomer
        assert allowed
        chain = CertificateChain.from_texts(given.certificate, given.issuers)
        return replace(newcomer, kind=Kind(kind.role), keys=EnrolledDevice(newcomer.keys.key, chain))

    def renewed(self, person: Somebody, device: Somebody) -> Somebody:
        """With another certificate, if the centre gives one."""
        certificate, _ = person.keys.chain.to_texts()
        try:
            given = self.centre.renew_staff(device.keys.certificate, certificate)
        except RefusalError:
            return person
        assert person.kind.state is State.GOOD
        chain = CertificateChain.from_texts(given.certificate, given.issuers)
        return replace(person, keys=EnrolledDevice(person.keys.key, chain))

    def send(self, package: BuiltPackage, deliverer: Somebody) -> Receipt:
        """What the centre signs. Raises RefusalError."""
        sender, session = self.centre.sender_of(deliverer.keys.certificate), package.manifest.session
        objects = {item.description.name: item for item in outgoing_objects(package.files, package.manifest)}
        registration = Registration(
            manifest=(package.folder / "manifest.json").read_text("utf-8"),
            signature=(package.folder / "manifest.sig").read_bytes().hex(),
            objects=[item.description.model_dump(mode="json") for item in objects.values()],  # type: ignore[misc]
        )
        for part in self.centre.register(sender, session, registration).missing:
            item = objects[part.object]
            sha256 = item.description.parts[part.number - 1].sha256
            self.centre.put_part(sender, session, part.object, part.number, item.part(part.number), sha256)
        return parse(Receipt, self.centre.commit(sender, session).receipt.encode())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder, clock = tmp_path_factory.mktemp("anybody"), FixedClock(FOUNDED)
    Centre.create(folder / "centre", "centre", False, clock, CountedEntropy("centre"))
    centre = Centre.open(folder / "centre", clock, CountedEntropy("centre again"), ShippedRules())
    return Town(centre, make_authority(CountedEntropy("other")), clock, folder)


def centre_key(town: Town) -> X25519PublicKey:
    return town.centre.keys.data_key.public_key()


def comes(town: Town, kind: Kind, inviter: Kind | None, device: Somebody) -> Somebody:
    """Somebody of `kind`: of the operator's making, or by an invitation, which only people get."""
    if inviter is None or kind.role not in STAFF_ROLES or kind.state is not State.GOOD:
        return town.somebody(kind, device)
    return town.invited(kind, town.somebody(inviter, device), device)


def made(town: Town, attempt: Attempt) -> tuple[bool, Callable[[], Receipt]]:
    """Whether the table allows it, and how it is delivered."""
    device = town.somebody(attempt.device)
    deliverer = device if attempt.deliverer is None else town.somebody(attempt.deliverer)
    clerk = comes(town, attempt.clerk, attempt.clerk_inviter, device)
    if attempt.clerk_renews:
        clerk = town.renewed(clerk, device)
    package = build_package(
        town.folder / town.entropy.token(8).hex(),
        device.keys,
        centre_key(town),
        town.entropy,
        now=CLOCKS.get(device.kind.state, NOW) - dt.timedelta(minutes=5),
        decision=Decision.MATCHED if attempt.matched else Decision.MISMATCHED,
        clerk=clerk.keys,
    )
    steps = tuple(step.model_copy(update={"by": clerk.number}) for step in package.manifest.steps)
    package = package.resign(clerk=clerk.number, sealed_by=clerk.number, steps=steps)
    allowed = device.is_the_counters and deliverer is device and clerk.may(Action.SERVE_CUSTOMERS)
    if not attempt.matched:
        key = clerk.keys.key if attempt.reviewer_is_clerk else None
        if key is None:
            reviewer = comes(town, attempt.reviewer, attempt.reviewer_inviter, device)
        else:
            reviewer = town.somebody(attempt.reviewer, device, key)
        package.review(reviewer.number, attempt.decision, reviewer.keys)
        approved = attempt.decision is ReviewDecision.APPROVED
        allowed = allowed and approved and key is None and reviewer.may(Action.REVIEW)
    return allowed, lambda: town.send(package, deliverer)


def passes(deliver: Callable[[], Receipt]) -> bool:
    try:
        return deliver().outcome is Outcome.PASSED
    except RefusalError:
        return False


def alone() -> dict[str, Attempt]:
    """Each way in which one alone is not who it should be, in a session that otherwise passes."""
    device, clerk = Kind(CertificateRole.DEVICE), Kind(CertificateRole.CLERK)
    right = {"device": device, "clerk": clerk, "reviewer": Kind(CertificateRole.SUPERVISOR), "inviter": ADMINISTRATOR}
    attempts = {
        "the reviewer is the clerk": Attempt(matched=False, reviewer_is_clerk=True),
        "the review is a rejection": Attempt(matched=False, decision=ReviewDecision.REJECTED),
        "another computer delivers": Attempt(deliverer=device),
    }
    for name, kind in right.items():
        others = (
            *(replace(kind, state=state) for state in State if state is not State.GOOD),
            *(replace(kind, role=role) for role in ROLES if role is not kind.role),
            replace(kind, halls=(THERE,)),
        )
        where = "clerk_inviter" if name == "inviter" else name
        for other in others:
            attempt = replace(Attempt(matched=name != "reviewer"), **{where: other})  # type: ignore[arg-type]
            attempts[f"{name}: {other.role}, {other.state}, {other.halls[0]}"] = attempt
    return attempts


ALONE = alone()


@pytest.mark.may_log("pyhanko")
@pytest.mark.attack("T2", "one alone is not who it should be")
@pytest.mark.parametrize("who", ALONE)
def test_one_alone_who_may_not_lets_nothing_pass(town: Town, who: str) -> None:
    allowed, deliver = made(town, ALONE[who])
    assert not allowed
    assert not passes(deliver)


@pytest.mark.may_log("pyhanko")
@pytest.mark.attack("T2", "anybody does anything with anybody's genuine keys")
@settings(max_examples=40)
@given(attempt=attempts())
def test_nothing_passes_but_what_the_table_allows(town: Town, attempt: Attempt) -> None:
    allowed, deliver = made(town, attempt)
    assert passes(deliver) is allowed


@pytest.mark.parametrize("matched", [True, False])
@pytest.mark.parametrize("inviter", [None, ADMINISTRATOR])
def test_what_it_allows_passes(town: Town, matched: bool, inviter: Kind | None) -> None:
    """Or the other would prove nothing."""
    attempt = Attempt(matched=matched, clerk_inviter=inviter, clerk_renews=matched)
    allowed, deliver = made(town, attempt)
    assert allowed
    assert deliver().outcome is Outcome.PASSED
