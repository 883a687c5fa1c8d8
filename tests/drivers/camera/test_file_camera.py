from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from drivers.camera.file_camera import FileCamera
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.camera.videos import number_of, write_video
from tests.drivers.clocks import FakeClock


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "ten.mkv", 10)


def camera_of(video: Path, clock: FakeClock, *, loop: bool) -> FileCamera:
    camera = FileCamera(video, clock, loop=loop, wait=clock.wait)
    camera.start(clock.monotonic())
    return camera


def test_it_plays_the_file_at_its_rate_and_ends(video: Path) -> None:
    clock = FakeClock(500.0)
    camera = camera_of(video, clock, loop=False)
    frames = []
    while (frame := camera.read()) is not None:
        frames.append(frame)
    camera.close()
    assert [number_of(frame.image) for frame in frames] == list(range(10))
    assert [frame.time_s for frame in frames] == pytest.approx([500 + n / 25 for n in range(10)])
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[0].image.dtype == np.uint8


def test_a_late_reader_skips(video: Path) -> None:
    clock = FakeClock()
    camera = camera_of(video, clock, loop=False)
    camera.read()
    clock.advance(0.25)
    frame = camera.read()
    camera.close()
    assert frame is not None
    assert number_of(frame.image) == 6


def test_it_begins_again_when_it_loops(video: Path) -> None:
    clock = FakeClock()
    camera = camera_of(video, clock, loop=True)
    frames = [camera.read() for _ in range(23)]
    camera.close()
    assert [number_of(frame.image) for frame in frames if frame] == [n % 10 for n in range(23)]


def test_it_is_never_taken_for_a_real_camera(video: Path) -> None:
    assert FileCamera(video, FakeClock()).identity.practice


def test_a_file_that_is_no_video_is_a_missing_camera(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no video")
    for path in (tmp_path / "note.txt", tmp_path / "absent.mkv"):
        camera = FileCamera(path, FakeClock())
        with pytest.raises(KnownError) as caught:
            camera.start(0.0)
        assert caught.value.code is FailureCode.CAMERA_MISSING
        assert path.name not in str(caught.value)
        camera.close()


def test_a_file_slower_than_the_protocol_allows_is_refused(tmp_path: Path) -> None:
    slow = tmp_path / "slow.mp4"
    with av.open(slow, "w") as container:
        stream = container.add_stream("mpeg4", Fraction(1, 2))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24")))
        container.mux(stream.encode(None))
    with pytest.raises(KnownError) as caught:
        FileCamera(slow, FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.CAMERA_MISSING
