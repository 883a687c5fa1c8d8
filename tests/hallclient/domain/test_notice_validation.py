"""A notice by itself: today, after its certificates have expired, and after ten years."""

import datetime as dt
from collections.abc import Callable
from functools import cache

import pytest

from hallclient.central.archive_timestamp import is_due, with_archive_timestamp
from hallclient.domain.certificates import CertificateRole
from hallclient.domain.notice_certificate import notice_uris
from hallclient.domain.notice_validation import NoticeFault, Profile, ValidatedNotice, validate_notice
from hallclient.domain.revocations import sign_revocations
from hallclient.domain.timestamp import Stamp
from tests.packages import NOW, CountedEntropy, make_authority, signed_notice
from tests.timestamp_service import TimestampAuthority, authority

pytestmark = pytest.mark.may_log("pyhanko")

SESSION, STROKES = "019c0000-0000-7000-8000-000000000001", "ab" * 32
CENTRE = make_authority(CountedEntropy("notices"))
DEVICE = CENTRE.device(CountedEntropy("device"))
ROOTS = (CENTRE.certificate,)
LONG = authority("tsa of 20 years", NOW - dt.timedelta(days=9), 20)
SHORT = [authority(f"tsa of 3 years, {index}", NOW + dt.timedelta(days=index * 700 - 9), 3) for index in range(6)]
FOREIGN = authority("foreign tsa", NOW - dt.timedelta(days=9), 20)
DAY, YEAR = dt.timedelta(days=1), dt.timedelta(days=365.25)


@cache
def notice(stamp: Stamp | None = None, uris: tuple[str, ...] = notice_uris(SESSION, STROKES)) -> bytes:
    return signed_notice(DEVICE, NOW, SESSION, uris, stamp)


def archived(
    pdf: bytes, at: dt.datetime, by: TimestampAuthority = LONG, revoked_at: dt.datetime | None = None
) -> bytes:
    """As the centre renews it at a time; the device was revoked then, or was not."""
    revoked = {DEVICE.certificate.serial_number: revoked_at} if revoked_at else {}
    revocations = sign_revocations(CENTRE.issuer, CENTRE.issuer_key, revoked, 1, at)
    return with_archive_timestamp(pdf, ROOTS, revocations.revocation_list, by.stamp_at(at))


def asked(pdf: bytes, now: dt.datetime, *services: TimestampAuthority) -> ValidatedNotice:
    return validate_notice(pdf, ROOTS, [one.root for one in services or (LONG,)], now)


def test_b_b_holds_while_its_certificates_do() -> None:
    said = asked(notice(), NOW + DAY)
    assert said.valid
    assert (said.profile, said.session, said.strokes_sha256) == (Profile.B_B, SESSION, STROKES)
    assert (said.device, said.proven_at, said.timestamps) == ("pc-1", NOW + DAY, ())
    later = asked(notice(), NOW + 10 * YEAR)
    assert later.faults == (NoticeFault.SIGNER_EXPIRED,)


def test_b_t_proves_when_until_the_service_expires() -> None:
    pdf = notice(SHORT[0].stamp_at(NOW))
    said = asked(pdf, NOW + 2 * YEAR, SHORT[0])  # the device's certificate has expired, the service's not
    assert said.valid
    assert (said.profile, said.proven_at) == (Profile.B_T, NOW)
    assert asked(notice(), NOW + 2 * YEAR).faults == (NoticeFault.SIGNER_EXPIRED,)
    ten_years_on = asked(pdf, NOW + 10 * YEAR, SHORT[0])
    assert ten_years_on.faults == (NoticeFault.TIMESTAMP_EXPIRED, NoticeFault.SIGNER_EXPIRED)


@pytest.mark.parametrize("stamp", [None, LONG.stamp_at(NOW)], ids=["B-B", "B-T"])
@pytest.mark.attack(
    "T14", "a notice, ten years on", answer="the unrenewed one says what expired; the renewed one is valid"
)
def test_ten_years_on_a_renewed_one_is_valid_and_another_says_why_not(stamp: Stamp | None) -> None:
    renewed = archived(notice(stamp), NOW + 3 * DAY)
    assert renewed.startswith(notice(stamp))
    said = asked(renewed, NOW + 10 * YEAR)
    assert said.valid
    assert said.profile is Profile.B_LTA
    assert said.proven_at == (NOW + 3 * DAY if stamp is None else NOW)
    if stamp is None:
        assert asked(notice(), NOW + 10 * YEAR).faults == (NoticeFault.SIGNER_EXPIRED,)


def test_each_renewal_proves_the_one_before() -> None:
    """Services of three years: renewed every 700 days it holds for ten years, with one renewal missing it does not."""
    pdf = missing = notice(SHORT[0].stamp_at(NOW))
    for index, service in enumerate(SHORT):
        at = NOW + dt.timedelta(days=700 * index + 1)
        pdf = archived(pdf, at, service)
        if index != 3:
            missing = archived(missing, at, service)
    now = NOW + 10 * YEAR
    said = asked(pdf, now, *SHORT)
    assert said.valid
    assert len(said.timestamps) == 7
    assert all(one.believed for one in said.timestamps)
    assert said.proven_at == NOW
    faults = asked(missing, now, *SHORT).faults
    assert NoticeFault.TIMESTAMP_EXPIRED in faults
    assert NoticeFault.SIGNER_EXPIRED in faults


