from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from drivers.face.repetition import NumpyRepetitions
from hallclient.devices import FaceEngines, FaceSight, Frame, Image
from hallclient.domain.comparison import EngineIdentity, Thresholds
from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import Challenge, Refusal, Relief
from hallclient.services.liveness import judge_frames
from hallclient.services.seen_clip import Asked, ClipEngines, Judged, SeenClip
from tests.hallclient.domain.program_face import acted, face
from tests.hallclient.services.test_liveness import Matcher as OneMatcher

STEP_S = 1 / 15
DEEP = Relief(0.04, 0.04)
REST = [face()] * 15
# Rests for a second, turns, rests, nods, rests.
PERSON = [*REST, *acted(Challenge.TURN_LEFT), *REST, *acted(Challenge.NOD), *REST]
TURN, NOD = (Challenge.TURN_LEFT,), (Challenge.NOD,)


class Eyes:
    """Knows the motion of each picture by the number that is painted into its first pixel."""

    def __init__(self, motions: Sequence[FaceMotion | None], relief: Relief | None = DEEP) -> None:
        self.models: dict[str, str] = {}
        self._motions = motions
        self._relief = relief
        self.looked_at: list[int] = []
        self.measured: list[tuple[int, int]] = []

    def look(self, image: Image) -> tuple[FaceSight, Any]:
        number = int(image[0, 0, 0])
        self.looked_at.append(number)
        motion = self._motions[number]
        return FaceSight(1 if motion else 0, None, 0.5, motion=motion), None if motion is None else np.array([number])

    def relief(self, rest: Any, moved: Any) -> Relief | None:
        self.measured.append((int(rest[0]), int(moved[0])))
        return self._relief


class Matcher:
    """Whose faces from picture `changes` on are another person's."""

    identity = EngineIdentity("test", "1", {})
    thresholds = Thresholds(0.44, 0.3, 1e-4, "test", "2026-01-01")

    def __init__(self, changes: int = 1000, faceless: int = 1000) -> None:
        self._changes, self._faceless = changes, faceless
        self.templates: list[int] = []

    def template(self, image: Image) -> Any:
        number = int(image[0, 0, 0])
        self.templates.append(number)
        if number >= self._faceless:
            return None
        return np.array([0.0, 1.0] if number >= self._changes else [1.0, 0.0])

    def scores(self, one: Sequence[Any], other: Sequence[Any]) -> Any:
        return np.asarray(one) @ np.asarray(other).T


def pictures(count: int, step_s: float = STEP_S, size: tuple[int, int] = (48, 64)) -> Iterator[Frame]:
    noise = np.random.default_rng(5)
    for index in range(count):
        image = noise.integers(0, 255, (*size, 3), np.uint8)
        image[0, 0, 0] = index
        yield Frame(index * step_s, image)


def clip_of(
    eyes: Eyes, count: int, matcher: Matcher | None = None, looks_per_s: float = 15, from_s: float = 0.0
) -> SeenClip:
    engines = ClipEngines(eyes, matcher or Matcher(), NumpyRepetitions())
    return SeenClip(lambda: pictures(count), engines, looks_per_s, from_s)


def verdicts(results: Sequence[Judged]) -> list[Refusal | None]:
    return [judged.result.refusal for judged in results]


class WholeEngines:
    """The same eyes for pictures that are kept."""

    def __init__(self, motions: Sequence[FaceMotion | None]) -> None:
        self._eyes = Eyes(motions)
        self.models: dict[str, str] = {}

    def look(self, image: Image) -> FaceSight:
        return self._eyes.look(image)[0]

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        return (DEEP,) * len(moved)


@pytest.mark.parametrize("challenges", [TURN, NOD, TURN + NOD, NOD + TURN, (Challenge.TURN_RIGHT,), (Challenge.BLINK,)])
@pytest.mark.parametrize("begin", [0, 3, 8, 17, 30])
def test_a_check_ends_as_it_would_on_the_pictures_themselves(challenges: tuple[Challenge, ...], begin: int) -> None:
    whole = WholeEngines(PERSON)
    engines = FaceEngines(whole, whole, OneMatcher(1.0), NumpyRepetitions())
    expected = judge_frames(
        (frame for frame in pictures(len(PERSON)) if frame.time_s >= begin * STEP_S), challenges, engines
    )
    (judged,) = clip_of(Eyes(PERSON), len(PERSON)).judge([Asked(begin * STEP_S, challenges)])
    seen = judged.result
    assert (seen.live, seen.refusal, seen.done, seen.hint) == (
        expected.live,
        expected.refusal,
        expected.done,
        expected.hint,
    )


def test_however_many_checks_each_picture_is_looked_at_once() -> None:
    eyes = Eyes(PERSON)
    clip = clip_of(eyes, len(PERSON))
    asked = [Asked(index * 0.13, TURN) for index in range(5)]
    assert verdicts(clip.judge(asked)) == [None] * 5
    assert verdicts(clip.judge(asked[:1])) == [None]
    assert len(eyes.looked_at) == len(set(eyes.looked_at))
    assert len(eyes.measured) == len(set(eyes.measured))


