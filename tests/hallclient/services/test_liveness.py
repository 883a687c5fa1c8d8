from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from drivers.face.repetition import NumpyRepetitions
from hallclient.devices import FaceEngines, FaceSight, Frame, Image
from hallclient.domain.comparison import Comparison, EngineIdentity, Thresholds
from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice, Challenge, Refusal, Relief
from hallclient.services.liveness import LivenessResult, LivenessRun, judge_frames, require_rate, steady_looks_per_s
from tests.hallclient.domain.program_face import act, face

ACT = [face(turn_deg=angle) for angle in (6, 14, 20, 22, 14, 6, 0)]
PERSON = [*[face()] * 8, *ACT, face()]
STEP_S = 0.08
DEEP = Relief(0.04, 0.04)


class Analyser:
    """Knows the motion of each picture by the number that is painted into its first pixel."""

    def __init__(
        self, motions: Sequence[FaceMotion | None], faces: int = 1, lost_at: frozenset[int] = frozenset()
    ) -> None:
        """Before the pictures of `lost_at` its process was lost and replaced."""
        self._motions = motions
        self._faces = faces
        self._lost_at = lost_at
        self.looked_at = 0

    def look(self, image: Image) -> FaceSight:
        self.looked_at += 1
        index = int(image[0, 0, 0])
        motion = self._motions[index]
        count = self._faces if motion else 0
        return FaceSight(count, None, index / 255, motion=motion, after_loss=index in self._lost_at)


class Reliefs:
    def __init__(self, relief: Relief | None = DEEP) -> None:
        self._relief = relief
        self.models: dict[str, str] = {}

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        assert all(rest[0, 0, 0] < image[0, 0, 0] for image in moved)
        return (self._relief,) * len(moved)


class Matcher:
    identity = EngineIdentity("test", "1", {})
    thresholds = Thresholds(0.44, 0.3, 1e-4, "test", "2026-01-01")

    def __init__(self, likeness: float | None = 0.9) -> None:
        self._likeness = likeness
        self.pictures = 0

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        raise NotImplementedError

    def likeness(self, images: Sequence[Image]) -> float | None:
        self.pictures = len(images)
        return self._likeness


def pictures(count: int, size: tuple[int, int] = (48, 64)) -> Iterator[Frame]:
    noise = np.random.default_rng(5)
    for index in range(count):
        image = noise.integers(0, 255, (*size, 3), np.uint8)
        image[0, 0, 0] = index
        yield Frame(index * STEP_S, image)


def judged(
    motions: Sequence[FaceMotion | None],
    *,
    frames: Iterator[Frame] | None = None,
    relief: Relief | None = DEEP,
    likeness: float | None = 0.9,
    faces: int = 1,
) -> LivenessResult:
    engines = FaceEngines(Analyser(motions, faces), Reliefs(relief), Matcher(likeness), NumpyRepetitions())
    return judge_frames(frames or pictures(len(motions)), (Challenge.TURN_LEFT,), engines)


def test_a_live_person_is_told() -> None:
    result = judged(PERSON)
    assert (result.live, result.refusal, result.likeness, result.hint) == (True, None, 0.9, 1.0)


@pytest.mark.parametrize("likeness", [None, 0.1, 0.43])
def test_another_person_afterwards_is_refused(likeness: float | None) -> None:
    result = judged(PERSON, likeness=likeness)
    assert (result.live, result.refusal) == (False, Refusal.OTHER_PERSON)


def test_without_relief_it_is_flat() -> None:
    assert judged(PERSON, relief=Relief(0.0, 0.0)).refusal is Refusal.FLAT


def test_where_relief_cannot_be_measured_nobody_is_flat_and_nobody_passes() -> None:
    result = judged([*PERSON, *PERSON, *[face()] * 110], relief=None)
    assert (result.live, result.refusal, result.done) == (False, Refusal.TOO_SLOW, ())


@pytest.mark.parametrize("count", [0, 3, 9])
def test_pictures_that_end_early_were_too_slow_or_lost_the_face(count: int) -> None:
    assert judged(PERSON[:count]).refusal is (Refusal.TOO_SLOW if count else Refusal.FACE_LOST)
    assert judged([None] * count).refusal is Refusal.FACE_LOST


@pytest.mark.parametrize("faces", [2, 20])
def test_more_faces_than_one_are_refused(faces: int) -> None:
    assert judged(PERSON, faces=faces).refusal is Refusal.SECOND_FACE


