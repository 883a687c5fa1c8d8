"""Runs an active liveness check: looks at pictures, asks for one challenge after the other, and says how it ended."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hallclient.devices import FaceEngines, FaceSight, Frame, Image
from hallclient.domain.liveness import Challenge, Done, LivenessCheck, Refusal
from hallclient.domain.repetition import Repetition, RepetitionWatch

GIVE_UP_S = 60.0
LOOKS_PER_S = 15
_CLOCK_SLACK_S = 0.002  # times of pictures are rounded
_FRAME_TIMEOUT_S = 2.0
_SAMPLES_ACROSS, _SAMPLES_DOWN = 20, 15

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
    """One check, fed with pictures. Not for two threads at once; every picture may be large, so few are kept."""

    def __init__(
        self,
        challenges: tuple[Challenge, ...],
        engines: FaceEngines,
        on_challenge: ChallengeListener = lambda _: None,
    ) -> None:
        """`on_challenge` is told what to ask for at each change, None for "look straight ahead"."""
        self._engines = engines
        self._check = LivenessCheck(challenges)
        self._on_challenge = on_challenge
        self._asking: Challenge | None = None
        self._kept: dict[float, Frame] = {}
        self._watch = RepetitionWatch()
        self._shape: tuple[int, ...] | None = None

    @property
    def over(self) -> bool:
        """No more pictures are needed."""
        return self._check.over

    def glance(self, frame: Frame) -> None:
        """Note a picture of the camera that need not be looked at: only whether it was there before. Quick."""
        if self._shape is not None and frame.image.shape != self._shape:
            self._check.refuse(Refusal.JUMP)  # another camera, or another picture pushed in front of it
        self._shape = frame.image.shape
        match self._watch.see(frame.time_s, _samples(frame.image)):
            case Repetition.FROZEN:
                self._check.refuse(Refusal.FROZEN)
            case Repetition.REPEATED:
                self._check.refuse(Refusal.REPEATED)

    def look(self, frame: Frame) -> FaceSight:
        """Look at a picture that was glanced at, newer than all before, and go on by what it shows."""
        sight = self._engines.analyser.look(frame.image)
        self._kept[frame.time_s] = frame
        self._check.see(frame.time_s, sight.count, sight.motion)
        question = self._check.question
        if question is not None:
            rest = self._kept[question.rest_s].image
            moved = [self._kept[time_s].image for time_s in question.moved_s]
            self._check.answer(self._engines.relief.reliefs(rest, moved))
        wanted = self._check.wanted_s
        self._kept = {time_s: kept for time_s, kept in self._kept.items() if time_s in wanted or kept is frame}
        if self._check.asking is not self._asking:
            self._asking = self._check.asking
            self._on_challenge(self._asking)
        return sight

    def result(self, before: Sequence[Frame] = ()) -> LivenessResult:
        """The verdict, after the last picture; a check that is not over by then was too slow, or lost the face.

        `before` are pictures that were taken before the check: each of them has to show the same person.
        """
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
        return LivenessResult(check.passed, check.refusal, check.done, check.hint, likeness)


def judge_frames(frames: Iterable[Frame], challenges: tuple[Challenge, ...], engines: FaceEngines) -> LivenessResult:
    """The verdict on recorded pictures, as if the challenges had been asked while they were taken.

    At most `LOOKS_PER_S` pictures a second are looked at.
    """
    run = LivenessRun(challenges, engines)
    look_from_s = float("-inf")
    for frame in frames:
        run.glance(frame)
        if not run.over and frame.time_s >= look_from_s:
            run.look(frame)
            look_from_s = frame.time_s + 1 / LOOKS_PER_S - _CLOCK_SLACK_S
        if run.over:
            break
    return run.result()


def _samples(image: Image) -> bytes:
    """300 single grey values, spread over the picture; empty for an empty picture."""
    if image.size == 0:
        return b""
    rows = [int((index + 0.5) * image.shape[0] / _SAMPLES_DOWN) for index in range(_SAMPLES_DOWN)]
    columns = [int((index + 0.5) * image.shape[1] / _SAMPLES_ACROSS) for index in range(_SAMPLES_ACROSS)]
    return bytes(image[rows][:, columns, 1].tobytes())
