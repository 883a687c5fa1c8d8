"""A recording read to its end, and that the disk did not take: it is kept at the next try, or leaves nothing."""

from pathlib import Path

import pytest

from hallclient.devices import RecordingReport
from hallclient.domain.evidence.files import file_name
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import AbandonReason
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.notice import NoticeStep
from hallclient.storage import vault as vault_module
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    hear,
    next_kind,
    open_session,
    read_notice,
    read_s,
    recording_of,
    resume_session,
    stored,
    walk,
)
from tests.hallclient.services.test_failed_commits import FullDisk, files, full_at_commit

RECORDING = "recording.enc"


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Session:
    begun = open_session(hall, doubles.equipment(clock))
    walk(begun, clock, until="notice")
    return begun


def read_to_the_last_line(session: Session, clock: HandClock) -> None:
    session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    for index, line in enumerate(session.the(NoticeStep).notice().lines):
        session.the(NoticeStep).show_line(index)
        hear(session)
        clock.advance(read_s(line))


def refused(session: Session, clock: HandClock) -> None:
    """Read it to the end, and the disk does not take it."""
    read_to_the_last_line(session, clock)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            session.the(NoticeStep).finish_recording()
    assert session.the(NoticeStep).recording_is_whole


def test_a_whole_reading_that_the_disk_did_not_take_is_kept_at_the_next_try(
    session: Session, hall: OpenHall, clock: HandClock
) -> None:
    refused(session, clock)
    with pytest.raises(BugError):
        session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    camera = session.equipment.camera
    assert isinstance(camera, doubles.Camera)
    was_open = camera.open
    recording = session.the(NoticeStep).finish_recording()
    assert not session.the(NoticeStep).recording_is_whole
    assert (was_open, camera.open) == (True, False)  # nobody needs it any more
    assert recording.restarts == 0
    assert next_kind(session) == next_kind(stored(hall, session)) == "signature"
    assert session.the(NoticeStep).is_done
    walk(session, clock)
    session.close()
    package, data_key = hall.vault.package(session.session_id), hall.data_key(session.session_id)
    assert inspect(package, hall.roots, ShippedRules(), data_key).holds


@pytest.mark.parametrize("fails", ["replace", "sync_folder"])
def test_a_file_that_could_not_be_taken_over_is_taken_over_at_the_next_try(
    fails: str, session: Session, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virus scanner has it open; or it has its name already, and then the disk says no."""
    read_to_the_last_line(session, clock)

    def busy(*_: object) -> None:
        raise OSError(16, "busy")

    with monkeypatch.context() as patches:
        patches.setattr(*((Path, "replace", busy) if fails == "replace" else (vault_module, "sync_folder", busy)))
        with pytest.raises(KnownError, match="store_busy"):
            session.the(NoticeStep).finish_recording()
    assert session.the(NoticeStep).recording_is_whole
    session.the(NoticeStep).finish_recording()
    walk(session, clock)
    session.close()


def test_who_begins_again_instead_leaves_no_file_and_no_fact(
    session: Session, hall: OpenHall, clock: HandClock
) -> None:
    refused(session, clock)
    session.the(NoticeStep).restart_recording()
    assert not session.the(NoticeStep).recording_is_whole
    assert not [name for name in files(hall, session) if name.startswith("recording")]
    read_notice(session, clock)
    assert recording_of(session).restarts == 1
    assert RECORDING in files(hall, session)
    session.the(NoticeStep).restart_recording()  # what a fact lists stays
    assert RECORDING in files(hall, session)
    session.close()


def test_who_stays_because_the_disk_refused_the_end_reads_nothing_twice(
    session: Session, hall: OpenHall, clock: HandClock
) -> None:
    refused(session, clock)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert session.the(NoticeStep).recording_is_whole
    assert session.the(NoticeStep).finish_recording().restarts == 0
    assert RECORDING in files(hall, session)
    session.close()


def test_who_leaves_leaves_no_file(session: Session, hall: OpenHall, clock: HandClock) -> None:
    refused(session, clock)
    session.close()
    assert not [name for name in files(hall, session) if name.startswith("recording")]


def test_after_a_crash_what_no_fact_lists_is_gone_and_what_one_lists_is_there(
    session: Session, hall: OpenHall, clock: HandClock
) -> None:
    refused(session, clock)
    assert RECORDING in files(hall, session)
    resumed = resume_session(hall, doubles.equipment(clock), session.session_id)  # without any `close`
    assert files(hall, session) == sorted(map(file_name, stored(hall, resumed).file_ids))
    assert resumed.the(CardStep).reading is not None
    walk(resumed, clock)
    resumed.close()
    session.the(NoticeStep)._whole = None
    session.close()


class Torn(doubles.Recorder):
    """Its recording ends before the last line is shown."""

    def stop(self) -> RecordingReport:
        super().stop()
        return RecordingReport(3.0, 75, 0, 3.0, 7, "0" * 64)


def test_a_recording_without_the_last_line_is_not_kept(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, recorder=Torn()))
    walk(session, clock, until="notice")
    read_to_the_last_line(session, clock)
    with pytest.raises(KnownError) as caught:
        session.the(NoticeStep).finish_recording()
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert not session.the(NoticeStep).recording_is_whole
    assert session.the(NoticeStep).facts.recording is None
    session.the(NoticeStep).restart_recording()
    assert not [name for name in files(hall, session) if name.startswith("recording")]
    session.close()