def test_a_camera_that_changes_its_size_is_another_one() -> None:
    frames = [*pictures(5), *[replace(frame, time_s=1 + frame.time_s) for frame in pictures(5, (60, 80))]]
    assert judged(PERSON, frames=iter(frames)).refusal is Refusal.JUMP


@pytest.mark.parametrize("shape", [(0, 0, 3), (1, 1, 3), (1, 4000, 3)])
def test_a_camera_that_repeats_one_picture_is_frozen_whatever_its_size(shape: tuple[int, int, int]) -> None:
    frames = (Frame(index * STEP_S, np.zeros(shape, np.uint8)) for index in range(30))

    class Blind:
        def look(self, image: Image) -> FaceSight:
            return FaceSight(0, None, 0.0)

    engines = FaceEngines(Blind(), Reliefs(), Matcher(), NumpyRepetitions())
    assert judge_frames(frames, (Challenge.NOD,), engines).refusal is Refusal.FROZEN


def test_of_a_fast_camera_not_every_picture_is_looked_at() -> None:
    analyser = Analyser([face()] * 100)
    frames = (replace(frame, time_s=index / 60) for index, frame in enumerate(pictures(100)))
    judge_frames(frames, (Challenge.NOD,), FaceEngines(analyser, Reliefs(), Matcher(), NumpyRepetitions()))
    assert 22 <= analyser.looked_at <= 26


def looked_at(
    times_s: Iterable[float],
    *,
    camera_hz: float = 25.0,
    motions: Sequence[FaceMotion],
    lost_at: frozenset[int] = frozenset(),
    asked: list[Challenge | None] | None = None,
    challenges: tuple[Challenge, ...] = (Challenge.TURN_LEFT,),
    advised: list[Advice | None] | None = None,
    on_done: Callable[[], None] = lambda: None,
    on_rest: Callable[[Image], None] = lambda _: None,
) -> LivenessRun:
    """A run that looks at pictures of these times, of a camera that gives `camera_hz` all the time."""
    engines = FaceEngines(Analyser(motions, lost_at=lost_at), Reliefs(), Matcher(), NumpyRepetitions())
    told = (asked if asked is not None else []).append, (advised if advised is not None else []).append
    run = LivenessRun(engines, *told, on_done, on_rest)
    run.begin(challenges)
    noise, shown = np.random.default_rng(5), 0
    for index, time_s in enumerate(times_s):
        while shown / camera_hz < time_s - 1e-6:
            run.glance(Frame(shown / camera_hz, noise.integers(0, 255, (48, 64, 3), np.uint8)))
            shown += 1
        image = noise.integers(0, 255, (48, 64, 3), np.uint8)
        image[0, 0, 0] = index
        frame = Frame(time_s, image)
        run.glance(frame)
        shown += 1
        run.look(frame)
    return run


@pytest.mark.parametrize("challenges", [(Challenge.TURN_LEFT,), (Challenge.TURN_LEFT, Challenge.NOD)])
def test_it_is_said_once_and_last_that_no_challenge_is_left(challenges: tuple[Challenge, ...]) -> None:
    asked: list[Challenge | None] = []
    done: list[Challenge | None] = []
    times_s = np.arange(len(PERSON)) * STEP_S
    run = looked_at(
        times_s, motions=PERSON, asked=asked, challenges=challenges, on_done=lambda: done.extend(asked[-1:] or asked)
    )
    assert done == ([None] if len(challenges) == 1 else [])
    assert run.over is bool(done)


def test_what_the_verdict_compares_is_told_when_it_is_asked_for() -> None:
    """So that it can be made ready between two looks: at each challenge the face at rest, before it moves."""
    motions = [*[face()] * 8, *ACT, *[face()] * 8, *NODDING, *NOD_HELD, *RISING, face()]
    asked: list[Challenge | None] = []
    told: list[tuple[int, Challenge | None]] = []
    run = looked_at(
        np.arange(len(motions)) * STEP_S,
        motions=motions,
        asked=asked,
        challenges=(Challenge.TURN_LEFT, Challenge.NOD),
        on_rest=lambda image: told.append((int(image[0, 0, 0]), asked[-1])),
    )
    assert run.result().live
    assert [challenge for _, challenge in told] == [Challenge.TURN_LEFT, Challenge.NOD]
    assert [index * STEP_S for index, _ in told] == pytest.approx(run._begun.rests_s)


