"""The real recorder process is killed, or stopped, at each line: it is told of, replaced, and leaves nothing."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from hallclient.domain.scene import Step
from hallclient.services.verification import Verification

from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.domain.evidence import FileKind
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services import verification
from hallclient.system import SystemEntropy
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.services.sessions import hear, open_session, read_s, walk
from tests.halls import make_hall, open_hall


@pytest.mark.expects_log("the recording of a reading broke off: recorder_failed")
def test_at_each_line_a_death_is_told_and_the_session_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "render", lambda *_: None)  # nobody signs here
    clock, recorder = HandClock(), ProcessRecorder(SystemEntropy())
    make_hall(tmp_path / "hall", clock)
    hall = open_hall(tmp_path / "hall", clock)
    equipment = doubles.equipment(clock, recorder=recorder)
    session = open_session(hall, equipment)
    walk(session, clock, until=Step.NOTICE)
    session.close()
    # A camera that nobody looks at: the customer of the portrait is gone.
    camera = doubles.Camera(clock)
    session = Verification.resume(hall, replace(equipment, camera=camera), session.session_id)
    folder = hall.vault.package(session.session_id).folder
    lines = session.notice().lines
    deaths = [(line, signal.SIGKILL) for line in range(len(lines))] + [(1, signal.SIGSTOP)]
    for last, how in deaths:
        told: list[KnownError | None] = []
        session.start_reading(lambda frame: None, lambda level: None, told.append)
        for index in range(last + 1):
            session.show_line(index)
            hear(session)
            clock.advance(read_s(lines[index]))
        os.kill(recorder.pid or 0, how)
        eventually(lambda told=told: told)
        assert told[0] is not None
        assert told[0].code is FailureCode.RECORDER_FAILED
        with pytest.raises(KnownError, match="recorder_failed"):
            session.show_line(last + 1) if last + 1 < len(lines) else session.finish_reading()
        session.restart_reading()
        assert [path.name for path in folder.glob("reading*")] == []
    session.start_reading(lambda frame: None, lambda level: None)
    for index, line in enumerate(lines):
        session.show_line(index)
        hear(session)
        clock.advance(read_s(line))
        due = camera.read_so_far + 2  # of which one is handed on: the last line is in the recording, too
        eventually(lambda due=due: camera.read_so_far >= due)
    reading = session.finish_reading()
    assert reading.fits_together
    assert session.next_step is Step.SIGNATURE
    assert [path.name for path in folder.glob("reading*")] == [FileKind.READING.file_name]
    session.close()
    recorder.close()
    hall.close()
