"""Active liveness: a person does what was drawn by lot, in one unbroken sight of one face with depth.

Reported in the terms of ISO/IEC 30107-3. What this can tell from a person: photographs however held, bent or cut, a
recording of other movements, a picture that stands still or repeats. What it cannot: somebody who renders a face with
depth that obeys within seconds (a deepfake, a mask); and a recording whose movements happen to be those drawn: one of
18 draws for a recorded pair, up to 4 when it also blinks and opens its mouth, for which alone nobody is refused.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from types import MappingProxyType
from typing import Protocol

from hallclient.domain.face_motion import FaceMotion, Movement, RestingFace


class Challenge(StrEnum):
    """What the person is asked to do; left and right are the person's own."""

    BLINK = "blink"
    OPEN_MOUTH = "open_mouth"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    NOD = "nod"


HEAD_CHALLENGES = frozenset({Challenge.TURN_LEFT, Challenge.TURN_RIGHT, Challenge.NOD})


class Refusal(StrEnum):
    """Why a face does not count as live."""

    FACE_LOST = "face_lost"
    SECOND_FACE = "second_face"
    JUMP = "jump"
    WRONG_MOVEMENT = "wrong_movement"
    FLAT = "flat"
    FROZEN = "frozen"
    REPEATED = "repeated"
    TOO_SLOW = "too_slow"
    OTHER_PERSON = "other_person"
    INTERRUPTED = "interrupted"  # a challenge was seen, and then the camera stopped or the program ended
    COMPUTER_FAILED = "computer_failed"  # a challenge was seen, and then the face engine or we ourselves failed
    COMPUTER_TOO_SLOW = "computer_too_slow"  # it looked at too few of the camera's pictures to tell
    CAMERA_TOO_SLOW = "camera_too_slow"  # it gave too few pictures to tell
    STOPPED_BY_CLERK = "stopped_by_clerk"  # the clerk turned to something else after a challenge was seen
    NOT_COMPARED = "not_compared"  # it was passed, and then the comparison or the disk failed


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a refusal for the attempts after it.

    Attributes:
        counts: it is one of the few attempts that a customer has.
        asks_the_same: it told nothing about the person: the same challenges are asked again, or somebody could wait for
            some. No such refusal may come any number of times: a recording of them could be made meanwhile.
        bounded: there are few of those, too, that do not count.
    """

    counts: bool
    asks_the_same: bool
    bounded: bool


_OF_THE_PERSON = Consequence(counts=True, asks_the_same=False, bounded=True)
# Whoever holds the camera's plug, or the computer's, shall not have more attempts than others.
_OF_A_PLUG = Consequence(counts=True, asks_the_same=True, bounded=True)
# Not held against the customer. But a computer can be kept busy on purpose, or its processes killed.
_OF_THE_COUNTER = Consequence(counts=False, asks_the_same=True, bounded=True)
# The person was seen to be live. Others are drawn and nobody gains by having passed.
_PASSED_IN_VAIN = Consequence(counts=False, asks_the_same=False, bounded=False)

CONSEQUENCES: Mapping[Refusal, Consequence] = MappingProxyType(
    {
        Refusal.FACE_LOST: _OF_THE_PERSON,
        Refusal.SECOND_FACE: _OF_THE_PERSON,
        Refusal.JUMP: _OF_THE_PERSON,
        Refusal.WRONG_MOVEMENT: _OF_THE_PERSON,
        Refusal.FLAT: _OF_THE_PERSON,
        Refusal.FROZEN: _OF_THE_PERSON,
        Refusal.REPEATED: _OF_THE_PERSON,
        Refusal.TOO_SLOW: _OF_THE_PERSON,
        Refusal.OTHER_PERSON: _OF_THE_PERSON,
        Refusal.INTERRUPTED: _OF_A_PLUG,
        Refusal.COMPUTER_FAILED: _OF_THE_COUNTER,
        Refusal.COMPUTER_TOO_SLOW: _OF_THE_COUNTER,
        Refusal.CAMERA_TOO_SLOW: _OF_A_PLUG,
        Refusal.STOPPED_BY_CLERK: _OF_THE_COUNTER,
        Refusal.NOT_COMPARED: _PASSED_IN_VAIN,
    }
)
UNTOLD = frozenset(refusal for refusal, after in CONSEQUENCES.items() if after.asks_the_same)


class _Entropy(Protocol):
    def token(self, length: int) -> bytes: ...


def draw_challenges(entropy: _Entropy) -> tuple[Challenge, Challenge]:
    """Two different challenges in random order, each of the 18 pairs alike; at least one moves the head.

    Without a movement of the head a photograph with cut-out eyes and mouth could pass.
    """
    pairs = [
        (first, second)
        for first in Challenge
        for second in Challenge
        if first is not second and {first, second} & HEAD_CHALLENGES
    ]
    while True:  # a byte beyond the largest multiple of 18 would favour the first pairs
        drawn = entropy.token(1)[0]
        if drawn < 256 // len(pairs) * len(pairs):
            return pairs[drawn % len(pairs)]


@dataclass(frozen=True, slots=True)
class Relief:
    """How the nose's tip moved against the skin around it between two pictures, in eye distances.

    Of all directions the one counts in which it stands out least: a sheet has one in which it does not at all.

    Attributes:
        turn: to the person's own left.
        nod: downwards.
    """

    turn: float
    nod: float


@dataclass(frozen=True, slots=True)
class ReliefQuestion:
    """Two or more pictures, by their times, whose relief is to be measured before the check goes on.

    Attributes:
        challenge: which movement they show.
        rest_s: the picture of the face at rest.
        moved_s: pictures of the moved face.
    """

    challenge: Challenge
    rest_s: float
    moved_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A challenge that was done: when it was asked and when the person was at rest again, in seconds of the camera."""

    challenge: Challenge
    asked_s: float
    done_s: float


