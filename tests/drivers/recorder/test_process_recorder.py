import errno
import hashlib
import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Timer

import av
import pytest

from drivers.camera.pacing import PacedCamera
from drivers.framing import Said, receive
from drivers.recorder import process_recorder
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.devices import Image
from hallclient.domain.aead_stream import SealedReader
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import BugError, FailureCode, KnownError
from tests.drivers.clocks import FakeClock, SystemClock
from tests.drivers.processes import ends_with_its_parent, is_running, nothing_is_left, our_ends, script
from tests.drivers.recorder.synthetic import (
    EBML_MAGIC,
    KEY,
    PICTURES_PER_S,
    RATE_HZ,
    SESSION,
    SystemEntropy,
    picture,
    play,
    sound,
)
from tests.drivers.waiting import eventually


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessRecorder]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # whatever the process might put aside would be found by the tests
    recorder = ProcessRecorder(SystemEntropy())
    yield recorder
    recorder.close()


class Clapper:
    """Pictures of the synthetic scene, for a paced camera."""

    def open(self) -> float:
        return float(PICTURES_PER_S)

    def picture(self, index: int) -> Image:
        return picture(0.0, index).image

    def close(self) -> None: ...


def feed(recorder: ProcessRecorder, seconds: float, *, with_sound: bool = True) -> int:
    """Hand over the clapping scene at its own pace, with sound from half a second before; how many pictures."""
    clock = SystemClock()
    t0 = clock.monotonic()
    for number in range(-25 if with_sound else 0, 0):
        recorder.sound(sound(t0, number * 0.02))
    camera = PacedCamera(DeviceIdentity("clapper", practice=True), Clapper(), clock)
    camera.start(t0)
    handed = sounds = 0
    while (frame := camera.read()) is not None and frame.time_s < t0 + seconds:
        recorder.picture(frame)
        handed += 1
        while with_sound and sounds * 0.02 <= frame.time_s - t0 and sounds * 0.02 < seconds:
            recorder.sound(sound(t0, sounds * 0.02))
            sounds += 1
    return handed


def records(recorder: ProcessRecorder, path: Path) -> bool:
    """Whether it makes a recording now."""
    recorder.start(path, KEY, RATE_HZ, SESSION)
    recorder.picture(picture(0.0, 0))
    return recorder.stop().pictures == 1 and play(path)[1]


def decodable_s(path: Path) -> float:
    """How much of a recording that still grows can be seen."""
    try:
        return play(path)[0].picture_times_s[-1]
    except (av.FFmpegError, IndexError):
        return 0.0


def plaintext_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and EBML_MAGIC in path.read_bytes()]


def test_three_seconds_come_back_in_picture_and_sound(recorder: ProcessRecorder, tmp_path: Path) -> None:
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    handed = feed(recorder, 3.0)
    report = recorder.stop()

    played, complete = play(path)
    assert complete
    assert played.codecs == ["opus", "vp9"]
    assert played.title == SESSION
    assert report.pictures == len(played.picture_times_s) == handed
    assert report.pictures_dropped == 0
    assert played.picture_times_s[0] == 0
    assert report.duration_s == pytest.approx(2.96, abs=0.1)
    assert played.picture_times_s[-1] == pytest.approx(report.duration_s, abs=0.002)
    assert report.sound_s == pytest.approx(3.0, abs=0.1)
    assert played.flash_s is not None
    assert played.tone_s is not None
    # Pictures may be skipped on a busy machine, so the flash may be seen late; the tone is never late.
    assert played.tone_s == pytest.approx(1.0, abs=0.005)
    assert played.flash_s == pytest.approx(1.0, abs=0.1)
    assert path.stat().st_mode & 0o777 == 0o600
    assert plaintext_files(tmp_path) == []
    with path.open("rb") as file:
        assert SealedReader(file, KEY).size == report.plain_bytes


