"""What a feed does when it is told to stop, also with a camera that gives nothing yet, or nonsense."""

from collections.abc import Callable
from math import inf, nan
from threading import Event, Thread
from traceback import walk_tb
from typing import cast

import pytest

from hallclient.devices import Frame
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.camera_feed import CameraFeed, CameraWatch, _Capture
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
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None)
    assert camera.reads.wait(60)
    teller = Thread(target=watch.stop)
    teller.start()
    with pytest.raises(KnownError) as caught:
        watch.first()
    assert caught.value.code is FailureCode.CHECK_STOPPED
    teller.join()
    feed.close()
    assert not camera.open


class Opening(doubles.Camera):
    """A camera that would take for ever to open the first time; `ends` says whether `close` ends that."""

    def __init__(self, clock: HandClock, *, ends: bool) -> None:
        super().__init__(clock)
        self.starts, self.go_on = Event(), Event()
        self.closed = 0
        self._ends = ends

    def start(self, t0: float) -> None:
        if not self.starts.is_set():
            self.starts.set()
            assert self.go_on.wait(60)
            raise KnownError(FailureCode.CAMERA_MISSING)  # it was closed meanwhile
        super().start(t0)

    def close(self) -> None:
        super().close()
        self.closed += 1
        if self._ends:
            self.go_on.set()


def test_who_waits_for_a_camera_to_open_hears_a_stop_and_closing_ends_it() -> None:
    clock = HandClock()
    camera = Opening(clock, ends=True)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None)
    assert camera.starts.wait(60)
    teller = Thread(target=watch.stop)
    teller.start()
    with pytest.raises(KnownError, match="check_stopped"):
        watch.opened()
    teller.join()
    assert not camera.go_on.is_set()  # it still opens
    feed.close()
    assert not watch._capture._thread.is_alive()
    assert not camera.open


@pytest.mark.expects_log("a camera was closed and does not come back")
def test_a_camera_that_opens_late_holds_nobody_up_and_its_feed_leaves_it_to_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hallclient.services.camera_feed._CLOSED_S", 0.05)
    clock = HandClock()
    camera = Opening(clock, ends=False)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None)
    assert camera.starts.wait(60)
    feed.close()
    heard = list[KnownError]()
    following = feed.watch(lambda frame: None, heard.append)
    frame = following.first()
    camera.go_on.set()
    watch._capture._thread.join(60)
    assert (camera.open, camera.closed) == (True, 1)
    assert following.newer_than(frame, 60) is not frame
    feed.close()
    assert not camera.open
    assert heard == []


def test_a_feed_that_was_closed_before_its_thread_came_to_it_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Event()
    run = _Capture._run

    def run_late(capture: _Capture) -> None:
        assert late.wait(60)
        run(capture)

    class Closed(doubles.Camera):
        def close(self) -> None:
            super().close()
            late.set()

    monkeypatch.setattr(_Capture, "_run", run_late)
    clock = HandClock()
    camera = Closed(clock)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None)
    feed.close()
    assert not watch._capture._thread.is_alive()
    assert not camera.open


def test_a_camera_that_comes_to_be_opened_only_after_it_was_closed_is_closed_then() -> None:
    """Its thread was about to open it, and lost its turn to whoever closed it."""
    late = Event()

    class Overtaken(doubles.Camera):
        def start(self, t0: float) -> None:
            assert late.wait(60)
            super().start(t0)

        def close(self) -> None:
            super().close()
            late.set()

    clock = HandClock()
    camera = Overtaken(clock)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None)
    feed.close()
    assert not watch._capture._thread.is_alive()
    assert not camera.open


@pytest.mark.expects_log("bug ")
def test_why_a_camera_does_not_open_is_told_to_whoever_waits_and_not_as_one_that_stopped() -> None:
    class Broken(doubles.Camera):
        def start(self, t0: float) -> None:
            raise self.failure or ZeroDivisionError

    clock, heard = HandClock(), list[KnownError]()
    for failure in (KnownError(FailureCode.CAMERA_VIRTUAL, "of a test"), None):
        watch = CameraFeed(Broken(clock, failure), clock).watch(lambda frame: None, heard.append)
        with pytest.raises(KnownError) as caught:
            watch.first()
        watch.close()
        assert caught.value.code is (failure.code if failure else FailureCode.CAMERA_MISSING)
        assert bool(caught.value.number) is (failure is None)
    assert heard == []