# Measured on people and attacks made by program (tests/attacks, `make bench`): no real camera, no human attacker yet.
# In eye distances, which shrink a little with a turn.
_TURN, _NOD = 0.085, 0.055  # about 14 degrees; at rest the noise is 0.004
_TURN_WRONG, _NOD_WRONG = 0.085, 0.07
# Heads of program turned 15 degrees show 0.026 or more, 13 degrees of nod 0.021; bent sheets at most 0.016 and 0.012.
_TURN_RELIEF, _NOD_RELIEF = 0.020, 0.0155
_ORDINARY_RELIEF = 1.6  # in those two
_TURN_REST, _NOD_REST = 0.035, 0.03
_CLOSED, _OPEN = 0.55, 0.75  # of the eyes at rest
_MOUTH, _MOUTH_REST = 0.18, 0.08  # the lips' gap beyond that at rest
_STRETCH = 0.82, 1.22  # a blink or a mouth on a face that is squeezed more is a tilted picture's
_BEST_TURN, _BEST_NOD = 0.10, 0.075  # further round the flow loses the skin

_TIME_OUT_S = 8.0
_REST_S, _REST_PICTURES = 0.3, 4
_UNREST = 0.02  # more parallax than this between pictures is no rest
_LOST_S = 0.5  # without a face, or between two looks
_REACTION_S = 0.1  # nobody begins earlier after being asked
_HEAD_STEP = 0.12  # parallax between two looks: 20 degrees in less than 0.1 s is no head but a cut
_LONGEST_HOLD_S = 4.0
_STEP, _STEP_GROWTH = 0.8, 1.35  # between two looks, in eye distances and as a factor
_STEP_ROLL_DEG = 30.0
_SEVERAL_LOOKS = 2  # one look with a second face may be the detector's fancy
_RELIEF_PICTURES = 3
# What a hand does with a photograph while the movement that was asked for does not come.
_HELD_SHIFT, _HELD_GROWTH, _HELD_STRETCH, _HELD_ROLL_DEG = 0.35, 1.10, 1.10, 8.0


