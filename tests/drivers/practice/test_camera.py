"""The practice camera as a device: its process opens, gives pictures, is killed, hangs, and never outlives us."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event
from time import monotonic
from typing import Any

import numpy as np
import pytest

from drivers.child_process import ChildProcess
from drivers.practice.camera import PracticeCamera
from drivers.practice.camera_wire import Order, frame_from, start_payload
from drivers.practice.pictures import Scene, live_picture
from hallclient.devices import Frame
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from tests.drivers.processes import ends_with_its_parent, is_running, nothing_is_left, our_ends, script
from tests.drivers.waiting import eventually


@pytest.fixture
def camera() -> Iterator[PracticeCamera]:
    made = PracticeCamera(live_picture(Scene.HOLDER))
    yield made
    made.close()


def some(camera: PracticeCamera, count: int) -> list[Frame]:
    frames = [frame for frame in (camera.read() for _ in range(count)) if frame]
    assert len(frames) == count
    return frames


def refusal(camera: PracticeCamera) -> FailureCode:
    """The failure that `read` ends with, after the pictures that were there already."""
    with pytest.raises(KnownError) as caught:
        for _ in range(3):
            camera.read()
    return caught.value.code


def test_its_pictures_are_stamped_with_the_time_they_were_due(camera: PracticeCamera) -> None:
    begun_s = monotonic()
    camera.start(begun_s)
    frames = some(camera, 8)
    times_s = [frame.time_s for frame in frames]
    assert all(begun_s <= time_s <= monotonic() for time_s in times_s)
    assert all(
        (later - earlier) * 25 == pytest.approx(round((later - earlier) * 25)) for earlier, later in pairwise(times_s)
    )
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}
    assert all(not np.array_equal(before.image, after.image) for before, after in pairwise(frames))
    assert camera.identity.practice


def test_a_late_reader_gets_the_newest_picture_and_no_burst_of_old_ones(camera: PracticeCamera) -> None:
    camera.start(monotonic())
    (first,) = some(camera, 1)
    drawn = camera._process
    assert drawn is not None
    eventually(lambda: drawn._said and frame_from(drawn._said[0]).time_s - first.time_s > 0.3)
    (late,) = some(camera, 1)
    assert late.time_s - first.time_s > 0.3


def test_killed_it_has_stopped_and_the_next_start_opens_another(camera: PracticeCamera) -> None:
    camera.start(monotonic())
    some(camera, 2)
    lost = camera.pid
    assert lost is not None
    killed = camera._process
    assert killed is not None
    os.kill(lost, signal.SIGKILL)
    eventually(lambda: killed.failure)  # the death is told at once, and by itself
    with pytest.raises(KnownError) as caught:
        for _ in range(2):  # one picture may be there already
            camera.read()
    assert (caught.value.code, caught.value.detail) == (FailureCode.CAMERA_STOPPED, "exit -9")
    camera.perform(Challenge.NOD)  # nobody hears it, and nothing happens
    camera.start(monotonic())
    some(camera, 2)
    assert camera.pid != lost
    assert not is_running(lost)


def test_one_that_hangs_has_stopped_within_a_second(camera: PracticeCamera) -> None:
    camera.start(monotonic())
    some(camera, 1)
    os.kill(camera.pid or 0, signal.SIGSTOP)
    assert refusal(camera) is FailureCode.CAMERA_STOPPED


@pytest.mark.parametrize(("order", "payload"), [(Order.PERFORM, b"fly"), (Order.START, b"")])
def test_an_order_that_makes_no_sense_is_a_crash_and_no_good_end(
    camera: PracticeCamera, order: Order, payload: bytes
) -> None:
    camera.start(monotonic())
    process = camera._process
    assert process is not None
    process.feed(order, payload)
    assert process._popen.wait(60) == 1
    eventually(lambda: process.failure)
    assert refusal(camera) is FailureCode.CAMERA_STOPPED


def test_it_stops_when_told_as_if_it_was_unplugged() -> None:
    camera = PracticeCamera(live_picture(Scene.HOLDER), stops_after_s=0.2)
    camera.start(monotonic())
    with pytest.raises(KnownError) as caught:
        for _ in range(10):
            camera.read()
    assert caught.value.code is FailureCode.CAMERA_STOPPED
    camera.close()


def test_one_that_cannot_draw_who_is_not_there_is_no_camera() -> None:
    camera = PracticeCamera(np.zeros((480, 640, 3), np.uint8))
    before = our_ends()
    with pytest.raises(KnownError) as caught:
        camera.start(monotonic())
    assert caught.value.code is FailureCode.CAMERA_MISSING
    nothing_is_left(before)


@pytest.mark.parametrize(
    "code", ["", "out.write(b'Hello, this is no frame')", "send(out, 2, b'x')", "send(out, 3, b'x')"]
)
def test_a_process_that_makes_no_sense_is_no_camera(code: str) -> None:
    camera = PracticeCamera(live_picture(Scene.HOLDER), command=script(code))
    before = our_ends()
    with pytest.raises(KnownError) as caught:
        camera.start(monotonic())
    assert caught.value.code is FailureCode.CAMERA_MISSING
    nothing_is_left(before)


@pytest.mark.parametrize("code", ["send(out, 2, b'x')", "send(out, 7)", "out.write(b'Hello, this is no frame')"])
def test_one_that_makes_no_sense_later_on_has_stopped(code: str) -> None:
    camera = PracticeCamera(live_picture(Scene.HOLDER), command=script(f"send(out, 1); {code}"))
    camera.start(monotonic())
    assert refusal(camera) is FailureCode.CAMERA_STOPPED
    camera.close()


def test_one_that_hangs_before_it_takes_its_orders_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is to be shown is larger than a pipe: whoever wrote it himself would wait for ever."""
    monkeypatch.setattr("drivers.practice.camera._START_PATIENCE_S", 0.5)
    camera = PracticeCamera(live_picture(Scene.HOLDER), command=script("time.sleep(600)"))
    before = our_ends()
    with pytest.raises(KnownError) as caught:
        camera.start(monotonic())
    assert caught.value.code is FailureCode.CAMERA_MISSING
    nothing_is_left(before)


