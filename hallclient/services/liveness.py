"""Runs an active liveness check: looks at pictures, asks for one challenge after the other, and says how it ended."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from hallclient.devices import FaceEngines, FaceSight, Frame, Glance, Image
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.liveness import Advice, Challenge, Done, Height, Refusal, least_looks
from hallclient.domain.liveness_check import LivenessCheck
from hallclient.domain.liveness_limits import GAP_S, SPARSE_FOR_S, SPARSE_S
from hallclient.domain.repetition import Repetition
from hallclient.services.look_pace import LookPace

_CLOCK_SLACK_S = 0.002  # times of pictures are rounded
_SAMPLES_ACROSS, _SAMPLES_DOWN = 20, 15

_OF_A_GAP = frozenset({Refusal.FACE_LOST, Refusal.JUMP})
_OF_FEW_PICTURES = frozenset({Refusal.TOO_SLOW, Refusal.WRONG_MOVEMENT, Refusal.FLAT})

ChallengeListener = Callable[[Challenge | None], None]
AdviceListener = Callable[[Advice | None], None]


@dataclass(frozen=True, slots=True, eq=False)
class LivenessResult:
    """How a check ended.

    Attributes:
        live: all challenges were done by one person with a face that has depth.
        refusal: why not; None when live.
        done: the challenges that were done, with their times on the camera's clock.
        hint: 0 to 1, for the reviewer: how much depth the head showed. It decided nothing.
        likeness: the lowest similarity of any picture with the first; None when it was not measured.
        looks_per_s: at how many pictures a second of the camera's it was looked.
        process_losses: how often the face process was lost and replaced meanwhile.
        heights: each challenge that was asked where it was furthest, with that picture of the camera's.
        begun_s: when it was looked first, on the camera's clock.
    """

    live: bool
    refusal: Refusal | None
    done: tuple[Done, ...]
    hint: float
    likeness: float | None
    looks_per_s: float
    process_losses: int = 0
    heights: tuple[tuple[Height, Frame], ...] = field(default=(), repr=False)
    begun_s: float = 0.0


class LivenessRun:
    """One check, fed with pictures: every one is glanced at, some are looked at. Few are kept, for they may be large.

    The camera may run before it is known what to ask: `begin` says so.

    Where the camera went on and this computer did not look (it was busy, its face process was lost), the one unbroken
    sight that the check needs is gone, and nobody but the computer is to blame. The check then begins anew, once, with
    the same challenges and from rest as before, and says why until the first of them is done; the next time it ends as
    COMPUTER_TOO_SLOW, or as COMPUTER_FAILED when a process was lost. A camera that has such gaps itself ends it as
    CAMERA_TOO_SLOW. Only times of pictures, and a lost process, decide this, and nobody passes because of it: fewer
    looks a second than `least_looks` of what was asked show nobody live.

    `glance` may be called from the camera's thread; all else is for one thread.
    """

    def __init__(
        self,
        engines: FaceEngines,
        on_challenge: ChallengeListener = lambda _: None,
        on_advice: AdviceListener = lambda _: None,
        on_done: Callable[[], None] = lambda: None,
        on_rest: Callable[[Image], None] = lambda _: None,
    ) -> None:
        """`on_challenge` is told what to ask for at each change, None for "look straight ahead"; `on_advice` is told
        what is missing at each change, and again where it is missing for another challenge, None for nothing;
        `on_done` once when no challenge is left, before the verdict is known. `on_rest` is given each picture against
        which a movement is measured, when that has just been asked for: the verdict will compare it.
        """
        self._challenges: tuple[Challenge, ...] = ()
        self._engines = engines
        self._check: LivenessCheck | None = None
        self._refused: Refusal | None = None  # before it began
        self._on_challenge = on_challenge
        self._on_advice = on_advice
        self._on_done = on_done
        self._on_rest = on_rest
        self._rests_told = 0
        self._asking: Challenge | None = None
        self._advice: Advice | None = None
        self._why_again: Advice | None = None  # what was asked before is asked
        self._kept: dict[float, Frame] = {}
        self._glances: deque[tuple[Glance, tuple[int, ...]]] = deque()
        self._shape: tuple[int, ...] | None = None
        self._glanced_s: list[float] = []  # times of the camera's pictures, and of those that were looked at
        self._looked_s: list[float] = []
        self._begun_anew = False
        self._losses = 0  # of the face process
        engines.repetitions.begin()

    def begin(self, challenges: tuple[Challenge, ...]) -> None:
        """From the next `look` on these are asked, in this order. Once, before the first `look`."""
        self._challenges = challenges
        self._check = LivenessCheck(challenges)
        if self._refused is not None:
            self._check.refuse(self._refused)

    @property
    def came_s(self) -> tuple[float, ...]:
        """Times of the camera's pictures that were judged so far."""
        return tuple(self._glanced_s)

    @property
    def over(self) -> bool:
        """No more pictures are needed."""
        return self._check is not None and self._check.over

    def glance(self, frame: Frame) -> None:
        """Note a picture of the camera, in the order in which they come. Quick, and keeps 300 bytes of it."""
        self._glances.append((Glance(frame.time_s, _samples(frame.image)), frame.image.shape))

    def watch(self) -> None:
        """Judge the pictures that were glanced at since the last call: were they there before?

        Raises face_worker_failed.
        """
        glances = []
        while self._glances:
            glance, shape = self._glances.popleft()
            if self._shape is not None and shape != self._shape:
                self._refuse(Refusal.JUMP)  # another camera, or another picture pushed in front of it
            self._shape = shape
            glances.append(glance)
        self._glanced_s += [glance.time_s for glance in glances]
        match self._engines.repetitions.see(glances) if glances else None:
            case Repetition.FROZEN:
                self._refuse(Refusal.FROZEN)
            case Repetition.REPEATED:
                self._refuse(Refusal.REPEATED)

    def look(self, frame: Frame) -> FaceSight:
        """Look at a picture that was glanced at, newer than all before, and go on by what it shows.

        Raises face_worker_failed.
        """
        self.watch()
        sight = self._engines.analyser.look(frame.image)
        check = self._begun
        if check.over:
            return sight
        if sight.after_loss:
            if self._looked_s or self._losses:  # before the first look there was nothing to lose, once
                self._lose_sight(check)
            self._losses += 1
            return sight  # the picture is as old as the loss took
        self._kept[frame.time_s] = frame
        self._looked_s.append(frame.time_s)
        check.see(frame.time_s, sight.count, sight.motion)
        if check.question is not None:
            rest = self._kept[check.question.rest_s].image
            moved = [self._kept[time_s].image for time_s in check.question.moved_s]
            check.answer(self._engines.relief.reliefs(rest, moved))
        if self._slowness(check) is Refusal.COMPUTER_TOO_SLOW and not self._begun_anew:
            check = self._begin_anew(check, Advice.AGAIN_BUSY)
        wanted = check.wanted_s
        self._kept = {time_s: kept for time_s, kept in self._kept.items() if time_s in wanted or kept is frame}
        if check.done:
            self._why_again = None
        self._tell(check.asking, check.advice or self._why_again)
        if len(check.rests_s) > self._rests_told:
            self._rests_told = len(check.rests_s)
            self._on_rest(self._kept[check.rests_s[-1]].image)
        if check.passed:
            self._on_done()
        return sight

    def result(self, before: Sequence[Frame] = ()) -> LivenessResult:
        """The verdict, after the last picture; a check that is not over by then was too slow, or lost the face.

        `before` are pictures that were taken before the check: each of them has to show the same person.
        Raises face_worker_failed.
        """
        self.watch()
        check = self._begun
        likeness = None
        if not check.over:
            check.refuse(Refusal.TOO_SLOW if check.in_sight else Refusal.FACE_LOST)
        if check.passed and looks_per_s(self._looked_s) < least_looks(self._challenges):
            check.refuse(Refusal.TOO_SLOW)
        if check.passed:
            at_rest = dict.fromkeys((*check.rests_s, max(self._kept)))
            faces = [*before, *(self._kept[time_s] for time_s in at_rest)]
            likeness = self._engines.matcher.likeness([frame.image for frame in faces])
            if likeness is None or likeness < self._engines.matcher.thresholds.match:
                check.refuse(Refusal.OTHER_PERSON)
        return self._told(check, check.passed, self._slowness(check) or check.refusal, likeness)

    def unjudged(self) -> LivenessResult:
        """What stands of a check that is over where `result` failed: its refusal, or that it was not compared."""
        check = self._begun
        refusal = self._slowness(check) or check.refusal or Refusal.NOT_COMPARED
        return self._told(check, False, refusal, None)

    def _told(
        self, check: LivenessCheck, live: bool, refusal: Refusal | None, likeness: float | None
    ) -> LivenessResult:
        return LivenessResult(
            live=live,
            refusal=refusal,
            done=check.done,
            hint=check.hint,
            likeness=likeness,
            looks_per_s=looks_per_s(self._looked_s),
            process_losses=self._losses,
            heights=tuple((height, self._kept[height.at_s]) for height in check.heights),
            begun_s=self._looked_s[0] if self._looked_s else 0.0,
        )

    @property
    def _begun(self) -> LivenessCheck:
        if self._check is None:
            raise BugError("nothing was asked yet")
        return self._check

    def _refuse(self, refusal: Refusal) -> None:
        if self._check is None:
            self._refused = self._refused or refusal
        else:
            self._check.refuse(refusal)

    def _tell(self, asking: Challenge | None, advice: Advice | None) -> None:
        another = asking is not self._asking
        if another:
            self._asking = asking
            self._on_challenge(asking)
        if advice is not self._advice or (another and advice is not None):
            self._advice = advice
            self._on_advice(advice)

    def _slowness(self, check: LivenessCheck) -> Refusal | None:
        """What was too slow, when the check was refused for something that comes of pictures that were missed.

        While one challenge is asked for, its own rate counts; when all are done, that of all; before, that of a face.
        """
        refusal, looked_s = check.refusal, self._looked_s
        asked = self._challenges if check.all_done else () if check.asking is None else (check.asking,)
        least = least_looks(asked)
        if refusal is None or not looked_s or not _are_few(looked_s, refusal, least):
            return None
        came_s = {time_s for time_s in self._glanced_s if looked_s[0] <= time_s <= looked_s[-1]}
        came_slowly = _are_few(sorted(came_s.union(looked_s)), refusal, least)
        return Refusal.CAMERA_TOO_SLOW if came_slowly else Refusal.COMPUTER_TOO_SLOW

    def _lose_sight(self, check: LivenessCheck) -> None:
        """However soon it was replaced: both screens have said that it was lost, and the customer has stopped."""
        if self._begun_anew:
            check.refuse(Refusal.COMPUTER_FAILED)
        else:
            self._begin_anew(check, Advice.AGAIN_UNSEEN)

    def _begin_anew(self, check: LivenessCheck, why: Advice) -> LivenessCheck:
        self._begun_anew = True
        self._check = LivenessCheck(self._challenges, check.rest)
        self._looked_s = []
        self._rests_told = 0
        self._why_again = why if check.rests_s else None  # nobody is asked again what was not asked yet
        self._tell(None, self._why_again)
        return self._check


