"""The centre keeps the notices that it received provable, beside the packages as they came."""

import datetime as dt
import hashlib
from pathlib import Path

import pytest

from hallclient.central.archive_timestamp import is_due
from hallclient.central.centre import Centre
from hallclient.central.identity import change_identity
from hallclient.central.notice_archive import Archived, Became, NoticeArchive
from hallclient.central.sender import sender_of
from hallclient.central.store import upload_name
from hallclient.domain.enrolment import EnrolmentSettings
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.notice_validation import NoticeFault, Profile, ValidatedNotice, validate_notice
from hallclient.domain.timestamp import Stamp
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.sync.timestamp_client import TimestampClient
from hallclient.system import SystemClock, SystemEntropy
from tests.clock import CountingEntropy, HandClock
from tests.hallclient.central.running import enrol, running
from tests.packages import BuiltPackage, CountedEntropy
from tests.timestamp_service import authority, openssl_service

pytestmark = pytest.mark.may_log("(pyhanko|timestamp)")

SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
TSA, FOREIGN = authority("tsa", SINCE, 29), authority("foreign tsa", SINCE, 29)
NOTICE = "notice.enc"
YEAR = dt.timedelta(days=365.25)


class Received:
    """A centre that received one session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "central"
        clock, entropy = SystemClock(), SystemEntropy()
        Centre.create(self.folder, "test", False, clock, entropy)
        settings = EnrolmentSettings(timestamps=TSA.settings())
        change_identity(self.folder, settings=settings.model_dump(mode="json"))
        self.centre = Centre.open(self.folder, clock, entropy)
        hall = enrol(self.centre, folder)
        self.package: BuiltPackage = hall.build(folder / "package", CountedEntropy("archive"))
        with running(self.centre) as url, hall.client(url) as client:
            client.send(self.package.files, self.session)

    @property
    def session(self) -> str:
        return self.package.manifest.session

    @property
    def upload(self) -> str:
        return upload_name(self.session, sender_of(self.package.device.chain.leaf))

    def archive(self, now: dt.datetime | None = None) -> NoticeArchive:
        clock = HandClock(now or dt.datetime.now(dt.UTC))
        return NoticeArchive(self.folder, self.centre.keys, clock, SystemEntropy())

    def renew(
        self, stamp: Stamp, now: dt.datetime, settings: TimestampSettings | None = None, *, also_not_due: bool = False
    ) -> list[Archived]:
        archive = self.archive(now)
        chosen = settings or TSA.settings()
        return list(archive.renew(chosen, stamp, self.centre.revocations(), also_not_due=also_not_due))

    def said(self, now: dt.datetime) -> ValidatedNotice:
        return validate_notice(self.archive().notice(self.session), self.centre.keys.roots, [TSA.root], now)

    def as_it_came(self) -> dict[str, str]:
        """Every file of the centre but the archive, by its digest."""
        objects = (self.folder / "objects").rglob("*")
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in objects if path.is_file()}


@pytest.fixture
def received(tmp_path: Path) -> Received:
    return Received(tmp_path)


def in_(days: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(days=days)


def test_openssl_makes_it_b_lta(tmp_path: Path, received: Received) -> None:
    before, now = received.as_it_came(), in_(0.001)
    assert received.said(now).profile is Profile.B_B
    (tmp_path / "tsa").mkdir()
    with openssl_service(tmp_path / "tsa", TSA) as url:
        service = TimestampClient(TSA.settings(url), CountingEntropy(), patience_s=30)
        assert received.renew(service.stamp, now) == [Archived(received.session, NOTICE, Became.RENEWED)]
    said = received.said(now)
    assert said.valid
    assert (said.profile, said.session) == (Profile.B_LTA, received.session)
    assert not is_due(said, now)
    assert received.as_it_came() == before
    sealed = (received.folder / "archive" / received.upload / NOTICE).read_bytes()
    assert b"%PDF" not in sealed


def test_ten_years_on_the_renewed_one_is_valid_and_an_unrenewed_one_says_why_not(received: Received) -> None:
    ten_years_on = dt.datetime.now(dt.UTC) + 10 * YEAR
    assert received.said(ten_years_on).faults == (NoticeFault.SIGNER_EXPIRED,)
    at = in_(3)
    assert [it.became for it in received.renew(TSA.stamp_at(at), at)] == [Became.RENEWED]
    assert received.said(ten_years_on).valid


def test_who_comes_too_late_is_told_why(received: Received) -> None:
    at = dt.datetime.now(dt.UTC) + 5 * YEAR
    told = received.renew(TSA.stamp_at(at), at)
    assert told == [Archived(received.session, NOTICE, Became.NOT_VALID, (NoticeFault.SIGNER_EXPIRED,))]


def test_it_is_renewed_again_when_it_is_due_and_when_somebody_says_so(received: Received) -> None:
    first, soon, late = in_(1), in_(2), in_(4500)
    received.renew(TSA.stamp_at(first), first)
    once = received.archive().notice(received.session)
    assert [it.became for it in received.renew(TSA.stamp_at(soon), soon)] == [Became.NOT_DUE]
    assert received.archive().notice(received.session) == once
    assert [it.became for it in received.renew(TSA.stamp_at(soon), soon, also_not_due=True)] == [Became.RENEWED]
    assert [it.became for it in received.renew(TSA.stamp_at(late), late)] == [Became.RENEWED]
    newest = received.archive().notice(received.session)
    assert newest.startswith(once)
    assert len(received.said(late).timestamps) == 3


def test_a_service_that_is_silent_leaves_what_there_was(received: Received) -> None:
    def silent(sha256: bytes) -> bytes:
        raise KnownError(FailureCode.TIMESTAMP_UNREACHABLE)

    before = received.archive().notice(received.session)
    with pytest.raises(KnownError, match="timestamp_unreachable"):
        received.renew(silent, in_(1))
    assert received.archive().notice(received.session) == before
    assert not (received.folder / "archive").exists()


def test_a_foreign_service_is_kept_nowhere(received: Received) -> None:
    at = in_(1)
    with pytest.raises(KnownError, match="timestamp_invalid"):
        received.renew(FOREIGN.stamp_at(at), at)
    assert not (received.folder / "archive").exists()


def test_one_that_was_changed_on_the_disk_is_told_and_the_others_go_on(received: Received) -> None:
    bundle = received.folder / "objects" / received.upload / "bundle.tar"
    content = bytearray(bundle.read_bytes())
    content[content.index(b"notice.enc") + 5000] ^= 1
    bundle.write_bytes(content)
    at = in_(1)
    (told,) = received.renew(TSA.stamp_at(at), at)
    assert told.became is Became.UNREADABLE


def test_what_was_not_received_has_no_notice(received: Received) -> None:
    with pytest.raises(KnownError, match="session_unknown"):
        received.archive().notice("019c0000-0000-7000-8000-000000000000")
