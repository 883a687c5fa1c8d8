"""The customer before the camera, and every camera that spoils it: a code or a reason, never a crash."""

import gc
import tracemalloc
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest

from drivers.face.repetition import NumpyRepetitions
from hallclient.devices import FaceEngines, FaceSight, Frame, Image
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.portrait_taking import PortraitListener, PortraitTaken, take_portrait
from hallclient.services.stop import Stop
from tests import doubles
from tests.clock import HandClock

CHALLENGES = (Challenge.TURN_LEFT, Challenge.BLINK)


class Spoilt(doubles.Camera):
    """From picture `begins` on, `spoil` makes something else of each."""

    def __init__(
        self, clock: HandClock, customer: doubles.Customer, spoil: Callable[[Image], Image], begins: int = 0
    ) -> None:
        super().__init__(clock, customer=customer)
        self._spoil = spoil
        self._begins = begins
        self._read = 0

    def read(self) -> Frame | None:
        frame = super().read()
        assert frame is not None
        self._read += 1
        return frame if self._read <= self._begins else Frame(frame.time_s, self._spoil(frame.image))


def taken(
    spoil: Callable[[Image], Image] = lambda image: image, begins: int = 0, matcher: doubles.Matcher | None = None
) -> tuple[PortraitTaken, list[Challenge | None]]:
    clock, customer = HandClock(), doubles.Customer()
    asked: list[Challenge | None] = []

    def follow(challenge: Challenge | None) -> None:
        asked.append(challenge)
        customer.asked(challenge)

    camera = Spoilt(clock, customer, spoil, begins)
    engines = FaceEngines(customer, customer, matcher or doubles.Matcher(), NumpyRepetitions())
    listener = PortraitListener(lambda frame: None, lambda frame, sight: None, follow, lambda advice: None)
    with closing(CameraFeed(camera, clock)) as feed:
        try:
            result = take_portrait(feed, engines, clock, lambda _: CHALLENGES, listener, Stop())
        except KnownError:
            assert not camera.open  # it has stopped
            raise
        assert camera.open  # for whoever watches next
    return result, asked


def test_good_pictures_come_first_and_then_each_challenge_in_its_order() -> None:
    result, asked = taken()
    assert result.liveness.live
    assert [challenge for challenge in asked if challenge is not None] == list(CHALLENGES)
    assert len(result.capture.frames) >= 2
    assert result.capture.frames[-1].time_s < result.liveness.done[0].asked_s


def test_every_picture_that_is_compared_has_to_show_who_did_the_challenges() -> None:
    matcher = doubles.Matcher()
    result, _ = taken(matcher=matcher)
    held = {id(image) for image in matcher.held_together}
    assert {id(frame.image) for frame in result.capture.frames} < held
    assert len(held) == len(result.capture.frames) + len(CHALLENGES) + 1


@pytest.mark.parametrize("begins", [0, 30], ids=["at first", "in the check"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: np.full(image.shape, np.nan, np.float32),
        lambda image: image[:, :, 0],
        lambda image: np.dstack([image, image[:, :, :1]]),
        lambda image: image.astype(np.uint16),
        lambda image: image[:0],
    ],
    ids=["NaN", "grey", "with alpha", "16 bit", "empty"],
)
def test_what_is_no_picture_stops_the_camera(spoil: Callable[[Image], Image], begins: int) -> None:
    with pytest.raises(KnownError) as caught:
        taken(spoil, begins)
    assert caught.value.code is FailureCode.CAMERA_STOPPED


def test_one_picture_again_and_again_is_a_frozen_camera() -> None:
    result, _ = taken(lambda image: np.full(image.shape, 99, np.uint8))
    assert (result.liveness.live, result.liveness.refusal) == (False, Refusal.FROZEN)


def test_another_size_in_the_check_is_another_camera() -> None:
    result, _ = taken(lambda image: np.vstack([image, image]), begins=30)
    assert (result.liveness.live, result.liveness.refusal) == (False, Refusal.JUMP)


def test_a_camera_that_repeats_is_found_by_the_pictures_that_nobody_looked_at() -> None:
    """Every picture is glanced at, from the first on, also while others are looked at."""
    clock, customer, repetitions = HandClock(), doubles.Customer(), doubles.Repetitions()
    times_s: list[float] = []
    engines = FaceEngines(customer, customer, doubles.Matcher(), repetitions)
    listener = PortraitListener(
        lambda frame: times_s.append(frame.time_s), lambda *_: None, customer.asked, lambda _: None
    )
    with closing(CameraFeed(doubles.Camera(clock, customer=customer), clock)) as feed:
        take_portrait(feed, engines, clock, lambda _: CHALLENGES, listener, Stop())
    glanced_s = [glance.time_s for glance in repetitions.glances]
    assert len(glanced_s) > 40
    assert glanced_s == times_s[: len(glanced_s)]
    assert {len(glance.samples) for glance in repetitions.glances} == {300}


class Large(doubles.Camera):
    """1280x720, 25 a second, as a real camera gives them: each in memory of its own."""

    def read(self) -> Frame | None:
        frame = super().read()
        assert frame is not None
        return Frame(frame.time_s, np.full((720, 1280, 3), self.read_so_far % 200, np.uint8))


def test_while_a_face_is_looked_for_no_pictures_pile_up() -> None:
    """R11: 251 pictures of 2.8 MB were kept in 10 s. Now: 300 bytes of each."""
    clock = HandClock()
    customer = doubles.Customer(FaceSight(0, None, 0.0, QualityIssue.NO_FACE))
    in_hand_bytes = 3 * 720 * 1280 * 3  # the newest, the one that is looked at, the one that is being made
    most = 0

    def measure(frame: Frame, sight: FaceSight) -> None:
        nonlocal most
        gc.collect()
        most = max(most, tracemalloc.get_traced_memory()[0])

    engines = FaceEngines(customer, customer, doubles.Matcher(), NumpyRepetitions())
    listener = PortraitListener(lambda frame: None, measure, lambda challenge: None, lambda advice: None)
    begun_s = clock.monotonic()
    gc.freeze()  # what other tests left is not looked through with each picture
    tracemalloc.start()
    try:
        with (
            closing(CameraFeed(Large(clock, customer=customer), clock)) as feed,
            pytest.raises(KnownError, match="no_usable_face"),
        ):
            take_portrait(feed, engines, clock, lambda _: CHALLENGES, listener, Stop())
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    assert clock.monotonic() - begun_s >= 10.0
    assert most - in_hand_bytes < 2e6
