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


class Opening(doubles.Camera):
    """A camera that would take for ever to open; `ends` says whether `close` ends that."""

    def __init__(self, clock: HandClock, *, ends: bool) -> None:
        super().__init__(clock)
        self.starts, self.go_on = Event(), Event()
        self.closed = 0
        self._ends = ends

    def start(self, t0: float) -> None:
        self.starts.set()
        assert self.go_on.wait(60)
        if self._ends:
            raise KnownError(FailureCode.CAMERA_MISSING)
        super().start(t0)

    def close(self) -> None:
        super().close()
        self.closed += 1
        if self._ends:
            self.go_on.set()


def test_who_waits_for_a_camera_to_open_hears_a_stop_and_closing_ends_it() -> None:
    clock = HandClock()
    camera = Opening(clock, ends=True)
    feed = CameraFeed(camera, clock, lambda frame: None)
    assert camera.starts.wait(60)
    teller = Thread(target=feed.stop)
    teller.start()
    with pytest.raises(KnownError, match="check_stopped"):
        feed.opened()
    teller.join()
    assert not camera.go_on.is_set()  # it still opens
    feed.close()
    assert not feed._thread.is_alive()
    assert not camera.open


@pytest.mark.expects_log("a camera was closed and does not come back")
def test_a_camera_that_opens_after_it_was_closed_holds_nobody_up_and_is_closed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hallclient.services.camera_feed._CLOSED_S", 0.05)
    clock = HandClock()
    camera = Opening(clock, ends=False)
    feed = CameraFeed(camera, clock, lambda frame: None)
    assert camera.starts.wait(60)
    feed.close()
    assert camera.closed == 1
    camera.go_on.set()
    feed._thread.join(60)
    assert (camera.open, camera.closed) == (False, 2)


@pytest.mark.expects_log("bug ")
def test_why_a_camera_does_not_open_is_told_to_whoever_waits_and_not_as_one_that_stopped() -> None:
    class Broken(doubles.Camera):
        def start(self, t0: float) -> None:
            raise self.failure or ZeroDivisionError

    clock, heard = HandClock(), list[KnownError]()
    for failure in (KnownError(FailureCode.CAMERA_VIRTUAL, "of a test"), None):
        feed = CameraFeed(Broken(clock, failure), clock, lambda frame: None, heard.append)
        with pytest.raises(KnownError) as caught:
            feed.first()
        feed.close()
        assert caught.value.code is (failure.code if failure else FailureCode.CAMERA_MISSING)
        assert bool(caught.value.number) is (failure is None)
    assert heard == []


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
