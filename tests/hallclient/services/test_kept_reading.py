"""A reading that was read to its end, and that the disk did not take: it is kept at the next try, or leaves nothing."""

from pathlib import Path

import pytest
from hallclient.domain.scene import Step
from hallclient.services.verification import Verification

from hallclient.devices import RecordingReport
from hallclient.domain.evidence import FileKind
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import State
from hallclient.services.access import OpenHall
from hallclient.storage import vault as vault_module
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import hear, open_session, read_notice, read_s, walk
from tests.hallclient.services.test_failed_commits import FullDisk, files, full_at_commit, stored

READING = FileKind.READING.file_name


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Verification:
    begun = open_session(hall, doubles.equipment(clock))
    walk(begun, clock, until=Step.NOTICE)
    return begun


def read_to_the_last_line(session: Verification, clock: HandClock) -> None:
    session.start_reading(lambda frame: None, lambda level: None)
    for index, line in enumerate(session.notice().lines):
        session.show_line(index)
        hear(session)
        clock.advance(read_s(line))


def refused(session: Verification, clock: HandClock) -> None:
    """Read it to the end, and the disk does not take it."""
    read_to_the_last_line(session, clock)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            session.finish_reading()
    assert session.reading_is_whole


def test_a_whole_reading_that_the_disk_did_not_take_is_kept_at_the_next_try(
    session: Verification, hall: OpenHall, clock: HandClock
) -> None:
    refused(session, clock)
    assert session._equipment.camera.open is False  # type: ignore[attr-defined]
    with pytest.raises(BugError):
        session.start_reading(lambda frame: None, lambda level: None)
    reading = session.finish_reading()
    assert not session.reading_is_whole
    assert reading.restarts == 0
    assert session.state is stored(hall, session).state is State.INFORMED
    walk(session, clock)
    session.close()
    assert inspect(hall.vault.package(session.session_id), hall.roots, hall.data_key(session.session_id)).holds


@pytest.mark.parametrize("fails", ["replace", "sync_folder"])
def test_a_file_that_could_not_be_taken_over_is_taken_over_at_the_next_try(
    fails: str, session: Verification, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virus scanner has it open; or it has its name already, and then the disk says no."""
    read_to_the_last_line(session, clock)

    def busy(*_: object) -> None:
        raise OSError(16, "busy")

    with monkeypatch.context() as patches:
        patches.setattr(*((Path, "replace", busy) if fails == "replace" else (vault_module, "sync_folder", busy)))
        with pytest.raises(KnownError, match="store_busy"):
            session.finish_reading()
    assert session.reading_is_whole
    session.finish_reading()
    walk(session, clock)
    session.close()


def test_who_begins_again_instead_leaves_no_file_and_no_fact(
    session: Verification, hall: OpenHall, clock: HandClock
) -> None:
    refused(session, clock)
    session.restart_reading()
    assert not session.reading_is_whole
    assert not [name for name in files(hall, session) if name.startswith("reading")]
    read_notice(session, clock)
    assert session.facts.reading is not None
    assert session.facts.reading.restarts == 1
    assert READING in files(hall, session)
    session.restart_reading()  # what a fact lists stays
    assert READING in files(hall, session)
    session.close()


def test_who_leaves_leaves_no_file(session: Verification, hall: OpenHall, clock: HandClock) -> None:
    refused(session, clock)
    session.close()
    assert not [name for name in files(hall, session) if name.startswith("reading")]


def test_after_a_crash_what_no_fact_lists_is_gone_and_what_one_lists_is_there(
    session: Verification, hall: OpenHall, clock: HandClock
) -> None:
    refused(session, clock)
    assert READING in files(hall, session)
    resumed = Verification.resume(hall, doubles.equipment(clock), session.session_id)  # without any `close`
    assert files(hall, session) == sorted(entry.kind.file_name for entry in resumed.facts.files)
    assert resumed.reading_of_card is not None
    walk(resumed, clock)
    resumed.close()
    session._whole = None
    session.close()


class Torn(doubles.Recorder):
    """Its recording ends before the last line is shown."""

    def stop(self) -> RecordingReport:
        super().stop()
        return RecordingReport(3.0, 75, 0, 3.0, 7, "0" * 64)


def test_a_recording_without_the_last_line_is_not_kept(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, recorder=Torn()))
    walk(session, clock, until=Step.NOTICE)
    read_to_the_last_line(session, clock)
    with pytest.raises(KnownError) as caught:
        session.finish_reading()
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert not session.reading_is_whole
    assert session.facts.reading is None
    session.restart_reading()
    assert not [name for name in files(hall, session) if name.startswith("reading")]
    session.close()