def judge_frames(frames: Iterable[Frame], challenges: tuple[Challenge, ...], engines: FaceEngines) -> LivenessResult:
    """The verdict on recorded pictures, as if the challenges had been asked while they were taken.

    At most `LOOKS_PER_S` pictures a second are looked at, and as many as that where the camera gives more.
    """
    run = LivenessRun(engines)
    run.begin(challenges)
    pace = LookPace()
    for frame in frames:
        run.glance(frame)
        if pace.due(frame.time_s):
            run.look(frame)
        if run.over:
            break
    return run.result()


def require_rate(
    challenges: tuple[Challenge, ...],
    looked_s: Sequence[float],
    came_s: Sequence[float],
    lost_s: frozenset[float] = frozenset(),
) -> None:
    """That enough pictures a second are looked at to see `challenges`, by their times; of the camera's, `came_s`.

    All as `steady_looks_per_s`.
    Raises camera_too_slow where the camera gave too few, computer_too_slow where it gave enough.
    """
    least = least_looks(challenges)
    rate = steady_looks_per_s(looked_s, lost_s)
    if rate < least:
        slow = FailureCode.CAMERA_TOO_SLOW if steady_looks_per_s(came_s) < least else FailureCode.COMPUTER_TOO_SLOW
        raise KnownError(slow, f"{rate:.1f} pictures a second")