class LivenessCheck:
    """Fed with one look after the other; says what to ask for now and how it ended.

    Attributes:
        asking: the challenge that the person shall do now; None while the face is not yet at rest, and at the end.
        question: pictures whose relief the caller has to measure and hand to `answer` before the next `see`.
        done: the challenges done so far.
        refusal: why it ended without success; None while it goes on and after success.
        rests_s: for each challenge begun, the time of a picture with the face at rest.
        rest: the face as it was at rest last; None before that.
    """

    def __init__(self, challenges: tuple[Challenge, ...], rest: RestingFace | None = None) -> None:
        """`challenges` in the order in which they are asked; one or more.

        `rest` is known where a check before this one was interrupted, maybe in the middle of a movement. A head that is
        held turned is still as well: then only what is near to `rest` is taken for rest, as long as a movement can
        last; after that, whoever still looks elsewhere sits otherwise than before.
        """
        if not challenges:
            raise ValueError("a check without challenges would pass everybody")
        self._left = deque(challenges)
        self.asking: Challenge | None = None
        self.question: ReliefQuestion | None = None
        self.done: tuple[Done, ...] = ()
        self.refusal: Refusal | None = None
        self.rests_s: tuple[float, ...] = ()
        self.rest = rest
        self._reliefs: list[float] = []
        self._begun_s: float | None = None
        self._seen_s: float | None = None
        self._looked_s: float | None = None
        self._last: FaceMotion | None = None
        self._several = 0
        self._mouth_slips = 0
        self._settling: list[tuple[float, FaceMotion]] = []
        self._wait_from_s: float | None = None
        self._task: _Task | None = None

    @property
    def passed(self) -> bool:
        """All challenges were done."""
        return not self._left and self.refusal is None

    @property
    def over(self) -> bool:
        """Nothing more is to be seen."""
        return self.passed or self.refusal is not None

    @property
    def in_sight(self) -> bool:
        """The newest look showed the one face."""
        return self._seen_s is not None and self._last is not None and self._seen_s == self._looked_s

    @property
    def hint(self) -> float:
        """0 to 1: how much depth the head showed, 1 as an ordinary face; for the reviewer's eye, it decides nothing."""
        return min(1.0, median(self._reliefs) / _ORDINARY_RELIEF) if self._reliefs else 0.0

    @property
    def wanted_s(self) -> frozenset[float]:
        """Times of the pictures that may still be asked about; all others can be forgotten."""
        times = set(self.rests_s)
        if self._settling:
            times.add(self._settling[-1][0])
        if self._task is not None:
            times |= {time_s for _, time_s in self._task.best}
        return frozenset(times)

    def see(self, time_s: float, faces: int, motion: FaceMotion | None) -> None:
        """One look: its picture's time (growing), how many faces, and the face's measures when it is one."""
        if self.over:
            return
        if self._begun_s is None:
            self._begun_s = self._wait_from_s = self._seen_s = time_s
        gap_s = 0.0 if self._looked_s is None else time_s - self._looked_s
        self._looked_s = time_s
        self._several = self._several + 1 if faces > 1 else 0
        tracking = self._last is not None
        if self._several >= _SEVERAL_LOOKS:
            self.refusal = Refusal.SECOND_FACE
        elif gap_s > _LOST_S and tracking:
            self.refusal = Refusal.FACE_LOST
        elif faces != 1 or motion is None or not motion.is_sane:
            patience_s = _LOST_S if tracking else _TIME_OUT_S
            if self._seen_s is not None and time_s - self._seen_s > patience_s:
                self.refusal = Refusal.FACE_LOST
        elif self._last is not None and self._jumped(self._last, motion):
            self.refusal = Refusal.JUMP
        else:
            self._seen_s, self._last = time_s, motion
            self._go_on(time_s, motion)

    def answer(self, reliefs: tuple[Relief | None, ...]) -> None:
        """What the pictures of `question` showed; None for one that cannot be measured."""
        if self.question is None or self._task is None:
            raise ValueError("nothing was asked")
        challenge = self.question.challenge
        measured = [_signed(relief, challenge) for relief in reliefs if relief is not None]
        needed = _NOD_RELIEF if challenge is Challenge.NOD else _TURN_RELIEF
        self.question = None
        if not measured or median(measured) < needed:
            self.refusal = Refusal.FLAT
            return
        self._reliefs.append(median(measured) / needed)
        self._task.judged = True
        if self._task.at_end:
            self._finish(self._task)

    def refuse(self, refusal: Refusal) -> None:
        """End it for a reason that others found; harmless when it already ended with one."""
        self.refusal = self.refusal or refusal

    def _go_on(self, time_s: float, motion: FaceMotion) -> None:
        if self._task is None:
            self._settle(time_s, motion)
            return
        task = self._task
        outcome = task.see(time_s, motion)
        if isinstance(outcome, Refusal):
            self.refusal = outcome
        elif task.mouth_slips + self._mouth_slips > 1:
            self.refusal = Refusal.WRONG_MOVEMENT
        elif task.challenge in HEAD_CHALLENGES and not task.judged and (outcome or task.returns):
            # Asked on the way back already, so that the verdict does not have to wait for the answer.
            self.question = ReliefQuestion(task.challenge, self.rests_s[-1], task.pictures)
        elif outcome:
            self._finish(task)

    def _settle(self, time_s: float, motion: FaceMotion) -> None:
        waits_s = 0.0 if self._wait_from_s is None else time_s - self._wait_from_s
        known = self.rest if not self.rests_s and waits_s <= _LONGEST_HOLD_S else None
        if known is not None and not _at_rest(known.movement(motion)):
            self._settling = []
            return
        self._settling.append((time_s, motion))
        first = RestingFace([self._settling[0][1]]).movement(motion)
        if max(abs(first.turn), abs(first.nod)) > _UNREST or not 0.75 < first.eyes < 1.33 or abs(first.mouth) > 0.06:
            self._settling = [(time_s, motion)]
        rested_s = time_s - self._settling[0][0]
        if rested_s >= _REST_S and len(self._settling) >= _REST_PICTURES:
            self.rests_s = (*self.rests_s, time_s)
            self.rest = RestingFace([seen for _, seen in self._settling])
            self._task = _Task(self._left[0], time_s, self.rest)
            self._settling = []
            self.asking = self._left[0]
        elif waits_s > _TIME_OUT_S:
            self.refusal = Refusal.TOO_SLOW

    def _finish(self, task: "_Task") -> None:
        self.done = (*self.done, Done(task.challenge, task.asked_s, task.ended_s))
        self._mouth_slips += task.mouth_slips
        self._left.popleft()
        self._task = None
        self.asking = None
        self._wait_from_s = task.ended_s

    @staticmethod
    def _jumped(before: FaceMotion, now: FaceMotion) -> bool:
        step_x, step_y = now.centre[0] - before.centre[0], now.centre[1] - before.centre[1]
        growth = now.eye_distance / before.eye_distance
        return (
            (step_x**2 + step_y**2) ** 0.5 > _STEP * before.eye_distance
            or not 1 / _STEP_GROWTH < growth < _STEP_GROWTH
            or abs(now.roll_deg - before.roll_deg) > _STEP_ROLL_DEG
        )


