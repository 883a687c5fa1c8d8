"""Which pictures are taken, out of a camera and an analyser that do as told."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.devices import FaceSight, Frame, Image
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.quality_issue import QualityIssue
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.face_capture import (
    APART_S,
    CAPTURE_S,
    FRAMES,
    GIVE_UP_S,
    Capture,
    SightListener,
    _GoodFrames,
    capture_face,
)
from tests.clock import HandClock
from tests.doubles import Camera
from tests.drivers.waiting import eventually

Listener = Callable[[Frame], None]


class Analyser:
    """Sees what `sees` says about the picture looked at in that place."""

    def __init__(self, sees: Callable[[int], FaceSight]) -> None:
        self._sees = sees
        self.looks = 0

    def look(self, image: Image) -> FaceSight:
        self.looks += 1
        return self._sees(self.looks - 1)


def good(quality: float = 0.8) -> FaceSight:
    return FaceSight(1, (10.0, 10.0, 20.0, 20.0), quality)


def spoilt(issue: QualityIssue) -> FaceSight:
    """Of the highest quality, but for one thing."""
    return FaceSight(1, (10.0, 10.0, 20.0, 20.0), 1.0, issue)


def capture(analyser: Analyser, clock: HandClock, on_frame: Listener, on_sight: SightListener) -> Capture:
    with closing(CameraFeed(Camera(clock), clock)) as feed:
        return capture_face(feed.watch(on_frame), analyser, clock, on_sight)


def captured(sees: Callable[[int], FaceSight]) -> tuple[Capture, list[tuple[Frame, FaceSight]]]:
    seen: list[tuple[Frame, FaceSight]] = []
    taken = capture(Analyser(sees), HandClock(), lambda frame: None, lambda frame, sight: seen.append((frame, sight)))
    return taken, seen


def test_a_picture_with_a_remark_is_never_taken() -> None:
    taken, seen = captured(lambda index: spoilt(QualityIssue.EYES_CLOSED) if index % 2 else good(0.3))
    remark_of = {id(frame): sight.issue for frame, sight in seen}
    assert taken.frames[0] is taken.best
    assert all(remark_of[id(frame)] is None for frame in taken.frames)
    assert len(taken.looked_s) == len(seen)


def test_the_best_comes_first_and_the_others_are_apart_in_time() -> None:
    taken, seen = captured(lambda index: good(0.2 + 0.1 * (index * 7 % 8)))
    quality_of = {id(frame): sight.quality for frame, sight in seen}
    qualities = [quality_of[id(frame)] for frame in taken.frames]
    assert 2 <= len(taken.frames) <= FRAMES
    assert qualities == sorted(qualities, reverse=True)
    assert qualities[0] == max(quality_of.values())
    times = sorted(frame.time_s for frame in taken.frames)
    assert all(later - earlier >= APART_S for earlier, later in pairwise(times))
    assert seen[-1][0].time_s - seen[0][0].time_s >= CAPTURE_S


def test_without_a_good_picture_the_most_frequent_remark_is_the_detail() -> None:
    clock = HandClock()
    analyser = Analyser(lambda index: spoilt(QualityIssue.TOO_FAR if index % 3 else QualityIssue.BLURRED))
    begun = clock.monotonic()
    with pytest.raises(KnownError) as caught:
        capture(analyser, clock, lambda frame: None, lambda frame, sight: None)
    assert (caught.value.code, caught.value.detail) == (FailureCode.NO_USABLE_FACE, "too_far")
    assert clock.monotonic() - begun >= GIVE_UP_S


def test_few_good_pictures_are_enough_when_no_more_come() -> None:
    taken, _ = captured(lambda index: good() if index == 3 else spoilt(QualityIssue.TURNED))
    assert taken.frames == (taken.best,)


def test_pictures_that_come_during_a_look_are_not_looked_at() -> None:
    shown: list[Frame] = []
    looked: list[Frame] = []

    def slow(index: int) -> FaceSight:
        had = len(shown)
        eventually(lambda: len(shown) >= had + 5)  # five more come while this one is looked at
        return good()

    capture(Analyser(slow), HandClock(), shown.append, lambda frame, sight: looked.append(frame))
    times = [frame.time_s for frame in looked]
    assert all(later - earlier >= 5 * 0.04 - 1e-6 for earlier, later in pairwise(times))


def test_a_look_after_a_lost_process_is_told_by_the_time_of_its_picture() -> None:
    taken, seen = captured(lambda index: replace(good(), after_loss=index in {0, 5}))
    assert taken.lost_s == {seen[0][0].time_s, seen[5][0].time_s}
    assert taken.lost_s < set(taken.looked_s)


def test_a_camera_whose_times_stand_still_has_stopped_and_the_looking_ends() -> None:
    class Still(Camera):
        def read(self) -> Frame | None:
            frame = super().read()
            assert frame is not None
            return Frame(7.0, frame.image)

    clock = HandClock()
    begun_s = clock.monotonic()
    with closing(CameraFeed(Still(clock), clock)) as feed, pytest.raises(KnownError) as caught:
        capture_face(feed.watch(lambda frame: None), Analyser(lambda index: good()), clock, lambda frame, sight: None)
    assert caught.value.code is FailureCode.CAMERA_STOPPED
    assert clock.monotonic() - begun_s < GIVE_UP_S


@given(st.lists(st.tuples(st.floats(0.01, 2.0), st.floats(0.01, 1.0)), min_size=1, max_size=60))
def test_whatever_comes_the_best_is_kept_and_few(steps: list[tuple[float, float]]) -> None:
    kept, time_s, qualities = _GoodFrames(), 0.0, {}
    for step_s, quality in steps:
        time_s += step_s
        frame = Frame(time_s, np.empty((0, 0, 3), np.uint8))
        qualities[id(frame)] = quality, frame
        kept.add(quality, frame)
    best = kept.best
    assert 1 <= len(best) <= FRAMES
    assert qualities[id(best[0])][0] == max(quality for quality, _ in qualities.values())
    times = sorted(frame.time_s for frame in best)
    assert all(later - earlier >= APART_S for earlier, later in pairwise(times))


def test_a_remark_that_does_not_hold_is_not_said_and_its_picture_not_taken() -> None:
    taken, seen = captured(lambda index: spoilt(QualityIssue.MOUTH_COVERED) if index % 6 == 5 else good())
    assert {sight.issue for _, sight in seen} == {None}
    at = {id(frame): index for index, (frame, _) in enumerate(seen)}
    assert all(at[id(frame)] % 6 != 5 for frame in taken.frames)


def test_a_mask_that_is_missed_in_every_fourth_picture_lets_none_be_taken() -> None:
    analyser = Analyser(lambda index: good() if index % 4 == 3 else spoilt(QualityIssue.MOUTH_COVERED))
    clock = HandClock()
    with pytest.raises(KnownError) as caught:
        capture(analyser, clock, lambda frame: None, lambda frame, sight: None)
    assert (caught.value.code, caught.value.detail) == (FailureCode.NO_USABLE_FACE, "mouth_covered")