def looks_per_s(times_s: Sequence[float]) -> float:
    """Pictures a second of those that were taken at these times; 0 for fewer than two."""
    lasted_s = times_s[-1] - times_s[0] if times_s else 0.0
    return (len(times_s) - 1) / max(lasted_s - _CLOCK_SLACK_S, _CLOCK_SLACK_S) if len(times_s) > 1 else 0.0


def steady_looks_per_s(times_s: Sequence[float], lost_s: frozenset[float] = frozenset()) -> float:
    """Pictures a second while nothing was waited for: models that are loaded, a face process that is replaced.

    A wait is longer than `GAP_S`, which no check survives: a computer that has many is told in the check. A process
    that is replaced sooner was waited for before or after a look of `lost_s`. 0 where there is nothing else.
    """
    steps = ((earlier, later) for earlier, later in pairwise(times_s) if lost_s.isdisjoint({earlier, later}))
    steps_s = [later - earlier for earlier, later in steps if later - earlier <= GAP_S]
    return len(steps_s) / max(sum(steps_s) - _CLOCK_SLACK_S, _CLOCK_SLACK_S)


def _are_few(times_s: Sequence[float], refusal: Refusal, least: float) -> bool:
    """Too few for `refusal` to be said of a person: a gap just before it, or less than `least` a second on average."""
    if refusal in _OF_A_GAP:
        recent = (later - earlier for earlier, later in pairwise(times_s) if later > times_s[-1] - SPARSE_FOR_S)
        return max(recent, default=0.0) > SPARSE_S
    return refusal in _OF_FEW_PICTURES and looks_per_s(times_s) < least


def thumbnail(image: Image) -> Image:
    """20x15 pixels of a picture that is not empty, the only ones that `LivenessRun.glance` reads of it."""
    rows = [int((index + 0.5) * image.shape[0] / _SAMPLES_DOWN) for index in range(_SAMPLES_DOWN)]
    columns = [int((index + 0.5) * image.shape[1] / _SAMPLES_ACROSS) for index in range(_SAMPLES_ACROSS)]
    return image[np.ix_(rows, columns)]


def _samples(image: Image) -> bytes:
    """300 single values of green, spread over the picture; empty for an empty picture."""
    return bytes(thumbnail(image)[..., 1].tobytes()) if image.size else b""
