"""Timestamps of manifest and notice: over these bytes, of a service that counts, at a time that can be true."""

import datetime as dt
import hashlib
from pathlib import Path

import pytest

from hallclient.domain.evidence import MANIFEST_TIMESTAMP
from hallclient.domain.evidence.facts.signature import NoticeTimestamp
from hallclient.domain.inspection_question import Question
from hallclient.domain.timestamp import Stamp
from tests.hallclient.domain.inspection.world import World
from tests.packages import NOW, BuiltPackage
from tests.timestamp_service import TimestampAuthority, authority

pytestmark = pytest.mark.may_log("pyhanko")

TSA = authority("tsa", NOW - dt.timedelta(days=9), 20)
FOREIGN = authority("foreign tsa", NOW - dt.timedelta(days=9), 20)
SIGNED_AT, SEALED_AT = NOW + dt.timedelta(minutes=3), NOW + dt.timedelta(minutes=4)
TRUSTED = (TSA.root,)


def of_manifest(question: Question) -> set[tuple[str, Question]]:
    return {(MANIFEST_TIMESTAMP, question)}


def of_notice(question: Question) -> set[tuple[str, Question]]:
    return {("notice.enc", question)}


def test_a_good_one_holds_and_is_told(world: World, package: BuiltPackage) -> None:
    package.timestamp(TSA.stamp_at(SEALED_AT))
    inspection = world.inspect(package, TRUSTED)
    assert inspection.holds
    (told,) = inspection.timestamps
    assert (told.file, told.timestamp.at, told.timestamp.trusted) == (MANIFEST_TIMESTAMP, SEALED_AT, True)
    assert told.timestamp.service == "CN=tsa"


def test_without_roots_nobody_says_whom_to_trust(world: World, package: BuiltPackage) -> None:
    package.timestamp(FOREIGN.stamp_at(SEALED_AT))
    inspection = world.inspect(package)
    assert inspection.holds
    assert [told.timestamp.trusted for told in inspection.timestamps] == [None]
    assert (MANIFEST_TIMESTAMP, Question.TIMESTAMP_TRUSTED) not in {
        (check.file, check.question) for check in inspection.checks
    }


def test_an_untrusted_service_is_named(world: World, package: BuiltPackage) -> None:
    package.timestamp(FOREIGN.stamp_at(SEALED_AT))
    assert world.failed(package, TRUSTED) == of_manifest(Question.TIMESTAMP_TRUSTED)


@pytest.mark.parametrize("roots", [TRUSTED, ()])
def test_a_timestamp_over_other_bytes_is_named(world: World, package: BuiltPackage, roots: tuple[()]) -> None:
    reply = TSA.stamp_at(SEALED_AT)(hashlib.sha256(b"another manifest's signature").digest())
    (package.folder / MANIFEST_TIMESTAMP).write_bytes(reply)
    assert world.failed(package, roots) == of_manifest(Question.TIMESTAMP_OF_THIS)


def test_a_timestamp_with_a_changed_time_is_named(world: World, package: BuiltPackage) -> None:
    package.timestamp(TSA.stamp_at(SEALED_AT))
    path = package.folder / MANIFEST_TIMESTAMP
    reply = path.read_bytes()
    changed = reply.replace(b"20260302093400Z", b"20260302093300Z")
    assert changed != reply
    path.write_bytes(changed)
    assert world.failed(package, TRUSTED) == of_manifest(Question.TIMESTAMP_OF_THIS)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x30\x80" + bytes(300), bytes(100_000)])
def test_what_is_none_is_named(world: World, package: BuiltPackage, content: bytes) -> None:
    (package.folder / MANIFEST_TIMESTAMP).write_bytes(content)
    assert world.failed(package, TRUSTED) == of_manifest(Question.UNDERSTOOD)


def test_one_with_something_behind_it_is_none(world: World, package: BuiltPackage) -> None:
    package.timestamp(TSA.stamp_at(SEALED_AT))
    path = package.folder / MANIFEST_TIMESTAMP
    path.write_bytes(path.read_bytes() + b"\0")
    assert world.failed(package, TRUSTED) == of_manifest(Question.UNDERSTOOD)