def test_a_gap_of_this_computers_own_begins_the_check_anew_once() -> None:
    """R4: the face process is killed in the middle of a challenge, the camera goes on, and so does the customer."""
    times_s = [*np.arange(6) * STEP_S, *(3.0 + np.arange(len(PERSON)) * STEP_S)]
    advised: list[Advice | None] = []
    run = looked_at(times_s, motions=[*[face()] * 6, *PERSON], advised=advised)
    assert (run.result().live, run.result().refusal) == (True, None)
    assert advised[0] is Advice.AGAIN_BUSY
    assert advised[-1] is None


@pytest.mark.parametrize("done_again", [False, True])
def test_why_it_is_asked_again_is_said_until_it_is_done(done_again: bool) -> None:
    before = [*[face()] * 8, *TURNING]
    motions = [*before, *HELD, *BACK, *(PERSON if done_again else [face()] * 9)]
    asked: list[Challenge | None] = []
    advised: list[Advice | None] = []
    lost_at = frozenset({len(before)})
    run = looked_at(np.arange(len(motions)) * STEP_S, motions=motions, lost_at=lost_at, asked=asked, advised=advised)
    assert run.result().process_losses == 1
    assert advised.count(Advice.AGAIN_UNSEEN) >= 2  # also with the challenge: a screen forgets with each
    assert asked[:3] == [Challenge.TURN_LEFT, None, Challenge.TURN_LEFT]
    assert advised[-1] is (None if done_again else Advice.AGAIN_UNSEEN)


def test_nobody_is_told_to_do_again_what_was_not_asked_yet() -> None:
    advised: list[Advice | None] = []
    blinking = (Challenge.BLINK, Challenge.NOD)
    looked_at(np.arange(3) * STEP_S, motions=[face()] * 3, lost_at=frozenset({1}), challenges=blinking, advised=advised)
    assert advised == []


TURNING, HELD, BACK = ([face(turn_deg=angle) for angle in angles] for angles in ((6, 14, 20), (22,) * 9, (14, 6)))
NODDING, NOD_HELD, RISING = ([face(nod_deg=angle) for angle in angles] for angles in ((6, 12, 18), (20,) * 9, (12, 6)))


@pytest.mark.parametrize("loss_s", [STEP_S, 0.4, 3.0])
@pytest.mark.parametrize("lost_in", ["on the way", "while it is held"])
def test_after_a_lost_process_the_check_begins_from_rest_and_asks_the_same_anew(loss_s: float, lost_in: str) -> None:
    """A head that is held turned is as still as one at rest: taken for rest, it would come back as a wrong movement."""
    before = [*[face()] * 8, *TURNING, *(HELD[:3] if lost_in == "while it is held" else [])]
    motions = [*before, *HELD, *BACK, *PERSON]
    times_s = np.arange(len(motions)) * STEP_S
    times_s[len(before) + 1 :] += loss_s - STEP_S
    asked: list[Challenge | None] = []
    run = looked_at(times_s, motions=motions, lost_at=frozenset({len(before)}), asked=asked)
    assert run.result().refusal is None
    assert run.result().live
    assert asked == [Challenge.TURN_LEFT, None, Challenge.TURN_LEFT, None]
    (done,) = run.result().done
    assert done.asked_s >= times_s[-len(PERSON)]  # not before the person was at rest again


def test_a_process_lost_in_the_second_challenge_asks_both_anew() -> None:
    before = [*[face()] * 8, *ACT, *[face()] * 8, *NODDING]
    again = [*[face()] * 8, *ACT, *[face()] * 8, *NODDING, *NOD_HELD[:3], *RISING, face(), face()]
    motions = [*before, *NOD_HELD, *RISING, *again]
    asked: list[Challenge | None] = []
    both = (Challenge.TURN_LEFT, Challenge.NOD)
    lost_at = frozenset({len(before)})
    run = looked_at(np.arange(len(motions)) * STEP_S, motions=motions, lost_at=lost_at, asked=asked, challenges=both)
    assert run.result().live
    assert [challenge for challenge in asked if challenge] == [*both, *both]


def test_who_sits_otherwise_after_a_lost_process_is_waited_for_only_as_long_as_a_movement_lasts() -> None:
    turned = [face(turn_deg=12 + angle) for angle in (6, 14, 20, 22, 14, 6, 0)]
    motions = [*[face()] * 8, face(turn_deg=12), *[face(turn_deg=12)] * 60, *turned, face(turn_deg=12)]
    run = looked_at(np.arange(len(motions)) * STEP_S, motions=motions, lost_at=frozenset({8}))
    assert run.result().live


