"""How often the liveness rules believe people, and how often attacks, on videos of both.

Words after ISO/IEC 30107-3: a genuine movement that is refused is a classification error of bona fide presentations, an
accepted pair one of attack presentations. Each video is asked from many start times, since nobody moves at the moment
that suits the rules; starts of one movement are much alike, so their interval (Wilson's, as if they were independent)
is narrower than the truth, and that of the movements is the one to trust.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import PAIRS, Challenge, Refusal
from hallclient.services.liveness_index import Attack, GenuineMovement
from hallclient.services.seen_clip import Asked, SeenClip

CONFIDENCE = 0.95
START_STEP_S = 0.13  # no whole part of any camera's interval
ATTACK_STEP_S = 1.0
FAIR_S = 0.3  # in which a face can be seen at rest, once it is looked at

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class MovementStart:
    """One check for a genuine movement: when it began, when it asked for it if it did, why it was refused if it was."""

    start_s: float
    asked_s: float | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class MovementOutcome:
    """How the checks for one genuine movement ended."""

    movement: GenuineMovement
    starts: tuple[MovementStart, ...]

    @property
    def live(self) -> int:
        """Starts that ended live."""
        return sum(start.refusal is None for start in self.starts)

    @property
    def recognised(self) -> bool:
        """More than half of the starts ended live."""
        return 2 * self.live > len(self.starts)

    @property
    def fairly_recognised(self) -> bool:
        """More than half of the fair starts ended live."""
        return 2 * sum(start.refusal is None for start in self.fair) > len(self.fair)

    @property
    def fair(self) -> tuple[MovementStart, ...]:
        """Starts from `FAIR_S` before the movement on backwards: later ones leave no time to be seen at rest before it.

        Whether the rules used that time does not matter: rules that ask late shall not look better for it.
        """
        latest_s = self.movement.begin_s - FAIR_S + _ROUNDING
        return tuple(start for start in self.starts if start.start_s <= latest_s)


@dataclass(frozen=True, slots=True)
class AttackOutcome:
    """How the checks on one attack ended.

    Attributes:
        accepted: start and challenges of each pair that ended live, of `pairs` that were tried: all that may be drawn
            at any rate, from every second that has pictures.
        single_accepted: the same for challenges alone, of `singles`; none of them would be let in by the client, which
            asks for two.
        refusals: how often each reason kept a pair out.
    """

    attack: Attack
    pairs: int
    accepted: tuple[Asked, ...]
    singles: int
    single_accepted: tuple[Asked, ...]
    refusals: Counter[Refusal]


Watch = Callable[[Path, float], SeenClip]
"""Opens a video of which nothing before so many seconds has to be looked at."""


class LivenessEvaluation:
    """Runs the checks of indexes. A video that cannot be read is said, and does not end hours of measuring.

    Attributes:
        unreadable: rows, in the order of measuring, whose file is no video or damaged.
    """

    def __init__(self, watch: Watch, remark: Callable[[str], None]) -> None:
        """`remark` is told, in lines, how far it is."""
        self._watch = watch
        self._remark = remark
        self.unreadable: tuple[int, ...] = ()

    def movements(self, movements: Sequence[GenuineMovement]) -> tuple[MovementOutcome, ...]:
        """In the index's order, without the unreadable.

        Raises input_invalid when all are, and before anything is measured with the rows that no video can have.
        """
        videos = _by_video(movements)
        self._require_within(videos)
        outcomes: dict[int, MovementOutcome] = {}
        for number, rows in enumerate(videos, start=1):
            self._remark(f"looking at video {number} of {len(videos)}, {_named(rows)}")
            try:
                outcomes |= {outcome.movement.row: outcome for outcome in self._of_video(rows)}
            except KnownError as error:
                self._skip(error, rows)
        if not outcomes:
            raise KnownError(FailureCode.INPUT_INVALID, f"no row has a video, from row {self.unreadable[0]}")
        return tuple(outcomes[row] for row in sorted(outcomes))

    def attacks(self, attacks: Sequence[Attack]) -> tuple[AttackOutcome, ...]:
        """In the index's order, without the unreadable. Raises input_invalid when all are."""
        outcomes = []
        for number, attack in enumerate(attacks, start=1):
            self._remark(f"looking at attack {number} of {len(attacks)}, {_named([attack])}")
            try:
                outcomes.append(_attack_outcome(attack, self._watch(attack.path, 0.0)))
            except KnownError as error:
                self._skip(error, [attack])
        if not outcomes:
            raise KnownError(FailureCode.INPUT_INVALID, f"no attack has a video, from row {self.unreadable[0]}")
        return tuple(outcomes)

    def _of_video(self, rows: Sequence[GenuineMovement]) -> list[MovementOutcome]:
        clip = self._watch(rows[0].path, min(row.ask_from_s for row in rows))
        starts = [(row, start_s) for row in rows for start_s in _starts(row)]
        results = clip.judge([Asked(start_s, (row.challenge,)) for row, start_s in starts])
        ended = [
            (row, MovementStart(start_s, judged.asked_s, judged.result.refusal))
            for (row, start_s), judged in zip(starts, results, strict=True)
        ]
        return [MovementOutcome(row, tuple(start for of, start in ended if of is row)) for row in rows]

    def _require_within(self, videos: Iterable[Sequence[GenuineMovement]]) -> None:
        """Each movement begins in its video. Raises input_invalid with the rows of all that do not.

        Nobody is looked at for it. What cannot be read is said when it is measured.
        """
        beyond: list[GenuineMovement] = []
        for rows in videos:
            clip = self._watch(rows[0].path, float("inf"))
            try:
                beyond += [row for row in rows if clip.ends_before(row.begin_s)]
            except KnownError as error:
                if error.code is not FailureCode.INPUT_INVALID:
                    raise
        if beyond:
            beyond.sort(key=lambda row: row.row)
            raise KnownError(FailureCode.INPUT_INVALID, f"{_named(beyond)}: begin_s is after the video's end")

    def _skip(self, error: KnownError, rows: Iterable[GenuineMovement | Attack]) -> None:
        if error.code is not FailureCode.INPUT_INVALID:
            raise error
        for row in rows:
            self.unreadable += (row.row,)
            self._remark(f"row {row.row}: {error}")