def test_after_a_stop_no_picture_is_given_and_no_failure_of_the_camera_hides_it() -> None:
    clock = HandClock()
    camera = doubles.Camera(clock)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None)
    frame = watch.first()
    watch.stop()
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 0
    feed.close()
    with pytest.raises(KnownError, match="check_stopped"):
        watch.newer_than(frame, 1.0)


class Counted(doubles.Camera):
    """Knows how often it was opened."""

    opened = 0

    def start(self, t0: float) -> None:
        super().start(t0)
        self.opened += 1


def test_who_watches_next_finds_the_camera_open_and_who_watches_no_more_is_called_no_more() -> None:
    clock, first, second = HandClock(), list[Frame](), list[Frame]()
    camera = Counted(clock)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(first.append)
    watch.first()
    watch.close()
    seen = len(first)
    assert camera.open
    following = feed.watch(second.append)
    frame = following.first()
    assert following.newer_than(frame, 60) is not frame
    assert len(first) == seen
    assert id(second[0]) not in {id(frame) for frame in first}
    assert camera.opened == 1
    feed.close()
    assert not camera.open


def test_a_camera_that_stopped_is_opened_anew_for_whoever_watches_next() -> None:
    clock, heard = HandClock(), list[KnownError]()
    camera = Counted(clock, KnownError(FailureCode.CAMERA_STOPPED), pictures=1)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None, heard.append)
    watch._capture._thread.join(60)
    with pytest.raises(KnownError, match="camera_stopped"):
        watch.first()
    watch.close()
    assert not camera.open
    camera.failure = None
    following = feed.watch(lambda frame: None, heard.append)
    following.first()
    assert (camera.opened, len(heard)) == (2, 1)
    feed.close()


def test_two_who_watch_see_the_same_pictures_and_the_stop_of_one_is_not_the_others() -> None:
    clock, one, other = HandClock(), list[Frame](), list[Frame]()
    camera = Gated(clock)
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED, "the end"), 5
    feed = CameraFeed(camera, clock)
    watches = [feed.watch(one.append), feed.watch(other.append)]
    watches[0].stop()
    camera.may_look.set()
    watches[0]._capture._thread.join(60)
    assert len(one) == 5
    assert [id(frame) for frame in one] == [id(frame) for frame in other]
    for watch, code in zip(watches, ("check_stopped", "camera_stopped"), strict=True):
        with pytest.raises(KnownError, match=code):
            watch.first()
    feed.close()


