"""What every recorder does: the real one, and the double that the rules above it are tested with."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.devices import Recorder
from hallclient.domain.aead_stream import SealedReader
from hallclient.domain.failures import BugError, FailureCode, KnownError
from tests import doubles
from tests.drivers.recorder.synthetic import KEY, RATE_HZ, SESSION, SystemEntropy, picture, sound
from tests.drivers.waiting import eventually


def kill_process(recorder: ProcessRecorder) -> None:
    os.kill(recorder.pid or 0, signal.SIGKILL)


@pytest.fixture(params=["real", "double"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Recorder, Callable[[], None]]]:
    """A recorder, and what kills it."""
    if request.param == "real":
        real = ProcessRecorder(SystemEntropy())
        yield real, lambda: kill_process(real)
        real.close()
    else:
        double = doubles.Recorder()
        yield double, double.die


@pytest.fixture
def recorder(pair: tuple[Recorder, Callable[[], None]]) -> Recorder:
    return pair[0]


@pytest.fixture
def kill(pair: tuple[Recorder, Callable[[], None]]) -> Callable[[], None]:
    return pair[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.part"


def record(recorder: Recorder, path: Path) -> None:
    """One whole recording, which decrypts."""
    recorder.start(path, KEY, RATE_HZ, SESSION)
    recorder.picture(picture(0.0, 0, (64, 48)))
    recorder.sound(sound(0.0, 0.0))
    assert recorder.failure is None
    report = recorder.stop()
    with path.open("rb") as file:
        assert len(SealedReader(file, KEY).read()) == report.plain_bytes
    path.unlink()


def test_a_death_is_told_and_the_next_recording_works(recorder: Recorder, kill: Callable[[], None], path: Path) -> None:
    for end in (recorder.stop, recorder.stop, recorder.abort):
        recorder.start(path, KEY, RATE_HZ, SESSION)
        recorder.picture(picture(0.0, 0, (64, 48)))
        kill()
        eventually(lambda: recorder.failure, 5.0)
        if end == recorder.stop:
            with pytest.raises(KnownError) as caught:
                end()
            assert caught.value.code is FailureCode.RECORDER_FAILED
        else:
            end()
        assert not path.exists()
        assert recorder.failure is None
    record(recorder, path)


def test_after_an_abort_nothing_is_left_and_the_next_recording_works(recorder: Recorder, path: Path) -> None:
    recorder.abort()
    recorder.start(path, KEY, RATE_HZ, SESSION)
    recorder.picture(picture(0.0, 0, (64, 48)))
    recorder.abort()
    recorder.abort()
    assert not path.exists()
    record(recorder, path)


def test_ready_it_records_and_closed_it_leaves_nothing(recorder: Recorder, path: Path) -> None:
    recorder.await_ready()
    record(recorder, path)
    recorder.start(path, KEY, RATE_HZ, SESSION)
    recorder.close()
    recorder.close()
    assert not path.exists()
    assert recorder.failure is None


def test_a_file_that_is_there_is_left_alone(recorder: Recorder, path: Path) -> None:
    path.write_bytes(b"evidence")
    with pytest.raises(KnownError) as caught:
        recorder.start(path, KEY, RATE_HZ, SESSION)
    assert caught.value.code is FailureCode.RECORDER_FAILED
    recorder.abort()
    assert path.read_bytes() == b"evidence"
    path.unlink()
    record(recorder, path)


def test_out_of_order_it_is_a_bug_or_nothing(recorder: Recorder, path: Path) -> None:
    recorder.picture(picture(0.0, 0, (64, 48)))
    recorder.sound(sound(0.0, 0.0))
    assert recorder.failure is None
    with pytest.raises(BugError):
        recorder.stop()
    recorder.start(path, KEY, RATE_HZ, SESSION)
    with pytest.raises(BugError):
        recorder.start(path, KEY, RATE_HZ, SESSION)
    recorder.abort()