def test_the_report_holds_the_digest_of_what_the_file_decrypts_to(recorder: ProcessRecorder, tmp_path: Path) -> None:
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    for index in range(5):
        recorder.picture(picture(0.0, index, (320, 240)))
        recorder.sound(sound(0.0, index * 0.04, 0.04))
    report = recorder.stop()
    with path.open("rb") as file:
        assert hashlib.sha256(SealedReader(file, KEY).read()).hexdigest() == report.plain_sha256


@pytest.mark.parametrize("with_sound", [True, False], ids=["with sound", "microphone dead"])
def test_after_kill_9_all_but_the_last_moments_decode(
    recorder: ProcessRecorder, tmp_path: Path, with_sound: bool
) -> None:
    """What a power cut leaves; while the application lives it deletes the file."""
    path, left = tmp_path / "recording.hce", tmp_path / "left.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    for index in count():
        recorder.picture(picture(0.0, index, (320, 240)))
        if with_sound:
            recorder.sound(sound(0.0, index * 0.04, 0.04))
        time.sleep(0.02)
        if index % 10 == 0 and decodable_s(path) > 1.5:
            break
    assert index < 25 * 60
    assert recorder.failure is None
    os.kill(recorder.pid, signal.SIGKILL)
    eventually(lambda: recorder.failure)
    assert recorder.failure.detail == "exit -9"  # the death itself is told, and not that it takes nothing for long
    left.hardlink_to(path)
    with pytest.raises(KnownError) as caught:
        recorder.stop()
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert not path.exists()
    played, complete = play(left)
    assert not complete
    assert played.picture_times_s[-1] > 1.5
    assert plaintext_files(tmp_path) == []


