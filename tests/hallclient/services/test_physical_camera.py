"""What a hall does with a camera that is played by a program, also when that is seen late."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.physical_camera import PhysicalCamera
from tests import doubles
from tests.clock import HandClock

PLAYED = DeviceIdentity("OBS Virtual Camera", practice=False, virtual=True)


class Late(doubles.Camera):
    """Its first `start` is over, and does not come back before `go_on`: another one may come between."""

    def __init__(self, identity: DeviceIdentity) -> None:
        super().__init__(HandClock())
        self.identity = identity
        self.started, self.go_on = Event(), Event()

    def start(self, t0: float) -> None:
        super().start(t0)
        if not self.started.is_set():
            self.started.set()
            assert self.go_on.wait(60)


@pytest.mark.attack("T16", "a session with a camera that a program plays")
def test_one_that_is_played_by_a_program_is_refused_and_closed() -> None:
    camera = doubles.Camera(HandClock())
    camera.identity = PLAYED
    with pytest.raises(KnownError) as caught:
        PhysicalCamera(camera).start(0.0)
    assert caught.value.code is FailureCode.CAMERA_VIRTUAL
    assert not camera.open


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("identity", [PLAYED, DeviceIdentity("HD Webcam", practice=False)])
def test_a_start_that_comes_back_late_fails_and_closes_no_other(identity: DeviceIdentity, again: bool) -> None:
    inner = Late(identity)
    camera = PhysicalCamera(inner)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(camera.start, 0.0)
        assert inner.started.wait(60)
        camera.close()
        if again:
            inner.identity = DeviceIdentity("HD Webcam", practice=False)  # another one was plugged in
            camera.start(0.0)
        inner.go_on.set()
        with pytest.raises(KnownError) as caught:
            late.result(60)
    assert caught.value.code is FailureCode.CAMERA_MISSING
    assert inner.open is again
