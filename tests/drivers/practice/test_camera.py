from itertools import pairwise

import numpy as np
import pytest

from drivers.face.analyser import YuNetAnalyser
from drivers.practice.camera import PracticeCamera
from drivers.practice.pictures import Scene, live_picture
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.clocks import FakeClock


def camera_of(clock: FakeClock, stops_after_s: float | None = None) -> PracticeCamera:
    camera = PracticeCamera(live_picture(Scene.HOLDER), clock, stops_after_s=stops_after_s, wait=clock.wait)
    camera.start(clock.monotonic())
    return camera


def test_it_gives_25_moving_pictures_per_second() -> None:
    clock = FakeClock(10.0)
    camera = camera_of(clock)
    frames = [frame for frame in (camera.read() for _ in range(26)) if frame]
    camera.close()
    assert len(frames) == 26
    assert frames[-1].time_s == pytest.approx(11.0)
    assert clock.monotonic() == pytest.approx(11.0)
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}
    assert all(not np.array_equal(before.image, after.image) for before, after in pairwise(frames))
    assert camera.identity.practice


def test_the_same_picture_number_looks_the_same() -> None:
    first, second = camera_of(FakeClock()).read(), camera_of(FakeClock(77.0)).read()
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.image, second.image)


def test_the_first_pictures_are_blurred_so_that_picking_the_best_matters() -> None:
    camera, analyser = camera_of(FakeClock()), YuNetAnalyser()
    qualities = [analyser.look(frame.image).quality for frame in (camera.read() for _ in range(20)) if frame]
    assert qualities[0] < 0.6
    assert min(qualities[14:]) > 0.85


def test_it_stops_when_told_as_if_it_was_unplugged() -> None:
    clock = FakeClock()
    camera = camera_of(clock, stops_after_s=0.2)
    for _ in range(5):
        assert camera.read() is not None
    with pytest.raises(KnownError) as caught:
        camera.read()
    assert caught.value.code is FailureCode.CAMERA_STOPPED