def test_a_process_that_is_lost_twice_is_said_of_the_computer() -> None:
    motions = [*[face()] * 24, *PERSON]
    run = looked_at(np.arange(len(motions)) * STEP_S, motions=motions, lost_at=frozenset({8, 16}))
    assert (run.result().live, run.result().refusal) == (False, Refusal.COMPUTER_FAILED)


def test_a_process_that_is_lost_after_a_gap_of_the_computers_is_said_of_what_failed() -> None:
    times_s = [*np.arange(6) * STEP_S, *(3.0 + np.arange(6 + len(PERSON)) * STEP_S)]
    run = looked_at(times_s, motions=[*[face()] * 12, *PERSON], lost_at=frozenset({10}))
    assert (run.result().live, run.result().refusal) == (False, Refusal.COMPUTER_FAILED)


@pytest.mark.parametrize("before", [0, 1, 8])
def test_a_process_that_is_lost_at_every_look_ends_the_check_and_is_no_lost_face(before: int) -> None:
    lost_at = frozenset(range(before, before + 20))
    run = looked_at(np.arange(before + 20) * STEP_S, motions=[face()] * (before + 20), lost_at=lost_at)
    assert run.over
    assert run.result().refusal is Refusal.COMPUTER_FAILED


def test_a_process_that_was_lost_before_the_check_costs_nothing() -> None:
    motions = [face(turn_deg=15), *[face()] * 12, *PERSON]
    run = looked_at(np.arange(len(motions)) * STEP_S, motions=motions, lost_at=frozenset({0, 8}))
    assert run.result().live


def test_a_second_gap_of_the_computers_is_said_of_the_computer() -> None:
    times_s = [*np.arange(6) * STEP_S, *(3.0 + np.arange(6) * STEP_S), *(6.0 + np.arange(len(PERSON)) * STEP_S)]
    run = looked_at(times_s, motions=[*[face()] * 12, *PERSON])
    assert (run.result().live, run.result().refusal) == (False, Refusal.COMPUTER_TOO_SLOW)


def test_a_gap_of_the_camera_is_said_of_the_camera() -> None:
    frames = [*pictures(6), *[replace(frame, time_s=3 + frame.time_s) for frame in pictures(6)]]
    assert judged(PERSON, frames=iter(frames)).refusal is Refusal.CAMERA_TOO_SLOW


@pytest.mark.parametrize(
    ("looks_hz", "camera_hz", "refusal"),
    [
        (6.0, 25.0, Refusal.TOO_SLOW),  # enough is seen: it is the person who did nothing
        (4.0, 25.0, Refusal.COMPUTER_TOO_SLOW),
        (4.0, 4.0, Refusal.CAMERA_TOO_SLOW),
    ],
)
def test_who_does_nothing_is_not_told_from_a_slow_computer_below_five_looks_a_second(
    looks_hz: float, camera_hz: float, refusal: Refusal
) -> None:
    times_s = np.arange(0, 24, 1 / looks_hz)
    run = looked_at(times_s, camera_hz=camera_hz, motions=[face()] * 200)
    assert run.result().refusal is refusal


@pytest.mark.parametrize(
    ("looks_hz", "camera_hz", "challenges", "refusal"),
    [
        (7.0, 28.0, (Challenge.BLINK, Challenge.TURN_LEFT), Refusal.COMPUTER_TOO_SLOW),
        (7.0, 7.0, (Challenge.BLINK, Challenge.TURN_LEFT), Refusal.CAMERA_TOO_SLOW),
        (11.0, 11.0, (Challenge.BLINK, Challenge.TURN_LEFT), Refusal.CAMERA_TOO_SLOW),
        (12.5, 28.0, (Challenge.BLINK, Challenge.TURN_LEFT), Refusal.TOO_SLOW),
        (7.0, 28.0, (Challenge.TURN_LEFT, Challenge.BLINK), Refusal.TOO_SLOW),  # the turn could be seen
    ],
)
def test_who_does_not_blink_is_not_told_from_a_slow_computer_below_twelve_looks_a_second(
    looks_hz: float, camera_hz: float, challenges: tuple[Challenge, ...], refusal: Refusal
) -> None:
    times_s = np.arange(0, 20, 1 / looks_hz)
    run = looked_at(times_s, camera_hz=camera_hz, motions=[face()] * 256, challenges=challenges)
    assert (run.result().live, run.result().refusal) == (False, refusal)


