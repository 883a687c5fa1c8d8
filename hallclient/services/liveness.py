"""Runs an active liveness check: looks at pictures, asks for one challenge after the other, and says how it ended."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hallclient.devices import FaceEngines, FaceSight, Frame, Glance, Image
from hallclient.domain.liveness import Challenge, Done, LivenessCheck, Refusal
from hallclient.domain.repetition import Repetition

LEAST_PER_S = 5.0  # pictures that the camera gives and that are looked at; fewer do not tell what somebody does
LOOKS_PER_S = 15
_CLOCK_SLACK_S = 0.002  # times of pictures are rounded
_LONGEST_GAP_S = 0.25  # LEAST_PER_S, and a little for a camera whose pictures do not come evenly
_MOVEMENT_S = 2.0  # a gap this long ago may still be why a movement looks like a cut
_SAMPLES_ACROSS, _SAMPLES_DOWN = 20, 15

_OF_A_GAP = frozenset({Refusal.FACE_LOST, Refusal.JUMP})
_OF_FEW_PICTURES = frozenset({Refusal.TOO_SLOW, Refusal.WRONG_MOVEMENT, Refusal.FLAT})

ChallengeListener = Callable[[Challenge | None], None]


@dataclass(frozen=True, slots=True, eq=False)
class LivenessResult:
    """How a check ended.

    Attributes:
        live: all challenges were done by one person with a face that has depth.
        refusal: why not; None when live.
        done: the challenges that were done, with their times on the camera's clock.
        hint: 0 to 1, for the reviewer: how much depth the head showed. It decided nothing.
        likeness: the lowest similarity of any picture with the first; None when it was not measured.
    """

    live: bool
    refusal: Refusal | None
    done: tuple[Done, ...]
    hint: float
    likeness: float | None


class LivenessRun:
    """One check, fed with pictures: every one is glanced at, some are looked at. Few are kept, for they may be large.

    Where the camera went on and this computer did not look (it was busy, its face process was lost), the one unbroken
    sight that the check needs is gone, and nobody but the computer is to blame. The check then begins anew, once, with
    the same challenges and from rest as before; the next time it ends as COMPUTER_TOO_SLOW. A camera that has such gaps
    itself ends it as CAMERA_TOO_SLOW. Only times of pictures, and a lost process, decide this; of the times only those
    of a refusal: nobody passes because of it.

    `glance` may be called from the camera's thread; all else is for one thread.
    """

    def __init__(
        self,
        challenges: tuple[Challenge, ...],
        engines: FaceEngines,
        on_challenge: ChallengeListener = lambda _: None,
    ) -> None:
        """`on_challenge` is told what to ask for at each change, None for "look straight ahead"."""
        self._challenges = challenges
        self._engines = engines
        self._check = LivenessCheck(challenges)
        self._on_challenge = on_challenge
        self._asking: Challenge | None = None
        self._kept: dict[float, Frame] = {}
        self._glances: deque[tuple[Glance, tuple[int, ...]]] = deque()
        self._shape: tuple[int, ...] | None = None
        self._glanced_s: list[float] = []  # times of the camera's pictures, and of those that were looked at
        self._looked_s: list[float] = []
        self._begun_anew = False
        engines.repetitions.begin()

    @property
    def over(self) -> bool:
        """No more pictures are needed."""
        return self._check.over

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
                self._check.refuse(Refusal.JUMP)  # another camera, or another picture pushed in front of it
            self._shape = shape
            glances.append(glance)
        self._glanced_s += [glance.time_s for glance in glances]
        match self._engines.repetitions.see(glances) if glances else None:
            case Repetition.FROZEN:
                self._check.refuse(Refusal.FROZEN)
            case Repetition.REPEATED:
                self._check.refuse(Refusal.REPEATED)

    def look(self, frame: Frame) -> FaceSight:
        """Look at a picture that was glanced at, newer than all before, and go on by what it shows.

        Raises face_worker_failed.
        """
        self.watch()
        sight = self._engines.analyser.look(frame.image)
        if self._check.over:
            return sight
        if sight.after_loss:
            if self._looked_s:
                self._lose_sight()
            return sight  # the picture is as old as the loss took
        self._kept[frame.time_s] = frame
        self._looked_s.append(frame.time_s)
        self._check.see(frame.time_s, sight.count, sight.motion)
        question = self._check.question
        if question is not None:
            rest = self._kept[question.rest_s].image
            moved = [self._kept[time_s].image for time_s in question.moved_s]
            self._check.answer(self._engines.relief.reliefs(rest, moved))
        if self._slowness() is Refusal.COMPUTER_TOO_SLOW and not self._begun_anew:
            self._begin_anew()
        wanted = self._check.wanted_s
        self._kept = {time_s: kept for time_s, kept in self._kept.items() if time_s in wanted or kept is frame}
        if self._check.asking is not self._asking:
            self._asking = self._check.asking
            self._on_challenge(self._asking)
        return sight

    def result(self, before: Sequence[Frame] = ()) -> LivenessResult:
        """The verdict, after the last picture; a check that is not over by then was too slow, or lost the face.

        `before` are pictures that were taken before the check: each of them has to show the same person.
        Raises face_worker_failed.
        """
        self.watch()
        check = self._check
        likeness = None
        if not check.over:
            check.refuse(Refusal.TOO_SLOW if check.in_sight else Refusal.FACE_LOST)
        if check.passed:
            at_rest = dict.fromkeys((*check.rests_s, max(self._kept)))
            faces = [*before, *(self._kept[time_s] for time_s in at_rest)]
            likeness = self._engines.matcher.likeness([frame.image for frame in faces])
            if likeness is None or likeness < self._engines.matcher.thresholds.match:
                check.refuse(Refusal.OTHER_PERSON)
        return LivenessResult(check.passed, self._slowness() or check.refusal, check.done, check.hint, likeness)

    def unjudged(self) -> LivenessResult:
        """What stands of a check that is over where `result` failed: its refusal, or that it was not compared."""
        refusal = self._slowness() or self._check.refusal or Refusal.NOT_COMPARED
        return LivenessResult(False, refusal, self._check.done, self._check.hint, None)

    def _slowness(self) -> Refusal | None:
        """What was too slow, when the check was refused for something that comes of pictures that were missed."""
        refusal, looked_s = self._check.refusal, self._looked_s
        if refusal is None or not looked_s or not _are_few(looked_s, refusal):
            return None
        came_s = {time_s for time_s in self._glanced_s if looked_s[0] <= time_s <= looked_s[-1]}
        came_slowly = _are_few(sorted(came_s.union(looked_s)), refusal)
        return Refusal.CAMERA_TOO_SLOW if came_slowly else Refusal.COMPUTER_TOO_SLOW

    def _lose_sight(self) -> None:
        """However soon it was replaced: both screens have said that it was lost, and the customer has stopped."""
        if self._begun_anew:
            self._check.refuse(Refusal.COMPUTER_TOO_SLOW)
        else:
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._begun_anew = True
        self._check = LivenessCheck(self._challenges, self._check.rest)
        self._looked_s = []
        self._asking = None
        self._on_challenge(None)


def judge_frames(frames: Iterable[Frame], challenges: tuple[Challenge, ...], engines: FaceEngines) -> LivenessResult:
    """The verdict on recorded pictures, as if the challenges had been asked while they were taken.

    At most `LOOKS_PER_S` pictures a second are looked at.
    """
    run = LivenessRun(challenges, engines)
    look_from_s = float("-inf")
    for frame in frames:
        run.glance(frame)
        if frame.time_s >= look_from_s:
            run.look(frame)
            look_from_s = frame.time_s + 1 / LOOKS_PER_S - _CLOCK_SLACK_S
        if run.over:
            break
    return run.result()


def _are_few(times_s: Sequence[float], refusal: Refusal) -> bool:
    """Too few for `refusal` to be said of a person: a gap just before it, or less than `LEAST_PER_S` on average."""
    if refusal in _OF_A_GAP:
        recent = (later - earlier for earlier, later in pairwise(times_s) if later > times_s[-1] - _MOVEMENT_S)
        return max(recent, default=0.0) > _LONGEST_GAP_S
    lasted_s = times_s[-1] - times_s[0]
    return refusal in _OF_FEW_PICTURES and len(times_s) - 1 < LEAST_PER_S * (lasted_s - _CLOCK_SLACK_S)


def _samples(image: Image) -> bytes:
    """300 single grey values, spread over the picture; empty for an empty picture."""
    if image.size == 0:
        return b""
    rows = [int((index + 0.5) * image.shape[0] / _SAMPLES_DOWN) for index in range(_SAMPLES_DOWN)]
    columns = [int((index + 0.5) * image.shape[1] / _SAMPLES_ACROSS) for index in range(_SAMPLES_ACROSS)]
    return bytes(image[np.ix_(rows, columns, [1])].tobytes())