class _Task:
    """One challenge, from being asked until the face is at rest again.

    Attributes:
        best: parallax off the best for measuring relief, and time, of the pictures to measure.
        mouth_slips: how often the mouth opened unasked: people answer when they are told to turn.
        returns: the head was fully turned and is on its way back.
        judged: its relief was found good.
        at_end: the face is at rest again.
    """

    def __init__(self, challenge: Challenge, asked_s: float, rest: RestingFace) -> None:
        self.challenge = challenge
        self.asked_s = asked_s
        self.ended_s = asked_s
        self.mouth_slips = 0
        self.best: list[tuple[float, float]] = []
        self.returns = False
        self.judged = False
        self.at_end = False
        self._rest = rest
        self._before: Movement | None = None
        self._on_the_way = 0  # looks at a head between rest and turned
        self._full_s: float | None = None  # since when the movement is there
        self._mouth_open = False
        self._held = False

    @property
    def pictures(self) -> tuple[float, ...]:
        """Times of the pictures to measure."""
        return tuple(time_s for _, time_s in self.best)

    def see(self, time_s: float, motion: FaceMotion) -> Refusal | bool:
        """True when the challenge was done, False while it goes on, or why it failed."""
        now = self._rest.movement(motion)
        self._held = self._held or _is_held(now)
        before, self._before = self._before, now
        if before is not None and max(abs(now.turn - before.turn), abs(now.nod - before.nod)) > _HEAD_STEP:
            return Refusal.JUMP
        wrong = self._wrong(now)
        if wrong is not None:
            return wrong
        self._note(time_s, now)
        if self._full_s is not None and _at_rest(now):
            self.ended_s, self.at_end = time_s, True
            # Photographs shown in turn are never on the way.
            return True if self._on_the_way or self.challenge not in HEAD_CHALLENGES else Refusal.JUMP
        if self._full_s is None and self._is_full(now):
            if time_s - self.asked_s < _REACTION_S:
                return Refusal.WRONG_MOVEMENT
            self._full_s = time_s
        held_on = self._full_s is not None and time_s - self._full_s > _LONGEST_HOLD_S
        if held_on or time_s - self.asked_s > _TIME_OUT_S:
            return Refusal.FLAT if self._held and self.challenge in HEAD_CHALLENGES else Refusal.TOO_SLOW
        return False

    def _is_full(self, now: Movement) -> bool:
        still = (
            abs(now.turn) < _TURN_REST * 2 and abs(now.nod) < _NOD_REST * 2 and _STRETCH[0] < now.stretch < _STRETCH[1]
        )
        match self.challenge:
            case Challenge.BLINK:
                return still and now.eyes < _CLOSED
            case Challenge.OPEN_MOUTH:
                return still and now.mouth > _MOUTH
            case Challenge.NOD:
                return now.nod > _NOD
            case _:
                return _towards(now, self.challenge) > _TURN

    def _wrong(self, now: Movement) -> Refusal | None:
        """A movement of the head that was not asked for. Blinks are nobody's fault."""
        opened = now.mouth > _MOUTH and self.challenge is not Challenge.OPEN_MOUTH
        self.mouth_slips += opened and not self._mouth_open
        self._mouth_open = opened or (self._mouth_open and now.mouth > _MOUTH_REST)
        match self.challenge:
            case Challenge.TURN_LEFT | Challenge.TURN_RIGHT:
                other_way = -_towards(now, self.challenge) > _TURN_WRONG
                wrong = other_way or (abs(now.nod) > _NOD_WRONG and abs(now.turn) < _NOD_WRONG / 2)
            case Challenge.NOD:
                wrong = abs(now.turn) > _TURN_WRONG and abs(now.turn) > abs(now.nod)
            case _:
                wrong = abs(now.turn) > _TURN_WRONG or abs(now.nod) > _NOD_WRONG
        return Refusal.WRONG_MOVEMENT if wrong else None

    def _note(self, time_s: float, now: Movement) -> None:
        if self.challenge not in HEAD_CHALLENGES:
            return
        nods = self.challenge is Challenge.NOD
        moved = now.nod if nods else _towards(now, self.challenge)
        self.returns = self._full_s is not None and moved < (_NOD if nods else _TURN)
        self._on_the_way += (_NOD_REST if nods else _TURN_REST) < moved < (_NOD if nods else _TURN)
        if moved > (_NOD if nods else _TURN):
            self.best = sorted([*self.best, (abs(moved - (_BEST_NOD if nods else _BEST_TURN)), time_s)])
            del self.best[_RELIEF_PICTURES:]


def _towards(now: Movement, challenge: Challenge) -> float:
    return now.turn if challenge is Challenge.TURN_LEFT else -now.turn


def _signed(relief: Relief, challenge: Challenge) -> float:
    if challenge is Challenge.NOD:
        return relief.nod
    return relief.turn if challenge is Challenge.TURN_LEFT else -relief.turn


def _at_rest(now: Movement) -> bool:
    return abs(now.turn) < _TURN_REST and abs(now.nod) < _NOD_REST and now.eyes > _OPEN and now.mouth < _MOUTH_REST


def _is_held(now: Movement) -> bool:
    return (
        now.shift > _HELD_SHIFT
        or not 1 / _HELD_GROWTH < now.growth < _HELD_GROWTH
        or not 1 / _HELD_STRETCH < now.stretch < _HELD_STRETCH
        or abs(now.roll_deg) > _HELD_ROLL_DEG
    )