@pytest.mark.parametrize(
    ("looks_hz", "refusal"), [(12.5, None), (11.0, Refusal.COMPUTER_TOO_SLOW), (7.0, Refusal.COMPUTER_TOO_SLOW)]
)
def test_a_blink_that_was_met_by_luck_shows_nobody_live(looks_hz: float, refusal: Refusal | None) -> None:
    blink = [*[face()] * 8, act(Challenge.BLINK, 1), *[face()] * 8, *ACT, face()]
    challenges = (Challenge.BLINK, Challenge.TURN_LEFT)
    run = looked_at(np.arange(len(blink)) / looks_hz, camera_hz=28.0, motions=blink, challenges=challenges)
    result = run.result()
    assert (result.live, result.refusal) == (refusal is None, refusal)
    assert len(result.done) == 2


@pytest.mark.parametrize("looks_hz", [2.0, 4.0])
def test_what_stands_in_the_pictures_is_said_at_any_rate(looks_hz: float) -> None:
    analyser = Analyser([face()] * 100, faces=2)
    engines = FaceEngines(analyser, Reliefs(), Matcher(), NumpyRepetitions())
    frames = (replace(frame, time_s=index / looks_hz) for index, frame in enumerate(pictures(10)))
    assert judge_frames(frames, (Challenge.NOD,), engines).refusal is Refusal.SECOND_FACE


@pytest.mark.parametrize(
    ("looks_hz", "camera_hz", "refusal"),
    [(5.5, 25.0, None), (4.0, 25.0, Refusal.COMPUTER_TOO_SLOW), (3.0, 3.0, Refusal.CAMERA_TOO_SLOW)],
)
def test_nobody_passes_on_too_few_looks(looks_hz: float, camera_hz: float, refusal: Refusal | None) -> None:
    turn = [act(Challenge.TURN_LEFT, amount) for amount in (0.3, 0.7, 1, 0.7, 0.3, 0)]
    motions = [face(), face(), *turn, *[face()] * 6]
    result = looked_at(np.arange(len(motions)) / looks_hz, camera_hz=camera_hz, motions=motions).result()
    assert (result.live, result.refusal) == (refusal is None, refusal)
    assert result.looks_per_s == pytest.approx(looks_hz, rel=0.2)


def test_what_repeats_before_anything_is_asked_is_refused_once_it_is() -> None:
    engines = FaceEngines(Analyser([face()] * 9), Reliefs(), Matcher(), NumpyRepetitions())
    run = LivenessRun(engines)
    for index in range(30):
        run.glance(Frame(index * STEP_S, np.zeros((48, 64, 3), np.uint8)))
    run.watch()
    before = run.over
    run.begin((Challenge.NOD,))
    assert (before, run.over) == (False, True)
    assert run.result().refusal is Refusal.FROZEN


@pytest.mark.parametrize(
    ("challenges", "looks_hz", "camera_hz", "code"),
    [
        ((), 5.1, 25.0, None),
        ((), 4.5, 25.0, FailureCode.COMPUTER_TOO_SLOW),
        ((), 4.5, 4.5, FailureCode.CAMERA_TOO_SLOW),
        ((Challenge.NOD, Challenge.BLINK), 12.5, 25.0, None),
        ((Challenge.NOD, Challenge.BLINK), 11.0, 25.0, FailureCode.COMPUTER_TOO_SLOW),
        ((Challenge.BLINK, Challenge.NOD), 10.0, 10.0, FailureCode.CAMERA_TOO_SLOW),
        ((Challenge.NOD, Challenge.OPEN_MOUTH), 5.5, 25.0, None),
    ],
)
def test_what_cannot_be_seen_is_not_asked(
    challenges: tuple[Challenge, ...], looks_hz: float, camera_hz: float, code: FailureCode | None
) -> None:
    looked_s, came_s = np.arange(0, 3, 1 / looks_hz), np.arange(0, 3, 1 / camera_hz)
    if code is None:
        require_rate(challenges, looked_s.tolist(), came_s.tolist())
        return
    with pytest.raises(KnownError) as caught:
        require_rate(challenges, looked_s.tolist(), came_s.tolist())
    assert caught.value.code is code
    with pytest.raises(KnownError):
        require_rate(challenges, [], [])


