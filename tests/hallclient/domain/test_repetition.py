import random

import pytest

from hallclient.domain.repetition import Repetition, RepetitionWatch

RATE_HZ = 25
SAMPLES = 300


def noisy(scene: list[float], choose: random.Random, deviation: float) -> bytes:
    return bytes(max(0, min(255, round(choose.gauss(value, deviation)))) for value in scene)


def still_scene(choose: random.Random) -> list[float]:
    return [choose.uniform(20, 230) for _ in range(SAMPLES)]


def watched(pictures: list[bytes], rate_hz: float = RATE_HZ) -> set[Repetition]:
    watch = RepetitionWatch()
    said = (watch.see(index / rate_hz, picture) for index, picture in enumerate(pictures))
    return {repetition for repetition in said if repetition}


@pytest.mark.parametrize("deviation", [0.3, 0.7, 2.5])
def test_a_person_who_sits_quite_still_before_a_quiet_sensor_is_live(deviation: float) -> None:
    choose = random.Random(1)
    scene = still_scene(choose)
    assert watched([noisy(scene, choose, deviation) for _ in range(250)]) == set()


def moving(choose: random.Random, count: int) -> list[bytes]:
    scene = still_scene(choose)
    return [noisy([v + 10 * ((index % 20) / 20) for v in scene], choose, 2.0) for index in range(count)]


@pytest.mark.parametrize("seed", range(3))
def test_the_same_movement_again_is_live_when_its_noise_is_new(seed: int) -> None:
    assert watched(moving(random.Random(seed), 200)) == set()


@pytest.mark.parametrize("length", [15, 40, 120])
def test_a_clip_that_begins_again_is_repeated(length: int) -> None:
    clip = moving(random.Random(2), length)
    assert watched(clip + clip) == {Repetition.REPEATED}


def test_a_clip_that_was_compressed_again_is_repeated() -> None:
    choose = random.Random(3)
    clip = moving(choose, 40)
    again = [bytes(min(255, value + (choose.random() < 0.3)) for value in picture) for picture in clip]
    assert watched(clip + again) == {Repetition.REPEATED}


def test_one_picture_for_ever_is_frozen_and_a_doubled_picture_is_not() -> None:
    clip = moving(random.Random(4), 60)
    assert watched([picture for picture in clip for _ in range(2)], 50) == set()
    assert watched(clip[:10] + clip[10:11] * 30) == {Repetition.FROZEN}


def test_another_size_begins_anew() -> None:
    clip = moving(random.Random(5), 30)
    assert watched([*clip, b"", *clip[:1], *clip[:20]]) == set()
    assert watched([b""] * 40) == {Repetition.FROZEN}
