"""What a feed does when it is told to stop, also with a camera that gives nothing yet."""

from threading import Event, Thread
from traceback import walk_tb

import pytest

from hallclient.devices import Frame
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.camera_feed import CameraFeed
from tests import doubles
from tests.clock import HandClock


class Waiting(doubles.Camera):
    """A camera whose first picture would take for ever; `close` ends a read, as of any camera."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.reads = Event()
        self._closed = Event()

    def read(self) -> Frame | None:
        self.reads.set()
        assert self._closed.wait(60)
        return None

    def close(self) -> None:
        super().close()
        self._closed.set()


def test_who_waits_for_the_first_picture_is_told_at_once_and_the_camera_is_free() -> None:
    clock = HandClock()
    camera = Waiting(clock)
    feed = CameraFeed(camera, clock, lambda frame: None)
    assert camera.reads.wait(60)
    teller = Thread(target=feed.stop)
    teller.start()
    with pytest.raises(KnownError) as caught:
        feed.first()
    assert caught.value.code is FailureCode.CHECK_STOPPED
    teller.join()
    feed.close()
    assert not camera.open


def test_after_a_stop_no_picture_is_given_and_no_failure_of_the_camera_hides_it() -> None:
    clock = HandClock()
    camera = doubles.Camera(clock)
    feed = CameraFeed(camera, clock, lambda frame: None)
    frame = feed.first()
    feed.stop()
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 0
    feed.close()
    with pytest.raises(KnownError, match="check_stopped"):
        feed.newer_than(frame, 1.0)


class Gated(doubles.Camera):
    """Gives its pictures once somebody may look."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.may_look = Event()

    def read(self) -> Frame | None:
        assert self.may_look.wait(60)
        return super().read()


def test_a_picture_is_seen_by_its_listener_before_anybody_can_have_it() -> None:
    """Liveness looked at pictures that it had not glanced at: the last one escaped the check for repetition."""
    clock = HandClock()
    camera = Gated(clock)
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 5
    had: list[bool] = []
    feed = CameraFeed(camera, clock, lambda frame: had.append(feed._newest is frame))
    camera.may_look.set()
    feed._thread.join(60)
    feed.close()
    assert had == [False] * 5


def test_why_there_are_no_pictures_is_told_to_each_who_asks_and_does_not_grow() -> None:
    clock = HandClock()
    camera = doubles.Camera(clock)
    feed = CameraFeed(camera, clock, lambda frame: None)
    feed.stop()
    told = []
    for _ in range(3):
        with pytest.raises(KnownError) as caught:
            feed.first()
        told.append(caught.value)
    feed.close()
    assert len({id(error) for error in told}) == 3
    assert len({len(list(walk_tb(error.__traceback__))) for error in told}) == 1