def test_kill_9_while_it_starts_leaves_nothing_and_the_next_start_works(
    recorder: ProcessRecorder, tmp_path: Path
) -> None:
    path = tmp_path / "recording.hce"
    recorder.prewarm()
    warm = recorder._warm
    os.kill(warm.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as session:
        starting = session.submit(recorder.start, path, KEY, RATE_HZ, SESSION)
        eventually(lambda: recorder._recording is warm)
        os.kill(warm.pid, signal.SIGKILL)
        with pytest.raises(KnownError) as caught:
            starting.result(60)
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert not path.exists()
    assert records(recorder, path)


def test_kill_9_while_it_stops_leaves_nothing_and_the_next_start_works(
    recorder: ProcessRecorder, tmp_path: Path
) -> None:
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    recorder.picture(picture(0.0, 0))
    pid = recorder.pid
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as session:
        stopping = session.submit(recorder.stop)
        Timer(0.1, os.kill, [pid, signal.SIGKILL]).start()
        with pytest.raises(KnownError) as caught:
            stopping.result(10)
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert not path.exists()
    assert records(recorder, path)


def test_a_recorder_that_hangs_is_told_of_and_replaced(tmp_path: Path) -> None:
    clock = FakeClock()
    recorder = ProcessRecorder(SystemEntropy(), clock.monotonic)
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    os.kill(recorder.pid, signal.SIGSTOP)
    recorder.picture(picture(0.0, 0))
    eventually(lambda: recorder._recording._sending_since_s is not None)
    clock.advance(4.9)
    assert recorder.failure is None
    clock.advance(0.1)
    said = recorder.failure
    assert said is not None
    process = recorder._recording
    os.kill(recorder.pid, signal.SIGCONT)
    eventually(lambda: process._sending_since_s is None)  # it stirs again: too late, pictures were lost
    assert recorder.failure is said
    with pytest.raises(KnownError) as caught:
        recorder.stop()
    assert caught.value.detail == said.detail  # nobody waits for an answer that cannot come: its patience says another
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert not path.exists()
    assert records(recorder, path)
    recorder.close()


def test_a_hang_is_told_long_before_sound_is_dropped() -> None:
    assert process_recorder._MOST_SOUNDS * 0.02 > 10 * process_recorder._STALLED_S


_WITHOUT_FDATASYNC = """
import os, runpy
del os.fdatasync
runpy.run_module("drivers.recorder.process", run_name="__main__")
"""


def test_it_records_where_the_system_knows_no_fdatasync(
    recorder: ProcessRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows and macOS do not: no recording could begin there."""
    monkeypatch.setattr(process_recorder, "_COMMAND", (sys.executable, "-P", "-c", _WITHOUT_FDATASYNC))
    assert records(recorder, tmp_path / "recording.hce")


class TickingClock:
    """Each look at it takes as long as it says."""

    def __init__(self, tick_s: float) -> None:
        self._looks = count()
        self._tick_s = tick_s

    def monotonic(self) -> float:
        return next(self._looks) * self._tick_s


@pytest.mark.parametrize("pictures", [0, 1, 40], ids=["STOP fits the pipe", "half a picture", "a queue"])
def test_a_recorder_that_hangs_at_the_end_is_waited_for_no_longer_than_before(tmp_path: Path, pictures: int) -> None:
    clock = FakeClock()
    recorder = ProcessRecorder(SystemEntropy(), clock.monotonic)
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    os.kill(recorder.pid, signal.SIGSTOP)
    for index in range(pictures):
        recorder.picture(picture(0.0, index))
    process = recorder._recording
    with ThreadPoolExecutor(1) as session:
        stopping = session.submit(recorder.stop)
        eventually(lambda: process._deaf or (not process._waiting) or process._sending_since_s is not None)
        clock.advance(4.9)
        assert process.failure is None
        while not stopping.done():  # it may not have looked at the clock before
            clock.advance(0.1)
            with suppress(TimeoutError):
                stopping.exception(0.5)
        error = stopping.exception()
    assert isinstance(error, KnownError)
    assert (error.code, error.detail) == (FailureCode.RECORDER_FAILED, "the process has not gone on for 5 s")
    assert clock.monotonic() - FakeClock().monotonic() < 15
    assert not path.exists()
    assert records(recorder, path)
    recorder.close()


def test_a_recorder_that_says_that_it_goes_on_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk takes its time: at each sign 4 s have gone by, 16 in all."""
    report = (
        b'{"duration_s": 1, "pictures": 9, "pictures_dropped": 0, "sound_s": 1, "plain_bytes": 1, "plain_sha256": ""}'
    )
    code = f"""
send(out, 1); receive(sys.stdin.buffer); send(out, 2); receive(sys.stdin.buffer)
for _ in range(4): send(out, 2)
send(out, 2, {report!r}); receive(sys.stdin.buffer)
"""
    monkeypatch.setattr("drivers.recorder.process_recorder._COMMAND", script(code))
    recorder = ProcessRecorder(SystemEntropy(), TickingClock(2.0).monotonic)
    recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
    assert recorder.stop().pictures == 9


@pytest.mark.parametrize("signs", ["", "\n    send(out, 2)"], ids=["silent", "for ever"])
def test_a_recorder_that_never_finishes_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signs: str
) -> None:
    code = "send(out, 1); receive(sys.stdin.buffer); send(out, 2)\nwhile True:\n    time.sleep(0.01)" + signs
    monkeypatch.setattr("drivers.recorder.process_recorder._COMMAND", script(code))
    recorder = ProcessRecorder(SystemEntropy(), TickingClock(0.5).monotonic)
    recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
    with pytest.raises(KnownError) as caught:
        recorder.stop()
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert caught.value.detail == ("not finished in 30 s" if signs else "the process has not gone on for 5 s")


_SLOW_END = """
import sys, time
from drivers.recorder import patient_file, process
settle = patient_file.PatientFile.settle
def begun(self, *still):
    if still:
        patient_file.WholeFile.sync = lambda file: time.sleep(2.5)
    settle(self, *still)
patient_file.PatientFile.settle = begun
sys.exit(process.main())
"""


def test_the_process_says_that_it_waits_for_the_disk(
    recorder: ProcessRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.recorder.process_recorder._COMMAND", (sys.executable, "-c", _SLOW_END))
    recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
    recorder.picture(picture(0.0, 0))
    process = recorder._recording
    heard: list[bytes] = []
    take = process.take

    def heard_out(patience_s: float) -> bytes:
        heard.append(take(patience_s))
        return heard[-1]

    monkeypatch.setattr(process, "take", heard_out)
    assert recorder.stop().pictures == 1
    assert heard[:-1] == [b""] * (len(heard) - 1)
    assert len(heard) >= 3  # it begins to finish, and waits for more than a second


_SLOW_DISK = """
import os, sys, time
from pathlib import Path
quick = os.fdatasync
def slow(file):
    while not Path(sys.argv[1]).exists():
        time.sleep(0.01)
    quick(file)
from drivers.recorder import patient_file, process
start = patient_file.PatientFile.settle
def begun(self, *still):
    start(self, *still)
    os.fdatasync = slow
patient_file.PatientFile.settle = begun
sys.exit(process.main())
"""


def test_a_slow_disk_costs_no_picture_and_is_no_failure(
    recorder: ProcessRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's first sync after the start takes until it has been waited for: the process goes on taking pictures."""
    awake = tmp_path / "awake"
    monkeypatch.setattr("drivers.recorder.process_recorder._COMMAND", (sys.executable, "-c", _SLOW_DISK, str(awake)))
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    handed = feed(recorder, 5.0)
    process = recorder._recording
    eventually(lambda: not process._waiting and process._sending_since_s is None)
    assert recorder.failure is None
    late = path.stat().st_size
    awake.touch()
    report = recorder.stop()
    assert (report.pictures, report.pictures_dropped) == (handed, 0)
    assert path.stat().st_size > late  # it was the disk that was late
    assert play(path)[1]


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 44_100, 96_000])
def test_sound_of_any_rate_keeps_its_place(recorder: ProcessRecorder, tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, rate_hz, SESSION)
    recorder.picture(picture(0.0, 0, (320, 240)))
    for number in range(40):
        recorder.sound(sound(0.0, number * 0.04, 0.04, rate_hz))
    report = recorder.stop()
    played, _ = play(path)
    assert report.sound_s == pytest.approx(1.6, abs=0.001)
    assert played.tone_s == pytest.approx(1.0, abs=0.005)
    assert played.sound_end_s == pytest.approx(1.6, abs=0.05)


def test_a_full_disk_is_told_as_such_and_the_next_start_works(recorder: ProcessRecorder, tmp_path: Path) -> None:
    path = tmp_path / "recording.hce"
    recorder.start(path, KEY, RATE_HZ, SESSION)
    resource.prlimit(recorder.pid, resource.RLIMIT_FSIZE, (4_000, 4_000))
    feed(recorder, 1.5)
    eventually(lambda: recorder.failure)
    assert recorder.failure is not None
    assert recorder.failure.code is FailureCode.DISK_FULL
    assert path.stat().st_size == 4_000
    with pytest.raises(KnownError) as caught:
        recorder.stop()
    assert caught.value.code is FailureCode.DISK_FULL
    assert not path.exists()
    assert records(recorder, path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_is_full_from_the_start_leaves_nothing_and_later_works(
    recorder: ProcessRecorder, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        filler, path = disk / "filler", disk / "recording.hce"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass
        with pytest.raises(KnownError) as caught:
            recorder.start(path, KEY, RATE_HZ, SESSION)
            recorder.picture(picture(0.0, 0))
            recorder.stop()
        assert caught.value.code is FailureCode.DISK_FULL
        assert not path.exists()
        filler.unlink()
        assert records(recorder, path)
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_late_recorder_drops_pictures_and_never_blocks(recorder: ProcessRecorder, tmp_path: Path) -> None:
    recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
    os.kill(recorder.pid, signal.SIGSTOP)
    for index in range(80):  # one that blocks would block for ever
        recorder.picture(picture(0.0, index, (320, 240)))
    os.kill(recorder.pid, signal.SIGCONT)
    report = recorder.stop()
    assert report.pictures + report.pictures_dropped == 80
    assert report.pictures_dropped > 20


def test_a_recording_is_aborted_without_a_trace(recorder: ProcessRecorder, tmp_path: Path) -> None:
    recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
    recorder.picture(picture(0.0, 0))
    recorder.abort()
    assert list(tmp_path.iterdir()) == []
    recorder.abort()


def test_one_recorder_makes_one_recording_after_another(recorder: ProcessRecorder, tmp_path: Path) -> None:
    for name in ("a.hce", "b.hce"):
        recorder.start(tmp_path / name, KEY, RATE_HZ, SESSION)
        recorder.picture(picture(0.0, 0))
        with pytest.raises(BugError):
            recorder.start(tmp_path / "c.hce", KEY, RATE_HZ, SESSION)
        assert recorder.stop().pictures == 1
        with pytest.raises(BugError):
            recorder.stop()


def test_nothing_recorded_is_an_empty_sealed_file(recorder: ProcessRecorder, tmp_path: Path) -> None:
    recorder.start(tmp_path / "a.hce", KEY, RATE_HZ, SESSION)
    recorder.sound(sound(0.0, 0.0))
    report = recorder.stop()
    assert (report.pictures, report.duration_s, report.sound_s, report.plain_bytes) == (0, 0.0, 0.0, 0)


def test_an_existing_file_is_left_alone(recorder: ProcessRecorder, tmp_path: Path) -> None:
    path = tmp_path / "recording.hce"
    path.write_bytes(b"evidence")
    with pytest.raises(KnownError) as caught:
        recorder.start(path, KEY, RATE_HZ, SESSION)
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert path.read_bytes() == b"evidence"


def test_a_missing_folder_fails_at_the_start(recorder: ProcessRecorder, tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        recorder.start(tmp_path / "gone" / "recording.hce", KEY, RATE_HZ, SESSION)
    assert caught.value.code is FailureCode.RECORDER_FAILED


def test_the_key_is_in_no_argument_and_no_environment(recorder: ProcessRecorder, tmp_path: Path) -> None:
    recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
    for name in ("cmdline", "environ"):
        seen = Path(f"/proc/{recorder.pid}/{name}").read_bytes()
        assert KEY not in seen
        assert KEY.hex().encode() not in seen


def test_a_prewarmed_process_is_used_and_a_dead_one_replaced(recorder: ProcessRecorder, tmp_path: Path) -> None:
    recorder.prewarm()
    warm = recorder._warm
    recorder.prewarm()
    assert recorder._warm is warm
    os.kill(warm.pid, signal.SIGKILL)
    eventually(lambda: warm.failure)
    recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
    assert recorder.pid != warm.pid
    assert recorder.stop().pictures == 0


def test_an_abort_leaves_what_is_warm_for_the_next_recording(recorder: ProcessRecorder, tmp_path: Path) -> None:
    recorder.start(tmp_path / "a.hce", KEY, RATE_HZ, SESSION)
    recorder.await_ready()
    warm = recorder._warm
    recorder.abort()
    recorder.prewarm()
    recorder.start(tmp_path / "b.hce", KEY, RATE_HZ, SESSION)
    assert recorder.pid == warm.pid
    recorder.prewarm()
    before = recorder._warm.pid
    recorder.close()
    assert not is_running(warm.pid)
    assert not is_running(before)
    for ask in (
        recorder.prewarm,
        recorder.await_ready,
        lambda: recorder.start(tmp_path / "c.hce", KEY, RATE_HZ, SESSION),
    ):
        with pytest.raises(KnownError) as caught:
            ask()
        assert caught.value.code is FailureCode.RECORDER_FAILED
    assert recorder.pid is None


@pytest.mark.parametrize("command", [("/bin/false",), script("time.sleep(600)")], ids=["broken", "never ready"])
def test_whoever_waits_is_told_that_it_will_not_be_ready(
    recorder: ProcessRecorder, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr("drivers.recorder.process_recorder._COMMAND", command)
    monkeypatch.setattr("drivers.recorder.process_recorder._START_PATIENCE_S", 1.0)
    with pytest.raises(KnownError) as caught:
        recorder.await_ready()
    assert caught.value.code is FailureCode.RECORDER_FAILED
    assert recorder.pid is None  # nothing is left: another one is started when somebody asks
    monkeypatch.undo()
    recorder.await_ready()


def test_closed_while_somebody_waits_nobody_waits_on(
    recorder: ProcessRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.recorder.process_recorder._COMMAND", script("time.sleep(600)"))
    monkeypatch.setattr("drivers.recorder.process_recorder._START_PATIENCE_S", 600.0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(recorder.await_ready)
        eventually(lambda: recorder.pid is not None)
        recorder.close()
        waiting.result(60)


def test_the_process_ends_with_the_application_and_tells_only_a_type() -> None:
    command = [sys.executable, "-P", "-m", "drivers.recorder.process"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=120, check=False)
    said = io.BytesIO(done.stdout)
    assert [receive(said), receive(said), said.read()] == [(Said.READY, b""), (Said.CRASHED, b"EOFError"), b""]
    assert (done.returncode, done.stderr) == (1, b"")


_PARENT = """
import pathlib, sys, time
from drivers.framing import Said, receive
from drivers.recorder.process_recorder import ProcessRecorder
from tests.drivers.recorder.synthetic import KEY, RATE_HZ, SESSION, SystemEntropy
recorder = ProcessRecorder(SystemEntropy())
recorder.start(pathlib.Path(sys.argv[-1]), KEY, RATE_HZ, SESSION)
print(recorder.pid, flush=True)
time.sleep(60)
"""


def test_a_parent_that_is_killed_takes_the_process_with_it(tmp_path: Path) -> None:
    ends_with_its_parent(_PARENT, str(tmp_path / "recording.hce"))


@pytest.mark.parametrize(
    "code",
    [
        "out.write(b'Hello, this is no frame')",
        "send(out, 2)",
        "send(out, 1); send(out, 2); receive(sys.stdin.buffer); receive(sys.stdin.buffer); send(out, 2, b'{}')",
        "send(out, 1); send(out, 2); receive(sys.stdin.buffer); receive(sys.stdin.buffer); send(out, 3, b'no_such')",
    ],
)
def test_a_process_that_makes_no_sense_is_a_recorder_that_failed(
    recorder: ProcessRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr("drivers.recorder.process_recorder._COMMAND", script(code))
    before = our_ends()
    with pytest.raises(KnownError) as caught:
        recorder.start(tmp_path / "recording.hce", KEY, RATE_HZ, SESSION)
        recorder.stop()
    assert caught.value.code is FailureCode.RECORDER_FAILED
    nothing_is_left(before)


def test_pictures_outside_a_recording_are_ignored_and_stopping_none_is_a_bug() -> None:
    recorder = ProcessRecorder(SystemEntropy())
    recorder.picture(picture(0.0, 0))
    recorder.sound(sound(0.0, 0.0))
    assert recorder.failure is None
    assert recorder.pid is None
    with pytest.raises(BugError):
        recorder.stop()


def test_a_key_of_the_wrong_length_is_a_bug(recorder: ProcessRecorder, tmp_path: Path) -> None:
    with pytest.raises(BugError):
        recorder.start(tmp_path / "recording.hce", KEY[:-1], RATE_HZ, SESSION)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.expects_log("is still there: errno")
def test_a_recording_that_cannot_be_deleted_ends_all_the_same(
    recorder: ProcessRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read_only(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    recorder.start(tmp_path / "first", KEY, RATE_HZ, SESSION)
    with monkeypatch.context() as disk:
        disk.setattr(Path, "unlink", read_only)
        recorder.abort()
    assert f"errno {errno.EROFS}" in caplog.text
    assert str(tmp_path) not in caplog.text
    recorder.start(tmp_path / "second", KEY, RATE_HZ, SESSION)
    recorder.abort()
    assert not (tmp_path / "second").exists()