class Gated(doubles.Camera):
    """Gives its pictures once somebody may look."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.asked, self.may_look = Event(), Event()

    def read(self) -> Frame | None:
        self.asked.set()
        assert self.may_look.wait(60)
        return super().read()


def test_a_picture_is_seen_by_its_listener_before_anybody_can_have_it() -> None:
    """Liveness looked at pictures that it had not glanced at: the last one escaped the check for repetition."""
    clock = HandClock()
    camera = Gated(clock)
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 5
    had: list[bool] = []
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: had.append(watch._newest is frame))
    camera.may_look.set()
    watch._capture._thread.join(60)
    feed.close()
    assert had == [False] * 5


def stop(camera: doubles.Camera, watch: CameraWatch) -> None:
    watch.stop()


def unplug(camera: doubles.Camera, watch: CameraWatch) -> None:
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 0
    watch._capture._thread.join(60)


@pytest.mark.parametrize("end", [stop, unplug])
def test_why_there_are_no_pictures_is_told_to_each_who_asks_and_does_not_grow(
    end: Callable[[doubles.Camera, CameraWatch], None],
) -> None:
    clock = HandClock()
    camera = doubles.Camera(clock)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None)
    watch.first()
    end(camera, watch)
    told = []
    for _ in range(3):
        with pytest.raises(KnownError) as caught:
            watch.first()
        told.append(caught.value)
    feed.close()
    assert {error.code for error in told} == {FailureCode.CHECK_STOPPED if end is stop else FailureCode.CAMERA_STOPPED}
    assert len({id(error) for error in told}) == 3
    assert len({len(list(walk_tb(error.__traceback__))) for error in told}) == 1


@pytest.mark.expects_log("a camera was closed and does not come back")
def test_a_picture_of_a_read_that_hung_until_after_the_closing_is_shown_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hallclient.services.camera_feed._CLOSED_S", 0.05)
    clock, seen = HandClock(), list[Frame]()
    camera = Gated(clock)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(seen.append)
    watch.opened()
    assert camera.asked.wait(60)
    feed.close()
    camera.may_look.set()
    watch._capture._thread.join(60)
    assert camera.read_so_far == 1
    assert seen == []


class Timed(doubles.Camera):
    """Its pictures come every 40 ms of the clock; `time_of` says what time is on the picture of an index."""

    def __init__(self, clock: HandClock, time_of: Callable[[int], object]) -> None:
        super().__init__(clock)
        self._time_of = time_of

    def read(self) -> Frame | None:
        frame = super().read()
        assert frame is not None
        return Frame(cast("float", self._time_of(self.read_so_far - 1)), frame.image)


@pytest.mark.parametrize("time_s", [nan, inf, -inf, 1e300, 10**400, None, "12", 1j])
def test_a_time_that_is_none_stops_the_camera_before_anybody_sees_its_picture(time_s: object) -> None:
    clock, seen, heard = HandClock(), list[Frame](), list[KnownError]()
    camera = Timed(clock, lambda index: float(index) if index < 2 else time_s)
    feed = CameraFeed(camera, clock)
    watch = feed.watch(seen.append, heard.append)
    watch._capture._thread.join(60)
    feed.close()
    assert [frame.time_s for frame in seen] == [0.0, 1.0]
    assert [(error.code, error.number) for error in heard] == [(FailureCode.CAMERA_STOPPED, None)]


@pytest.mark.parametrize(
    "time_of",
    [
        lambda index: 7.0,
        lambda index: 7.0 - 0.04 * index,
        lambda index: 7.0 + 0.0001 * index,
        lambda index: 0.04 * index + (1e6 if index == 0 else 0.0),
    ],
    ids=["still", "backwards", "hardly", "once far ahead"],
)
def test_times_that_do_not_go_on_stop_the_camera_three_seconds_later(time_of: Callable[[int], float]) -> None:
    clock, heard = HandClock(), list[KnownError]()
    begun_s = clock.monotonic()
    feed = CameraFeed(Timed(clock, time_of), clock)
    watch = feed.watch(lambda frame: None, heard.append)
    watch._capture._thread.join(60)
    feed.close()
    assert [(error.code, error.number) for error in heard] == [(FailureCode.CAMERA_STOPPED, None)]
    assert 3.0 < clock.monotonic() - begun_s < 3.0 + 4 * 0.04


@pytest.mark.parametrize(
    "time_of",
    [
        lambda index: 0.04 * index - (0.1 if index % 3 == 0 else 0.0),
        lambda index: 2.5 * (index // 62),  # as long as this a camera may give the same again
        lambda index: 0.01 * index,
    ],
    ids=["to and fro", "in steps", "a hundred a second"],
)
def test_times_that_go_on_however_unevenly_do_not_stop_it(time_of: Callable[[int], float]) -> None:
    clock, heard = HandClock(), list[KnownError]()
    camera = Timed(clock, time_of)
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED, "the end"), 250
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: None, heard.append)
    watch._capture._thread.join(60)
    feed.close()
    assert camera.read_so_far == 250
    assert [error.detail for error in heard] == ["the end"]


def test_a_computer_that_was_busy_for_long_is_no_camera_that_stands_still() -> None:
    """One picture of before may still lie there; that it came late says nothing."""
    clock, heard = HandClock(), list[KnownError]()
    camera = Timed(clock, lambda index: 0.04 * index)
    camera.failure, camera.pictures = KnownError(FailureCode.CAMERA_STOPPED, "the end"), 50
    feed = CameraFeed(camera, clock)
    watch = feed.watch(lambda frame: clock.advance(10.0), heard.append)
    watch._capture._thread.join(60)
    feed.close()
    assert camera.read_so_far == 50
    assert [error.detail for error in heard] == ["the end"]
