"""The liveness check: one unbroken sight of one face that does one challenge after the other and has depth."""

from collections import deque
from math import log
from statistics import median

from hallclient.domain.face_motion import FaceMotion, RestingFace
from hallclient.domain.liveness import (
    HEAD_CHALLENGES,
    Advice,
    Challenge,
    Done,
    Height,
    Refusal,
    Relief,
    ReliefQuestion,
)
from hallclient.domain.liveness_limits import (
    FACING_NOD_DEG,
    FACING_TURN_DEG,
    GAP_S,
    GROWTH_SPEED,
    LEAST_OPENING,
    LONGEST_HOLD_S,
    LOST_S,
    LOST_TURNED_S,
    MISSED_LOOKS,
    MOUTH_SLIPS,
    NOD_STEADY,
    ORDINARY_RELIEF,
    REST_PICTURES,
    REST_S,
    ROLL_SPEED_DEG,
    SECOND_FACE_S,
    SHIFT_SPEED,
    TIME_OUT_S,
    TURN_STEADY,
    UNREST_EYES,
    UNREST_MOUTH,
    UNREST_NOD,
    UNREST_TURN,
    UNSTEADY_S,
    judged_step_s,
)
from hallclient.domain.liveness_task import ChallengeWatch


class LivenessCheck:
    """Fed with one look after the other; says what to ask for now and how it ended.

    Attributes:
        asking: the challenge that the person shall do now; None while the face is not yet at rest (does not yet
            face the camera, for a movement of the head), and at the end.
        advice: what is missing now; None while nothing is.
        question: pictures whose relief the caller has to measure and hand to `answer` before the next `see`.
        done: the challenges done so far.
        refusal: why it ended without success; None while it goes on and after success.
        rests_s: for each time that a challenge was asked, the time of that picture, against which it is measured.
        rest: the face as it was then; None before that.
    """

    def __init__(self, challenges: tuple[Challenge, ...], rest: RestingFace | None = None) -> None:
        """`challenges` in the order in which they are asked; one or more.

        `rest` is known where a check before this one was interrupted, maybe in the middle of a movement.
        """
        if not challenges:
            raise ValueError("a check without challenges would pass everybody")
        self._left = deque(challenges)
        self.asking: Challenge | None = None
        self.advice: Advice | None = None
        self.question: ReliefQuestion | None = None
        self.done: tuple[Done, ...] = ()
        self.refusal: Refusal | None = None
        self.rests_s: tuple[float, ...] = ()
        self.rest = rest
        self._interrupted = rest is not None  # a movement that has to end before anything is asked
        self._reliefs: list[float] = []
        self._seen_s: float | None = None
        self._looked_s: float | None = None
        self._missed = 0  # looks in a row without the one face
        self._last: tuple[float, FaceMotion] | None = None
        self._several_s: float | None = None
        self._mouth_slips = 0
        self._settling: list[tuple[float, FaceMotion]] = []
        self._wait_from_s = 0.0
        self._task: ChallengeWatch | None = None
        self._heights: tuple[Height, ...] = ()  # of the challenges that were done

    @property
    def all_done(self) -> bool:
        """All challenges were done, whatever was found afterwards."""
        return not self._left

    @property
    def passed(self) -> bool:
        """All challenges were done, and nothing was found against it."""
        return self.all_done and self.refusal is None

    @property
    def over(self) -> bool:
        """Nothing more is to be seen."""
        return self.passed or self.refusal is not None

    @property
    def in_sight(self) -> bool:
        """The newest look showed the one face."""
        return self._last is not None and self._last[0] == self._looked_s

    @property
    def heights(self) -> tuple[Height, ...]:
        """Where each challenge was furthest, in their order: those that were done, and the one that is asked now."""
        now = None if self._task is None else self._task.height
        return self._heights if now is None else (*self._heights, now)

    @property
    def hint(self) -> float:
        """0 to 1: how much depth the head showed, 1 as an ordinary face; for the reviewer's eye, it decides nothing."""
        return min(1.0, median(self._reliefs) / ORDINARY_RELIEF) if self._reliefs else 0.0

    @property
    def wanted_s(self) -> frozenset[float]:
        """Times of the pictures that may still be asked about; all others can be forgotten."""
        times = {*self.rests_s, *(height.at_s for height in self.heights)}
        if self._settling:
            times.add(self._settling[-1][0])
        if self._task is not None:
            times |= {*self._task.pictures}
        return frozenset(times)

    def see(self, time_s: float, faces: int, motion: FaceMotion | None) -> None:
        """One look: its picture's time (growing), how many faces, and the face's measures when it is one."""
        if self.over:
            return
        if self._looked_s is None or self._seen_s is None:
            self._looked_s = self._wait_from_s = self._seen_s = time_s
        gap_s, self._looked_s = time_s - self._looked_s, time_s
        if faces > 1:
            self._several_s = time_s if self._several_s is None else self._several_s
        else:
            self._several_s = None
        if self._several_s is not None and time_s - self._several_s >= SECOND_FACE_S:
            self.refusal = Refusal.SECOND_FACE
        elif gap_s > GAP_S and self._last is not None:
            self.refusal = Refusal.FACE_LOST
        elif faces != 1 or motion is None or not motion.is_sane:
            self._miss(time_s, faces)
        elif self._is_lost(time_s):
            self.refusal = Refusal.FACE_LOST
        elif self._last is not None and _jumped(*self._last, time_s, motion):
            self.refusal = Refusal.JUMP
        else:
            self._seen_s, self._last, self._missed = time_s, (time_s, motion), 0
            self._go_on(time_s, motion)

    def answer(self, reliefs: tuple[Relief | None, ...]) -> None:
        """What the pictures of `question` showed; None for one that cannot be measured.

        Where none could be, nobody knows: the movement is made again, and without an answer the challenge ends as
        TOO_SLOW.
        """
        if self.question is None or self._task is None:
            raise ValueError("nothing was asked")
        challenge, needed = self.question.challenge, self.question.needed
        measured = [_signed(relief, challenge) for relief in reliefs if relief is not None]
        self.question = None
        if not measured:
            self._task.begin_anew(Advice.MORE_SLOWLY)  # most often it was blurred
        elif median(measured) >= needed:
            self._reliefs.append(median(measured) / needed)
            self._task.judged = True
            if self._task.over:
                self._finish(self._task)
        elif self._task.was_small:
            self._task.begin_anew()
        else:
            self.refusal = Refusal.FLAT

    def refuse(self, refusal: Refusal) -> None:
        """End it for a reason that others found; harmless when it already ended with one."""
        self.refusal = self.refusal or refusal

    def _miss(self, time_s: float, faces: int) -> None:
        self._missed += 1
        if self._is_lost(time_s):
            self.refusal = Refusal.FACE_LOST
        if self._last is None or self._missed > MISSED_LOOKS:  # one is over before anybody can read it
            found = Advice.ONE_FACE if faces > 1 else Advice.SHOW_FACE
            self.advice = self._task.come_back if self._task is not None and self._task.is_away else found

    def _is_lost(self, time_s: float) -> bool:
        """The face was away for too long, from the look that saw it last to this one, which may see it again."""
        if self._seen_s is None or self._missed <= MISSED_LOOKS:
            return False
        away = self._task is not None and self._task.is_away
        return time_s - self._seen_s > (TIME_OUT_S if self._last is None else LOST_TURNED_S if away else LOST_S)

    def _go_on(self, time_s: float, motion: FaceMotion) -> None:
        task = self._task
        if task is None:
            self._settle(time_s, motion)
            return
        refusal = task.see(time_s, motion)
        self.advice = task.advice
        if refusal is not None:
            self.refusal = refusal
        elif task.mouth_slips + self._mouth_slips > MOUTH_SLIPS:
            self.refusal = Refusal.WRONG_MOVEMENT
        elif task.moves_head and not task.judged and task.ripe:
            self.question = ReliefQuestion(task.challenge, self.rests_s[-1], task.pictures, task.needed_relief)
        elif task.over and (task.judged or not task.moves_head):
            self._finish(task)

    def _settle(self, time_s: float, motion: FaceMotion) -> None:
        waited_s = time_s - self._wait_from_s
        if self._interrupted and waited_s > LONGEST_HOLD_S:
            self._interrupted = False  # whoever still looks elsewhere sits otherwise than before
        missing = _readiness(motion)
        if self._interrupted and not self._is_back(motion):
            missing = Advice.FACE_CAMERA
        if missing is not None or (self._settling and not _is_rest(self._settling[0][1], motion)):
            self._settling = []
        if missing is None:
            self._settling.append((time_s, motion))
            rested = time_s - self._settling[0][0] >= REST_S and len(self._settling) >= REST_PICTURES
            # A head that looks at the camera can be asked at once; one that was interrupted has to come to rest.
            if rested or (self._left[0] in HEAD_CHALLENGES and not self._interrupted):
                self._ask(time_s)
                return
        self.advice = missing or (Advice.HOLD_STILL if waited_s > UNSTEADY_S else None)
        if waited_s > TIME_OUT_S:
            self.refusal = Refusal.TOO_SLOW

    def _is_back(self, motion: FaceMotion) -> bool:
        """It faces as it did when it was last at rest."""
        if self.rest is None:
            return True
        moved = self.rest.movement(motion)
        return abs(moved.turn) < TURN_STEADY and abs(moved.nod) < NOD_STEADY

    def _ask(self, time_s: float) -> None:
        self.rests_s = (*self.rests_s, time_s)
        self.rest = RestingFace([seen for _, seen in self._settling])
        self._task = ChallengeWatch(self._left[0], time_s, self.rest)
        self._settling, self._interrupted = [], False
        self.asking, self.advice = self._left[0], None

    def _finish(self, task: ChallengeWatch) -> None:
        self.done = (*self.done, Done(task.challenge, task.asked_s, task.ended_s))
        self._heights = self.heights
        self._left.popleft()
        self._mouth_slips += task.mouth_slips
        self._task = self.asking = self.advice = None
        self._wait_from_s = self._seen_s or task.ended_s