def test_a_start_ends_when_it_is_closed_on_another_thread() -> None:
    before = our_ends()
    camera = PracticeCamera(live_picture(Scene.HOLDER), command=script("time.sleep(600)"))
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(camera.start, monotonic())
        eventually(lambda: camera.pid is not None)
        camera.close()
        with pytest.raises(KnownError) as caught:
            started.result(15)  # well before its own patience ends
    assert caught.value.code is FailureCode.CAMERA_MISSING
    assert (camera.pid, camera.read()) == (None, None)
    nothing_is_left(before)


@pytest.mark.parametrize("closed", [True, False])
def test_a_start_that_fails_late_leaves_the_process_of_the_next_one_alone(
    monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    opening, go_on = Event(), Event()
    payload = start_payload

    def slow(*args: Any) -> Any:
        if not opening.is_set():
            opening.set()
            assert go_on.wait(60)
        return payload(*args)

    monkeypatch.setattr("drivers.practice.camera.start_payload", slow)
    before = our_ends()
    camera = PracticeCamera(live_picture(Scene.HOLDER), command=script("send(out, 1); time.sleep(600)"))
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(camera.start, monotonic())
        assert opening.wait(60)
        lost = camera.pid
        assert lost is not None
        if closed:
            camera.close()
        camera.start(monotonic())
        pid = camera.pid
        assert pid is not None
        go_on.set()
        with pytest.raises(KnownError) as caught:
            late.result(60)
    assert caught.value.code is FailureCode.CAMERA_MISSING
    assert camera.pid == pid
    assert is_running(pid)
    assert not is_running(lost)
    camera.close()
    nothing_is_left(before)


def test_a_process_that_comes_late_after_a_close_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ChildProcess] = []
    before = our_ends()
    camera = PracticeCamera(live_picture(Scene.HOLDER), command=script("send(out, 1); time.sleep(600)"))

    def late(*args: Any, **options: Any) -> ChildProcess:
        made.append(ChildProcess(*args, **options))
        camera.close()
        return made[-1]

    monkeypatch.setattr("drivers.practice.camera.ChildProcess", late)
    with pytest.raises(KnownError, match="camera_missing"):
        camera.start(monotonic())
    assert camera.pid is None
    assert not is_running(made[0].pid)
    nothing_is_left(before)


def test_whatever_goes_wrong_in_a_start_its_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("drivers.practice.camera.start_payload", broken)
    before = our_ends()
    camera = PracticeCamera(live_picture(Scene.HOLDER), command=script("time.sleep(600)"))
    with pytest.raises(MemoryError):
        camera.start(monotonic())
    assert camera.pid is None
    nothing_is_left(before)


def test_after_close_nothing_is_left(camera: PracticeCamera) -> None:
    before = our_ends()
    camera.start(monotonic())
    pid = camera.pid
    assert pid is not None
    some(camera, 1)
    camera.close()
    camera.close()
    assert camera.read() is None
    assert not is_running(pid)
    nothing_is_left(before)


_PARENT = """
import sys, time
from drivers.practice.camera import PracticeCamera
from drivers.practice.camera_wire import frame_from
from drivers.practice.pictures import Scene, live_picture
from tests.drivers.clocks import SystemClock
camera = PracticeCamera(live_picture(Scene.HOLDER))
camera.start(time.monotonic())
print(camera.pid, flush=True)
time.sleep(60)
"""


def test_a_parent_that_is_killed_takes_the_process_with_it() -> None:
    ends_with_its_parent(_PARENT)