def test_when_it_is_due_again() -> None:
    once = archived(notice(), NOW + DAY, SHORT[0])
    assert is_due(asked(notice(), NOW), NOW)
    for days, due in ((2, False), (500, False), (600, True)):
        now = NOW + days * DAY
        assert is_due(asked(once, now, SHORT[0]), now) is due


def test_a_foreign_service_proves_nothing() -> None:
    said = asked(archived(notice(), NOW + DAY, FOREIGN), NOW + 2 * DAY)
    assert said.faults == (NoticeFault.TIMESTAMP_UNTRUSTED,)
    assert said.proven_at == NOW + 2 * DAY


def test_without_roots_of_services_timestamps_are_told_and_prove_nothing() -> None:
    pdf = archived(notice(LONG.stamp_at(NOW)), NOW + DAY)
    said = validate_notice(pdf, ROOTS, (), NOW + 2 * DAY)
    assert said.valid
    assert [(one.over, one.believed) for one in said.timestamps] == [("document", False), ("signature", False)]
    assert said.proven_at == NOW + 2 * DAY
    assert validate_notice(pdf, ROOTS, (), NOW + 10 * YEAR).faults == (NoticeFault.SIGNER_EXPIRED,)


@pytest.mark.parametrize(("revoked_after_days", "valid"), [(2, True), (-1, False)])
def test_a_device_that_was_revoked_later_signed_well(revoked_after_days: int, valid: bool) -> None:
    """The list in the document says when; a service says that the signature was there before, or it was not."""
    pdf = archived(notice(LONG.stamp_at(NOW)), NOW + 3 * DAY, revoked_at=NOW + revoked_after_days * DAY)
    said = asked(pdf, NOW + 10 * YEAR)
    assert said.valid is valid
    assert said.faults == (() if valid else (NoticeFault.SIGNER_REVOKED,))


def flipped(pdf: bytes, place: int) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_changed_bit_is_found(share: float) -> None:
    """In the page, in the signed part of each revision: wherever no zeros fill up a signature."""
    pdf = archived(notice(LONG.stamp_at(NOW)), NOW + DAY)
    place = int(len(pdf) * share)
    while pdf[place : place + 1] in (b"0", b"\n"):
        place += 1
    assert not asked(flipped(pdf, place), NOW + 2 * DAY).valid


Change = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda pdf: pdf + b"\n% added", NoticeFault.CHANGED),
        (lambda pdf: pdf[:3000], NoticeFault.UNREADABLE),
        (lambda pdf: b"", NoticeFault.UNREADABLE),
        (lambda pdf: b"%PDF-1.7 rubbish", NoticeFault.UNREADABLE),
    ],
)
def test_what_is_none_is_named(change: Change, fault: NoticeFault) -> None:
    assert asked(change(notice()), NOW + DAY).faults == (fault,)


def test_a_document_without_a_signature() -> None:
    pdf = notice()
    assert asked(pdf[: pdf.index(b"%%EOF") + 6], NOW + DAY).faults == (NoticeFault.NOT_SIGNED_ONCE,)


def test_another_root_vouches_for_nobody() -> None:
    stranger = make_authority(CountedEntropy("stranger"))
    said = validate_notice(notice(), [stranger.certificate], (), NOW + DAY)
    assert said.faults == (NoticeFault.SIGNER_UNTRUSTED,)


def test_who_says_the_time_vouches_for_no_signer_and_the_other_way_round() -> None:
    pdf = archived(notice(), NOW + DAY)
    said = validate_notice(pdf, [LONG.root], [CENTRE.certificate], NOW + 2 * DAY)
    assert said.faults == (NoticeFault.TIMESTAMP_UNTRUSTED, NoticeFault.SIGNER_UNTRUSTED)


@pytest.mark.parametrize("role", [CertificateRole.RECEIPT, CertificateRole.CLERK, CertificateRole.TLS])
def test_only_devices_vouch_for_notices(role: CertificateRole) -> None:
    other = DEVICE.person("pc-1", role)
    pdf = signed_notice(other, NOW, SESSION, notice_uris(SESSION, STROKES))
    assert NoticeFault.SIGNER_UNTRUSTED in asked(pdf, NOW + DAY).faults


@pytest.mark.parametrize("uris", [("urn:none:",), notice_uris(SESSION, STROKES)[:1], ("urn:uuid:x", "urn:sha256:y")])
def test_a_key_for_no_session_is_none(uris: tuple[str, ...]) -> None:
    assert asked(notice(None, uris), NOW + DAY).faults == (NoticeFault.KEY_UNNAMED,)