@pytest.mark.parametrize("minutes", [-5, 4, 9])
def test_before_the_seal_it_cannot_be_made(world: World, package: BuiltPackage, minutes: int) -> None:
    at = NOW + dt.timedelta(minutes=minutes)
    package.timestamp(TSA.stamp_at(at))
    if SEALED_AT - at <= dt.timedelta(minutes=5):
        assert world.inspect(package, TRUSTED).holds
    else:
        assert world.failed(package, TRUSTED) == of_manifest(Question.TIMESTAMP_IN_TIME)


@pytest.mark.parametrize(("late_s", "holds"), [(-60, True), (240, True), (360, False)])
def test_a_timestamp_later_than_the_receipt_was_added(
    world: World, package: BuiltPackage, late_s: int, holds: bool
) -> None:
    received_at = SEALED_AT + dt.timedelta(hours=1)
    package.timestamp(TSA.stamp_at(received_at + dt.timedelta(seconds=late_s)))
    package.receipt(world.centre, received_at=received_at.isoformat())
    if holds:
        assert world.inspect(package, TRUSTED).holds
    else:
        assert world.failed(package, TRUSTED) == of_manifest(Question.TIMESTAMP_IN_TIME)


# The timestamp inside the notice.


def stamped(world: World, folder: Path, stamp: Stamp, **options: NoticeTimestamp) -> BuiltPackage:
    return world.build(folder / "package", stamp=stamp, **options)


def test_a_notice_with_a_timestamp_holds(world: World, tmp_path: Path) -> None:
    assert world.inspect(stamped(world, tmp_path, TSA.stamp_at(SIGNED_AT)), TRUSTED).holds


@pytest.mark.parametrize("stated", [NoticeTimestamp.NO_SERVICE, NoticeTimestamp.UNREACHABLE, NoticeTimestamp.INVALID])
@pytest.mark.attack("T14", "facts that hide a timestamp")
def test_the_facts_do_not_hide_a_timestamp(world: World, tmp_path: Path, stated: NoticeTimestamp) -> None:
    package = stamped(world, tmp_path, TSA.stamp_at(SIGNED_AT), timestamp=stated)
    assert world.failed(package, TRUSTED) == of_notice(Question.TIMESTAMP_AS_STATED)


def test_the_facts_do_not_invent_one(world: World, tmp_path: Path) -> None:
    package = world.build(tmp_path / "package", timestamp=NoticeTimestamp.TIMESTAMPED)
    assert world.failed(package, TRUSTED) == of_notice(Question.TIMESTAMP_AS_STATED)


def test_a_foreign_service_in_the_notice_is_named(world: World, tmp_path: Path) -> None:
    package = stamped(world, tmp_path, FOREIGN.stamp_at(SIGNED_AT))
    assert world.failed(package, TRUSTED) == of_notice(Question.TIMESTAMP_AS_STATED)


def test_a_timestamp_of_another_signature_in_the_notice_is_named(world: World, tmp_path: Path) -> None:
    of_another = TSA.stamp_at(SIGNED_AT)(hashlib.sha256(b"another signature").digest())
    package = stamped(world, tmp_path, lambda sha256: of_another)
    assert world.failed(package, TRUSTED) == of_notice(Question.TIMESTAMP_AS_STATED)


@pytest.mark.parametrize("at", [NOW - dt.timedelta(days=1), SEALED_AT + dt.timedelta(days=1)])
def test_a_notice_is_timestamped_while_the_session_is_done(world: World, tmp_path: Path, at: dt.datetime) -> None:
    assert world.failed(stamped(world, tmp_path, TSA.stamp_at(at)), TRUSTED) == of_notice(Question.TIMESTAMP_IN_TIME)


def test_a_service_is_not_judged_by_the_roots_of_devices(world: World, package: BuiltPackage) -> None:
    """The other way round, too: who may say what time it is may not seal sessions."""
    package.timestamp(TSA.stamp_at(SEALED_AT))
    assert world.failed(package, (world.root.certificate,)) == of_manifest(Question.TIMESTAMP_TRUSTED)


def test_a_certificate_that_is_for_other_things_makes_no_timestamps(world: World, package: BuiltPackage) -> None:
    """The root's own key, which is no service."""
    own = TimestampAuthority(TSA.root, FOREIGN.certificate, FOREIGN.key)
    package.timestamp(own.stamp_at(SEALED_AT))
    assert world.failed(package, TRUSTED) == of_manifest(Question.TIMESTAMP_TRUSTED)