def interval(successes: int, trials: int) -> tuple[float, float] | None:
    """Wilson's interval of a share at `CONFIDENCE`, 0 to 1; None without trials."""
    if not trials:
        return None
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share, spread = successes / trials, z * z / trials
    middle = share + spread / 2
    reach = z * (share * (1 - share) / trials + spread / (4 * trials)) ** 0.5
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


def _attack_outcome(attack: Attack, clip: SeenClip) -> AttackOutcome:
    # Of a second without pictures it would be the next one's start again; a recorder's clock may jump by a day.
    seconds = dict.fromkeys(int(time_s / ATTACK_STEP_S) for time_s in clip.times_s())
    starts_s = [second * ATTACK_STEP_S for second in seconds]
    pairs = [Asked(start_s, pair) for start_s in starts_s for pair in PAIRS]
    singles = [Asked(start_s, (challenge,)) for start_s in starts_s for challenge in Challenge]
    asked = [*pairs, *singles]
    results = {one: judged.result for one, judged in zip(asked, clip.judge(asked), strict=True)}
    return AttackOutcome(
        attack,
        len(pairs),
        tuple(asked for asked in pairs if results[asked].live),
        len(singles),
        tuple(asked for asked in singles if results[asked].live),
        Counter(refusal for asked in pairs if (refusal := results[asked].refusal) is not None),
    )


def _named(rows: Iterable[GenuineMovement | Attack]) -> str:
    """Not by the files' names, which may be people's."""
    return f"row {', '.join(str(row.row) for row in rows)}"


def _by_video(movements: Iterable[GenuineMovement]) -> list[list[GenuineMovement]]:
    videos: dict[Path, list[GenuineMovement]] = {}
    for movement in movements:
        videos.setdefault(movement.path, []).append(movement)
    return list(videos.values())


def _starts(movement: GenuineMovement) -> list[float]:
    steps = int((movement.begin_s - movement.ask_from_s) / START_STEP_S + _ROUNDING)
    return [movement.ask_from_s + index * START_STEP_S for index in range(steps + 1)]
