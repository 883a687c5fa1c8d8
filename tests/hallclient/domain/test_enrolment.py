"""What a counter believes of the centre's answer: all of it is signed, and every certificate in it is asked."""

import datetime as dt
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hallclient.domain.certificate_issuing import Subject
from hallclient.domain.certificates import CertificateChain, CertificateRole, to_text
from hallclient.domain.comparison import Thresholds
from hallclient.domain.enrolment import (
    EngineThresholds,
    Enrolment,
    EnrolmentSettings,
    SignedEnrolment,
    StaffCertificate,
    sign_enrolment,
)
from hallclient.domain.failures import FailureCode, KnownError
from tests.clock import NOON
from tests.halls import PLACE, TestCentre

DAY = dt.timedelta(days=1)
DEVICE = "pc-1"


class Enroller:
    """A centre that writes whatever enrolment a test wants."""

    def __init__(self) -> None:
        self.centre = TestCentre(NOON)
        self.key = Ed25519PrivateKey.generate()
        self.receipt = self.issued(Subject("test"), CertificateRole.RECEIPT, self.key)
        self.device = self.issued(Subject(DEVICE, place=PLACE), CertificateRole.DEVICE)

    def issued(self, subject: Subject, role: CertificateRole, key: Ed25519PrivateKey | None = None) -> CertificateChain:
        return self.centre.issued((key or Ed25519PrivateKey.generate()).public_key(), subject, role)

    def administrator(self, number: str = "9001", hall: str = PLACE.hall) -> StaffCertificate:
        chain = self.issued(Subject("9001", halls=(hall,)), CertificateRole.ADMINISTRATOR)
        return StaffCertificate(number=number, certificate=to_text(chain.leaf))

    def enrolment(self, **changes: Any) -> Enrolment:
        certificate, issuers = self.device.to_texts()
        values: dict[str, Any] = {
            "centre": "test",
            "practice": False,
            "roots": (to_text(self.centre.root),),
            "place": PLACE,
            "device": DEVICE,
            "certificate": certificate,
            "issuers": issuers,
            "data_key": X25519PrivateKey.generate().public_key().public_bytes_raw().hex(),
            "signer": to_text(self.receipt.leaf),
            "issued_at": NOON.isoformat(),
        }
        return Enrolment(**{**values, **changes})

    def signed(self, key: Ed25519PrivateKey | None = None, **changes: Any) -> SignedEnrolment:
        return sign_enrolment(self.enrolment(**changes), key or self.key)


@pytest.fixture(scope="module")
def enroller() -> Enroller:
    return Enroller()


def code_of(signed: SignedEnrolment, at: dt.datetime = NOON, roots: Any = None) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        signed.verified(at, roots)
    return caught.value.code


def test_it_comes_back_as_it_was_written(enroller: Enroller) -> None:
    settings = EnrolmentSettings(
        thresholds=(EngineThresholds(engine="sface", thresholds=Thresholds(0.5, 0.3, 0.001, "ours", "2026-01-01")),),
        timestamp_url="https://tsa.example",
        portrait_library_sha256="ab" * 32,
    )
    signed = enroller.signed(settings=settings, staff=(enroller.administrator(),), addresses=("https://c.example",))
    read = SignedEnrolment.from_json(signed.to_json())
    for roots in (None, [enroller.centre.root]):
        enrolment = read.verified(NOON, roots)
        assert enrolment == read.unverified()
        assert (enrolment.settings, enrolment.workstation.device) == (settings, DEVICE)


def test_other_roots_than_its_own_decide_where_they_are_known(enroller: Enroller) -> None:
    assert code_of(enroller.signed(), roots=[TestCentre(NOON).root]) is FailureCode.CENTRE_UNTRUSTED
    assert code_of(enroller.signed(), roots=[]) is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.parametrize("at", range(0, 4000, 97))
def test_every_changed_character_is_found(at: int, enroller: Enroller) -> None:
    signed = enroller.signed()
    place = at % len(signed.enrolment)
    character = signed.enrolment[place]
    changed = signed.enrolment[:place] + ("1" if character != "1" else "2") + signed.enrolment[place + 1 :]
    assert code_of(signed.model_copy(update={"enrolment": changed})) in (
        FailureCode.CENTRE_UNTRUSTED,
        FailureCode.INPUT_INVALID,
    )


@pytest.mark.parametrize("role", sorted(set(CertificateRole) - {CertificateRole.ROOT, CertificateRole.RECEIPT}))
def test_only_the_receipt_key_signs_one(role: CertificateRole, enroller: Enroller) -> None:
    """An enrolled device, a person or the server itself gives nobody other roots or another data key."""
    key = Ed25519PrivateKey.generate()
    chain = enroller.issued(Subject("x", place=PLACE, halls=()), role, key)
    assert code_of(enroller.signed(key, signer=to_text(chain.leaf))) is FailureCode.CENTRE_UNTRUSTED
    assert code_of(enroller.signed(key)) is FailureCode.CENTRE_UNTRUSTED


def test_every_certificate_in_it_is_for_what_it_stands_there(enroller: Enroller) -> None:
    clerk = to_text(enroller.issued(Subject("9001", halls=(PLACE.hall,)), CertificateRole.CLERK).leaf)
    foreign = TestCentre(NOON).issued(
        Ed25519PrivateKey.generate().public_key(), Subject(DEVICE, place=PLACE), CertificateRole.DEVICE
    )
    for changes in (
        {"certificate": clerk},
        {"certificate": to_text(foreign.leaf)},
        {"certificate": "zz"},
        {"device": "pc-2"},
        {"place": {"hall": "another", "channel": PLACE.channel, "counter": PLACE.counter}},
        {"issuers": ()},
        {"roots": ("00",)},
        {"signer": "00"},
        {"staff": (enroller.administrator(number="9002"),)},
        {"staff": (enroller.administrator(hall="another"),)},
        {"staff": (StaffCertificate(number=DEVICE, certificate=to_text(enroller.device.leaf)),)},
    ):
        assert code_of(enroller.signed(**changes)) is FailureCode.CENTRE_UNTRUSTED, changes


@pytest.mark.parametrize("away", [-DAY, 399 * DAY])
def test_a_clock_that_is_wrong_is_told_from_a_false_centre(away: dt.timedelta, enroller: Enroller) -> None:
    """It held when it was issued, and does not now: one of the two clocks is wrong, or the file is old."""
    assert code_of(enroller.signed(), NOON + away) is FailureCode.CLOCK_WRONG
    forged = enroller.signed(Ed25519PrivateKey.generate())
    assert code_of(forged, NOON + away) is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"enrolment":"{}","signature":""}', b"\xff"])
def test_what_is_no_enrolment_is_said(data: bytes) -> None:
    with pytest.raises(KnownError) as caught:
        SignedEnrolment.from_json(data)
    assert caught.value.code is FailureCode.INPUT_INVALID
    empty = SignedEnrolment(enrolment="{}", signature="0" * 192)
    assert code_of(empty) is FailureCode.INPUT_INVALID
