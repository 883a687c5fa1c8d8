"""The real recorder process is killed, or stopped, at each line: it is told of, replaced, and leaves nothing."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.devices import Sound
from hallclient.domain.evidence.facts.notice import RECORDING
from hallclient.domain.evidence.files import file_id, file_name
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.session import signature
from hallclient.services.session.notice import NoticeStep
from hallclient.system import SystemEntropy
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.services.sessions import hear, next_kind, open_session, read_s, resume_session, walk
from tests.halls import make_hall, open_hall


class Microphone(doubles.Microphone):
    """Hears what is said now: the session's camera, which moves the clock, is open while a recorder is awaited."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock

    def read(self) -> Sound | None:
        self._time_s = max(self._time_s, self._clock.monotonic())
        return super().read()


@pytest.mark.expects_log("the recording of a reading broke off: recorder_failed")
def test_at_each_line_a_death_is_told_and_the_session_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "render", lambda *_: None)  # nobody signs here
    clock, recorder = HandClock(), ProcessRecorder(SystemEntropy())
    make_hall(tmp_path / "hall", clock)
    hall = open_hall(tmp_path / "hall", clock)
    equipment = doubles.equipment(clock, recorder=recorder, microphone=Microphone(clock))
    session = open_session(hall, equipment)
    walk(session, clock, until="notice")
    session.close()
    # A camera that nobody looks at: the customer of the portrait is gone.
    camera = doubles.Camera(clock)
    session = resume_session(hall, replace(equipment, camera=camera), session.session_id)
    step = session.the(NoticeStep)
    folder = hall.vault.package(session.session_id).folder
    recording, lines = file_id(step.planned.id, RECORDING), step.notice().lines
    deaths = [(line, signal.SIGKILL) for line in range(len(lines))] + [(1, signal.SIGSTOP)]
    for last, how in deaths:
        told: list[KnownError | None] = []
        step.start_recording(lambda frame: None, lambda level: None, told.append)
        for index in range(last + 1):
            step.show_line(index)
            hear(session)
            clock.advance(read_s(lines[index]))
        os.kill(recorder.pid or 0, how)
        eventually(lambda: told)  # noqa: B023  # within this turn
        assert told[0] is not None
        assert told[0].code is FailureCode.RECORDER_FAILED
        with pytest.raises(KnownError, match="recorder_failed"):
            step.show_line(last + 1) if last + 1 < len(lines) else step.finish_recording()
        step.restart_recording()
        assert [path.name for path in folder.glob(f"{recording}*")] == []
    step.start_recording(lambda frame: None, lambda level: None)
    for index, line in enumerate(lines):
        step.show_line(index)
        hear(session)
        clock.advance(read_s(line))
        due = camera.read_so_far + 2  # of which one is handed on: the last line is in the recording, too
        eventually(lambda: camera.read_so_far >= due)  # noqa: B023
    facts = step.finish_recording()
    assert facts.fits_together
    assert next_kind(session) == "signature"
    assert [path.name for path in folder.glob(f"{recording}*")] == [file_name(recording)]
    session.close()
    recorder.close()
    hall.close()