def _readiness(motion: FaceMotion) -> Advice | None:
    """What keeps a face from being one at rest, whatever it does."""
    if abs(motion.facing_deg[0]) > FACING_TURN_DEG or abs(motion.facing_deg[1]) > FACING_NOD_DEG:
        return Advice.FACE_CAMERA
    return Advice.OPEN_EYES if max(motion.eyes) < LEAST_OPENING else None


def _is_rest(first: FaceMotion, motion: FaceMotion) -> bool:
    moved = RestingFace([first]).movement(motion)
    return (
        abs(moved.turn) <= UNREST_TURN
        and abs(moved.nod) <= UNREST_NOD
        and UNREST_EYES[0] < moved.eyes < UNREST_EYES[1]
        and abs(moved.mouth) <= UNREST_MOUTH
    )


def _jumped(before_s: float, before: FaceMotion, now_s: float, now: FaceMotion) -> bool:
    """A face that is elsewhere, faster than a person moves."""
    step_s = judged_step_s(before_s, now_s)
    step_x, step_y = now.centre[0] - before.centre[0], now.centre[1] - before.centre[1]
    return (
        (step_x**2 + step_y**2) ** 0.5 > SHIFT_SPEED * step_s * before.eye_distance
        or abs(log(now.eye_distance / before.eye_distance)) > GROWTH_SPEED * step_s
        or abs(now.roll_deg - before.roll_deg) > ROLL_SPEED_DEG * step_s
    )


def _signed(relief: Relief, challenge: Challenge) -> float:
    if challenge is Challenge.NOD:
        return relief.nod
    return relief.turn if challenge is Challenge.TURN_LEFT else -relief.turn
