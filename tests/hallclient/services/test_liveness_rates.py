from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.face.repetition import NumpyRepetitions
from hallclient.devices import Frame
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import PAIRS, Challenge, Refusal
from hallclient.services.liveness_index import Attack, GenuineMovement
from hallclient.services.liveness_rates import LivenessEvaluation, MovementOutcome, MovementStart, interval
from hallclient.services.seen_clip import ClipEngines, SeenClip
from tests.hallclient.domain.program_face import face
from tests.hallclient.services.test_seen_clip import PERSON, Eyes, Matcher, pictures

# The pictures of PERSON: rest for 1 s, a turn for 0.5 s, rest, a nod from 2.5 s on, rest.
TURN = GenuineMovement(2, "a", Path("a"), Challenge.TURN_LEFT, 0.0, 1.0, 1.5)
NOD = GenuineMovement(3, "a", Path("a"), Challenge.NOD, 1.5, 2.4, 3.0)


class Videos:
    """The person in every file whose name is no wish for something else."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.from_s: list[float] = []
        self.eyes: list[Eyes] = []

    def watch(self, path: Path, from_s: float) -> SeenClip:
        self.from_s.append(from_s)
        self.eyes.append(Eyes([face()] * 45 if path.name == "still" else PERSON))

        def frames() -> Iterator[Frame]:
            if path.name == "damaged":
                yield from pictures(20)
                raise KnownError(FailureCode.INPUT_INVALID, "the video file cannot be decoded")
            if path.name == "lost_worker":
                raise KnownError(FailureCode.FACE_WORKER_FAILED)
            yield from pictures(45 if path.name == "still" else len(PERSON))
            if path.name == "jumps":
                yield from (replace(frame, time_s=frame.time_s + 95443.7) for frame in pictures(10))

        return SeenClip(frames, ClipEngines(self.eyes[-1], Matcher(), NumpyRepetitions()), 15, from_s)

    def evaluation(self) -> LivenessEvaluation:
        return LivenessEvaluation(self.watch, self.said.append)


def of_file(movement: GenuineMovement, file: str, row: int) -> GenuineMovement:
    return GenuineMovement(
        row, file, Path(file), movement.challenge, movement.ask_from_s, movement.begin_s, movement.end_s
    )


def test_a_movement_is_asked_for_from_every_start_and_each_video_is_looked_at_once() -> None:
    videos = Videos()
    turn, nod = videos.evaluation().movements([TURN, NOD])
    assert [start.start_s for start in turn.starts] == pytest.approx([index * 0.13 for index in range(8)])
    assert [start.start_s for start in nod.starts] == pytest.approx([1.5 + index * 0.13 for index in range(7)])
    assert (turn.recognised, nod.recognised) == (True, True)
    # A head that faces the camera is asked at the first look, so that even the last start, 0.09 s before, sees it all.
    assert [start.refusal for start in turn.starts] == [None] * 8
    assert turn.fair == turn.starts[:6]  # up to 0.7 s; the turn begins at 1 s
    assert videos.from_s == [float("inf"), 0.0]
    assert videos.eyes[0].looked_at == []  # only read, to know that no row is after its end
    assert len(videos.eyes[1].looked_at) == len(set(videos.eyes[1].looked_at)) > 0


def test_who_begins_to_look_when_the_head_is_turned_already_sees_only_its_way_back() -> None:
    # From 1.07 s on it is turned by more than may be asked from; the last pictures of the turn are at 1.27 s and 6 deg.
    (outcome,) = Videos().evaluation().movements([replace(TURN, begin_s=1.3)])
    assert [start.refusal is None for start in outcome.starts] == [True] * 8 + [False] * 3
    assert [start.asked_s for start in outcome.starts[8:]] == pytest.approx([4 / 3] * 3)


def test_what_comes_in_another_order_is_the_same() -> None:
    videos = Videos()
    assert videos.evaluation().movements([TURN, NOD]) == videos.evaluation().movements([NOD, TURN])


@pytest.mark.parametrize(("live", "starts", "recognised"), [(0, 0, False), (1, 2, False), (2, 3, True), (3, 3, True)])
def test_more_than_half_is_recognised(live: int, starts: int, recognised: bool) -> None:
    ended = [MovementStart(index, index, None if index < live else Refusal.FLAT) for index in range(starts)]
    outcome = MovementOutcome(TURN, tuple(ended))
    assert (outcome.live, outcome.recognised) == (live, recognised)


def test_starts_without_notice_count_for_the_movement_and_not_for_the_fair_ones() -> None:
    # Asked from 0.2 s before the movement: none is fair. From 0.4 s before: the first one is.
    short = replace(TURN, ask_from_s=0.8)
    longer = replace(TURN, ask_from_s=0.6)
    ended = [MovementStart(0.6 + index * 0.13, None, Refusal.FLAT if index else None) for index in range(4)]
    assert [(start.start_s) for start in MovementOutcome(longer, tuple(ended)).fair] == [0.6]
    assert MovementOutcome(longer, tuple(ended)).fairly_recognised
    assert not MovementOutcome(longer, tuple(ended)).recognised
    assert not MovementOutcome(short, tuple(ended[2:])).fairly_recognised


def test_a_video_that_is_damaged_is_named_by_its_rows_and_the_others_are_measured() -> None:
    videos = Videos()
    evaluation = videos.evaluation()
    outcomes = evaluation.movements([of_file(TURN, "damaged", 2), of_file(TURN, "a", 3), of_file(NOD, "damaged", 4)])
    assert [outcome.movement.row for outcome in outcomes] == [3]
    assert evaluation.unreadable == (2, 4)
    failed = "input_invalid: the video file cannot be decoded"
    assert videos.said == [
        "looking at video 1 of 2, row 2, 4",
        f"row 2: {failed}",
        f"row 4: {failed}",
        "looking at video 2 of 2, row 3",
    ]


def test_damaged_videos_alone_are_no_measurement() -> None:
    with pytest.raises(KnownError, match="from row 2") as caught:
        Videos().evaluation().movements([of_file(TURN, "damaged", 2)])
    assert caught.value.code is FailureCode.INPUT_INVALID
    with pytest.raises(KnownError, match="from row 5"):
        Videos().evaluation().attacks([Attack(row, "damaged", Path("damaged"), "mask") for row in (5, 6)])


def test_what_is_not_the_videos_fault_ends_it() -> None:
    with pytest.raises(KnownError) as caught:
        Videos().evaluation().movements([of_file(TURN, "lost_worker", 2), TURN])
    assert caught.value.code is FailureCode.FACE_WORKER_FAILED


@pytest.mark.parametrize(("begin_s", "within"), [(3.8, True), (4.0, False), (50.2, False)])
def test_a_movement_that_begins_after_the_end_is_no_row(begin_s: float, within: bool) -> None:
    # The last picture is at 3.9 s.
    late = replace(NOD, ask_from_s=begin_s, begin_s=begin_s, end_s=begin_s + 1)
    videos = Videos()
    if within:
        (outcome,) = videos.evaluation().movements([late])
        assert len(outcome.starts) == 1
        return
    with pytest.raises(KnownError, match="row 3: begin_s is after the video's end") as caught:
        videos.evaluation().movements([late])
    assert caught.value.code is FailureCode.INPUT_INVALID


def test_all_rows_after_the_end_are_named_before_anybody_is_looked_at() -> None:
    videos = Videos()
    late = replace(NOD, ask_from_s=50.0, begin_s=50.2, end_s=51.0)
    rows = [of_file(TURN, "damaged", 2), of_file(late, "still", 6), TURN, replace(late, row=5), replace(NOD, row=7)]
    with pytest.raises(KnownError, match="row 5, 6: begin_s is after the video's end"):
        videos.evaluation().movements(rows)
    assert videos.said == []
    assert not any(eyes.looked_at for eyes in videos.eyes)


def test_an_attack_is_asked_for_every_pair_from_every_second() -> None:
    (outcome,) = Videos().evaluation().attacks([Attack(2, "a", Path("a"), "a person who does only this")])
    seconds = 4  # the last picture is at 3.9 s
    assert (outcome.pairs, outcome.singles) == (seconds * len(PAIRS), seconds * len(Challenge))
    # At 1 s the turn begins: the first picture of it still faces the camera.
    assert [(asked.start_s, asked.challenges) for asked in outcome.accepted] == [
        (0.0, (Challenge.TURN_LEFT, Challenge.NOD)),
        (1.0, (Challenge.TURN_LEFT, Challenge.NOD)),
    ]
    assert {(asked.start_s, *asked.challenges) for asked in outcome.single_accepted} == {
        (0.0, Challenge.TURN_LEFT),
        (1.0, Challenge.TURN_LEFT),
        (2.0, Challenge.NOD),
    }
    assert sum(outcome.refusals.values()) == outcome.pairs - 2


def test_a_clock_that_jumps_by_a_day_makes_no_more_starts_than_pictures_have_seconds() -> None:
    (outcome,) = Videos().evaluation().attacks([Attack(2, "jumps", Path("jumps"), "a replay")])
    assert outcome.pairs == (4 + 2) * len(PAIRS)  # the last pictures are of two seconds


def test_a_face_that_does_nothing_is_too_slow_for_every_pair() -> None:
    (outcome,) = Videos().evaluation().attacks([Attack(2, "still", Path("still"), "a photograph")])
    assert (outcome.accepted, outcome.single_accepted) == ((), ())
    assert outcome.refusals == Counter({Refusal.TOO_SLOW: outcome.pairs})


@pytest.mark.parametrize(
    ("successes", "trials", "bounds"),
    # Newcombe (1998), table I: method 3.
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_the_interval_is_wilsons(successes: int, trials: int, bounds: tuple[float, float]) -> None:
    assert interval(successes, trials) == pytest.approx(bounds, abs=0.0001)


def test_without_trials_there_is_no_interval() -> None:
    assert interval(0, 0) is None
    high = interval(20, 20)
    assert high is not None
    assert high == pytest.approx((1 - 0.1611, 1.0), abs=0.0001)