def test_what_was_forgotten_is_not_taken_for_a_face_without_relief() -> None:
    clip = clip_of(Eyes(PERSON), len(PERSON))
    clip.judge([Asked(0.0, TURN), Asked(1.6, NOD)])
    with pytest.raises(BugError):
        clip.judge([Asked(0.13, TURN)])


def test_results_come_in_the_order_asked() -> None:
    clip = clip_of(Eyes(PERSON), len(PERSON))
    assert verdicts(clip.judge([Asked(1.6, NOD), Asked(0.0, NOD), Asked(0.0, TURN), Asked(90.0, TURN)])) == [
        None,
        Refusal.WRONG_MOVEMENT,
        None,
        Refusal.FACE_LOST,
    ]


@pytest.mark.parametrize(
    ("looks_per_s", "step_s", "expected"), [(15, 1 / 30, 15), (5, 1 / 30, 5), (6, 1 / 25, 6), (30, 1 / 15, 15)]
)
def test_looks_are_as_many_a_second_as_asked_for_or_as_there_are(
    looks_per_s: float, step_s: float, expected: int
) -> None:
    eyes = Eyes([face()] * 250)
    engines = ClipEngines(eyes, Matcher(), NumpyRepetitions())
    clip = SeenClip(lambda: pictures(round(4 / step_s), step_s), engines, looks_per_s)
    clip.times_s()
    assert len(eyes.looked_at) == 4 * expected
    assert max(np.diff(eyes.looked_at)) * step_s < 1 / looks_per_s + step_s


def test_before_the_first_start_nothing_is_looked_at() -> None:
    eyes = Eyes(PERSON)
    clip_of(eyes, len(PERSON), from_s=1.0).judge([Asked(1.0, NOD)])
    assert min(eyes.looked_at) == 15


def test_another_persons_face_at_the_end_is_refused() -> None:
    matcher = Matcher(changes=20)
    results = clip_of(Eyes(PERSON), len(PERSON), matcher).judge([Asked(0.0, TURN), Asked(1.6, NOD)])
    assert verdicts(results) == [Refusal.OTHER_PERSON, None]
    assert (results[0].result.likeness, results[1].result.likeness) == (0.0, 1.0)
    assert len(matcher.templates) == len(set(matcher.templates)) == 4  # at rest and at the end of both


def test_a_face_that_the_engine_does_not_find_is_no_likeness() -> None:
    (judged,) = clip_of(Eyes(PERSON), len(PERSON), Matcher(faceless=3)).judge([Asked(0.0, TURN)])
    assert (judged.result.refusal, judged.result.likeness) == (Refusal.OTHER_PERSON, None)


@pytest.mark.parametrize(
    ("relief", "refusal"),
    [(Relief(0.0, 0.0), Refusal.FLAT), (None, Refusal.WRONG_MOVEMENT)],  # a turn is waited for, and a nod comes
)
def test_without_relief_nobody_is_live(relief: Relief | None, refusal: Refusal) -> None:
    clip = clip_of(Eyes(PERSON, relief), len(PERSON))
    assert verdicts(clip.judge([Asked(0.0, TURN)])) == [refusal]


def test_pictures_that_change_their_size_are_another_camera() -> None:
    def frames() -> Iterator[Frame]:
        yield from pictures(10)
        yield from (replace(frame, time_s=frame.time_s + 1) for frame in pictures(10, size=(60, 80)))

    clip = SeenClip(frames, ClipEngines(Eyes(PERSON), Matcher(), NumpyRepetitions()), 15)
    assert verdicts(clip.judge([Asked(0.0, TURN)])) == [Refusal.JUMP]


def test_a_picture_that_stands_still_is_frozen() -> None:
    still = next(pictures(1)).image
    frames = [Frame(index * STEP_S, still) for index in range(40)]
    clip = SeenClip(lambda: iter(frames), ClipEngines(Eyes([face()]), Matcher(), NumpyRepetitions()), 15)
    assert verdicts(clip.judge([Asked(0.0, TURN), Asked(0.5, NOD)])) == [Refusal.FROZEN] * 2


def test_three_looks_a_second_tell_nothing_about_a_person() -> None:
    eyes = Eyes([face()] * 200)
    frames = [replace(frame, time_s=index / 15) for index, frame in enumerate(pictures(200))]
    clip = SeenClip(lambda: iter(frames), ClipEngines(eyes, Matcher(), NumpyRepetitions()), 3)
    assert verdicts(clip.judge([Asked(0.0, TURN)])) == [Refusal.COMPUTER_TOO_SLOW]


def test_when_it_asked_is_told() -> None:
    """A movement of the head is asked for at the first look, anything else once the face is at rest."""
    mouth = (Challenge.OPEN_MOUTH,)
    asked = [Asked(0.0, TURN), Asked(0.4, TURN), Asked(0.0, mouth), Asked(50, TURN)]
    early, late, rested, never = clip_of(Eyes(PERSON), len(PERSON)).judge(asked)
    assert (early.asked_s, never.asked_s) == (0.0, None)
    assert late.asked_s == pytest.approx(0.4)
    assert rested.asked_s == pytest.approx(2 / 15)


def test_where_a_clip_ends() -> None:
    clip = clip_of(Eyes(PERSON), 31)
    assert clip.times_s() == pytest.approx([index / 15 for index in range(31)])
    assert (clip.ends_before(1.9), clip.ends_before(2.1)) == (False, True)