@pytest.mark.parametrize(
    ("looks_hz", "wait_s", "waits_at"),
    [
        (15.0, 5.0, (15,)),
        (15.0, 5.0, (1,)),
        (15.0, 0.6, (3, 20)),
        (6.0, 5.0, (15,)),
        (4.5, 5.0, (15,)),
        (15.0, 5.0, ()),
    ],
)
def test_the_rate_at_hand_is_that_without_waits(looks_hz: float, wait_s: float, waits_at: tuple[int, ...]) -> None:
    """31 looks at 15 a second, and 5 s of waiting in between for a face process, were 4.3 a second."""
    times_s = np.arange(31) / looks_hz
    for index in waits_at:
        times_s[index:] += wait_s
    assert steady_looks_per_s(times_s.tolist()) == pytest.approx(looks_hz, rel=0.02)


@pytest.mark.parametrize("loss_s", [0.1, 0.4, 3.0])
@pytest.mark.parametrize("lost_before", [True, False])
def test_a_process_that_was_replaced_lowers_no_rate_however_soon_it_was(loss_s: float, lost_before: bool) -> None:
    """The picture that it was lost at is looked at late; one that it was lost before comes late."""
    times_s = np.arange(22) / 15.0
    times_s[12 if lost_before else 13 :] += loss_s
    lost_s = frozenset({float(times_s[12])})
    assert steady_looks_per_s(times_s.tolist(), lost_s) == pytest.approx(15.0, rel=0.02)
    require_rate((Challenge.BLINK, Challenge.NOD), times_s.tolist(), times_s.tolist(), lost_s)


@pytest.mark.parametrize("times_s", [[], [0.0], [0.0, 0.6], list(range(20))])
def test_what_is_nothing_but_waits_has_no_rate(times_s: list[float]) -> None:
    assert steady_looks_per_s(times_s) == 0


@pytest.mark.parametrize(("looks_hz", "slow"), [(15.0, False), (4.5, True)])
def test_a_wait_before_the_check_is_not_a_slow_computer(looks_hz: float, slow: bool) -> None:
    looked_s = np.arange(31) / looks_hz
    looked_s[12:] += 5.0
    came_s = np.arange(0, looked_s[-1], 1 / 25)
    if slow:
        with pytest.raises(KnownError, match="computer_too_slow"):
            require_rate((), looked_s.tolist(), came_s.tolist())
    else:
        require_rate((Challenge.BLINK, Challenge.NOD), looked_s.tolist(), came_s.tolist())


def test_the_picture_of_each_challenge_at_its_height_is_told_with_the_verdict() -> None:
    """The camera's own, and no more pictures are held than those that may be asked about."""
    motions = [*[face()] * 8, *ACT, *[face()] * 8, *NODDING, *NOD_HELD, *RISING, face()]
    run = looked_at(np.arange(len(motions)) * STEP_S, motions=motions, challenges=(Challenge.TURN_LEFT, Challenge.NOD))
    held = len(run._kept)
    result = run.result()
    assert result.live
    assert [height.challenge for height, _ in result.heights] == [Challenge.TURN_LEFT, Challenge.NOD]
    assert all(frame.time_s == height.at_s for height, frame in result.heights)
    assert [frame.image.shape for _, frame in result.heights] == [(48, 64, 3)] * 2
    turned = 8 + ACT.index(max(ACT, key=lambda motion: motion.tip[0] if ACT[3].tip[0] > 0 else -motion.tip[0]))
    assert int(result.heights[0][1].image[0, 0, 0]) == turned
    assert result.begun_s == 0.0
    assert held <= 2 * 2 + 1


def test_a_check_that_began_anew_has_no_picture_of_before() -> None:
    motions = [*PERSON[:12], *[face()] * 20, *ACT, face()]
    run = looked_at(np.arange(len(motions)) * STEP_S, motions=motions, lost_at=frozenset({12}))
    result = run.result()
    assert (result.live, result.process_losses) == (True, 1)
    assert [height.at_s > 12 * STEP_S for height, _ in result.heights] == [True]
    assert result.begun_s == pytest.approx(13 * STEP_S)


def test_a_refused_check_has_the_picture_of_the_movement_that_was_not_done() -> None:
    result = judged([*[face()] * 8, *[face(turn_deg=angle) for angle in (-6, -14, -20, -22)]])
    assert result.refusal is Refusal.WRONG_MOVEMENT
    ((height, frame),) = result.heights
    assert height.amount < 0
    assert frame.time_s == height.at_s
    assert judged([None] * 9).heights == ()
