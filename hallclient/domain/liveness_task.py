"""One challenge, from being asked until the face is at rest again."""

from bisect import insort
from statistics import median

from hallclient.domain.face_motion import FaceMotion, Movement, RestingFace
from hallclient.domain.liveness import HEAD_CHALLENGES, Advice, Challenge, Height, Refusal, least_amount
from hallclient.domain.liveness_limits import (
    BEST_NOD,
    BEST_TURN,
    CLOSED,
    FAR_TURN,
    HEAD_SPEED,
    HELD_GROWTH,
    HELD_ROLL_DEG,
    HELD_SHIFT,
    HELD_STRETCH,
    HOLD_PATIENCE_S,
    LONGEST_HOLD_S,
    MOUTH,
    MOUTH_REST,
    NOD,
    NOD_RELIEF,
    NOD_REST,
    NOD_SPEED,
    NOD_STEADY,
    NOD_WRONG,
    ON_THE_WAY,
    OPEN,
    PATIENCE_S,
    REACTION_S,
    RELIEF_PICTURES,
    RETURNED,
    SMALL_MOVEMENT,
    SMILE_MOUTH,
    SMILE_NOD,
    SMILE_STRETCH,
    STILL_S,
    TIME_OUT_S,
    TURN,
    TURN_RELIEF,
    TURN_RELIEF_SHARE,
    TURN_REST,
    TURN_STEADY,
    TURN_WRONG,
    UNREST_NOD,
    UNREST_TURN,
    WHOLE_STRETCH,
    judged_step_s,
)

_GOING_ON = {
    Challenge.BLINK: None,  # there is no half of a blink
    Challenge.OPEN_MOUTH: Advice.OPEN_WIDER,
    Challenge.TURN_LEFT: Advice.TURN_MORE,
    Challenge.TURN_RIGHT: Advice.TURN_MORE,
    Challenge.NOD: Advice.NOD_MORE,
}
_ENDING = {
    Challenge.BLINK: Advice.OPEN_EYES,
    Challenge.OPEN_MOUTH: Advice.CLOSE_MOUTH,
    Challenge.TURN_LEFT: Advice.TURN_BACK,
    Challenge.TURN_RIGHT: Advice.TURN_BACK,
    Challenge.NOD: Advice.RAISE_HEAD,
}


class ChallengeWatch:
    """What a face does between being asked for `challenge` and being at rest again.

    Attributes:
        challenge, asked_s: what was asked for, and when.
        ended_s: when the face was at rest again; until then the time of asking.
        mouth_slips: how often the mouth opened unasked.
        over: the movement was made and the face is at rest again.
        judged: its relief was found good.
        advice: what is missing now; None while nothing is, or while it is too early to say.
    """

    def __init__(self, challenge: Challenge, asked_s: float, rest: RestingFace) -> None:
        self.challenge = challenge
        self.asked_s = self.ended_s = asked_s
        self.mouth_slips = 0
        self.over = False
        self.judged = False
        self.advice: Advice | None = None
        self._rest = rest
        self._least = least_amount(challenge)
        self._nods = challenge is Challenge.NOD
        self._last: tuple[float, Movement] | None = None
        self._mouth_open = False
        self._held = False  # as a hand does with a picture, in any of the looks
        self._early = False  # a movement that began before anybody could have reacted, until it has ended
        self._amount = 0.0  # parallax or gap, now
        self._furthest = 0.0  # of all that was seen: it is never begun anew
        self._ending = False  # a movement that is made anew, until it has ended
        self._again: Advice | None = None  # what the movement that is made anew lacked
        self._height: tuple[bool, float, float] | None  # whether it was full, the amount, the time
        self._begin()

    @property
    def height(self) -> Height | None:
        """Where the movement was furthest, a full one before any other; of a wrong one, where it was seen to be wrong.

        None before anything was seen that counts.
        """
        if self._height is None:
            return None
        _, amount, at_s = self._height
        return Height(self.challenge, self.asked_s, at_s, amount)

    @property
    def moves_head(self) -> bool:
        """Its relief has to be measured."""
        return self.challenge in HEAD_CHALLENGES

    @property
    def pictures(self) -> tuple[float, ...]:
        """Times of the pictures that show the movement best."""
        return tuple(time_s for _, time_s, _ in self._best)

    @property
    def needed_relief(self) -> float:
        """What a head shows that moved as far as in those pictures; a picture of a head that is moved shows less."""
        if self._nods:
            return NOD_RELIEF
        return max(TURN_RELIEF, TURN_RELIEF_SHARE * median(amount for _, _, amount in self._best))

    @property
    def ripe(self) -> bool:
        """The head was turned and is on its way back: its relief can be measured, so that no verdict has to wait."""
        return bool(self._best) and (self.over or self._amount < self._peak * ON_THE_WAY[1])

    @property
    def is_away(self) -> bool:
        """The head was last seen turned the way that was asked for: its face may be out of the camera's sight."""
        return self.moves_head and self._full_s is not None

    @property
    def come_back(self) -> Advice:
        """How a face comes back into sight that is away."""
        return Advice.RAISE_HEAD if self._nods else Advice.TURN_LESS

    @property
    def was_small(self) -> bool:
        """The movement was far below the one at which relief is measured best."""
        return self._peak < SMALL_MOVEMENT * self._best_amount

    def begin_anew(self, advice: Advice | None = None) -> None:
        """Forget the movement, and its end: another one is waited for, in the time that is left.

        `advice` is what it lacked; None where it was too small.
        """
        self._begin()
        self._ending = self._amount > self._least
        self._again = advice or _GOING_ON[self.challenge]

    def see(self, time_s: float, motion: FaceMotion) -> Refusal | None:
        """One look. Why it failed, or None while it goes on and when it is over."""
        now = self._rest.movement(motion)
        last, self._last = self._last, (time_s, now)
        if last is not None and _is_cut(*last, time_s, now):
            return Refusal.JUMP
        self._held = self._held or _is_held(now)
        self._note_mouth(now)
        self._amount = self._amount_of(now)
        self._furthest = max(self._furthest, abs(self._amount))
        if self._is_wrong(now):
            self._height = False, self._amount, time_s
            return Refusal.WRONG_MOVEMENT
        self._follow(time_s, now)
        self.advice = self._missing(time_s, now)
        if self.over:
            self.ended_s = time_s
            return None
        if self._full_s is not None:
            return Refusal.TOO_SLOW if time_s - self._full_s > LONGEST_HOLD_S else None
        if time_s - self.asked_s <= TIME_OUT_S:
            return None
        # Moved about without any parallax: what a hand does with a picture.
        moved = self._furthest > (NOD_REST if self._nods else TURN_REST)
        return Refusal.FLAT if self._held and self.moves_head and not moved else Refusal.TOO_SLOW

    def _begin(self) -> None:
        self.over = False
        self._height = None
        self._peak = 0.0
        self._begun_s: float | None = None
        self._full_s: float | None = None
        self._still: list[tuple[float, Movement]] = []
        self._amounts: list[float] = []
        self._best: list[tuple[float, float, float]] = []  # how far off the best amount, the time, and the amount

    def _follow(self, time_s: float, now: Movement) -> None:
        amount, full = self._amount, self._is_full(now)
        if self._early or (full and time_s - self.asked_s < REACTION_S):
            self._early = full or not self._is_back(now)
            return
        self._ending = self._ending and full
        if self._ending:
            return
        self._peak = max(self._peak, amount)
        if self._height is None or (full, amount) > self._height[:2]:
            self._height = full, amount, time_s
        self._amounts.append(amount)
        if self._begun_s is None and amount > self._least / 2:
            self._begun_s = time_s
        if full:
            self._full_s = self._full_s or time_s
            if self.moves_head:
                insort(self._best, (abs(amount - self._best_amount), time_s, amount))
                del self._best[RELIEF_PICTURES:]
        self._still = [*(seen for seen in self._still if _is_still(seen[1], now)), (time_s, now)]
        if self._full_s is None or full or not self._is_back(now):
            return
        if self.moves_head and not self._was_on_the_way:
            # Pictures shown in turn are never on the way; neither is somebody too quick for the rate of looking.
            self._again = Advice.MORE_SLOWLY
            self._begin()
            return
        self.over = True

    @property
    def _was_on_the_way(self) -> bool:
        low, high = (share * self._peak for share in ON_THE_WAY)
        return any(low < amount < high for amount in self._amounts)

    @property
    def _best_amount(self) -> float:
        return BEST_NOD if self._nods else BEST_TURN

    def _amount_of(self, now: Movement) -> float:
        match self.challenge:
            case Challenge.BLINK:
                return 1 - now.eyes
            case Challenge.OPEN_MOUTH:
                return now.mouth
            case Challenge.NOD:
                return now.nod
            case _:
                return towards(now, self.challenge)

    def _is_full(self, now: Movement) -> bool:
        if self._amount_of(now) <= self._least:
            return False
        if self._nods:
            return now.eyes > CLOSED  # shut lids move the corners of some eyes as a nod does
        if self.moves_head:
            return not _nods_more(now)
        steady = abs(now.turn) < TURN_STEADY and _seen_nod(now) < NOD_STEADY
        return steady and WHOLE_STRETCH[0] < now.stretch < WHOLE_STRETCH[1]

    def _is_back(self, now: Movement) -> bool:
        if not self.moves_head:
            shut = now.mouth < max(MOUTH_REST, RETURNED * self._peak) or self.challenge is Challenge.BLINK
            return now.eyes > OPEN and shut and abs(now.turn) < TURN_STEADY and abs(now.nod) < NOD_STEADY
        if self._amount < (NOD_REST if self._nods else TURN_REST):
            return True
        since_s = self._still[0][0] if self._still else self._last_s
        return self._amount < RETURNED * self._peak and self._last_s - since_s >= STILL_S

    @property
    def _last_s(self) -> float:
        return self.asked_s if self._last is None else self._last[0]

    def _note_mouth(self, now: Movement) -> None:
        opened = now.mouth > MOUTH and self.challenge is not Challenge.OPEN_MOUTH
        self.mouth_slips += opened and not self._mouth_open
        self._mouth_open = opened or (self._mouth_open and now.mouth > MOUTH_REST)

    def _is_wrong(self, now: Movement) -> bool:
        """A movement of the head that was not asked for, before one that was. Blinks are nobody's fault."""
        if self._full_s is not None and self.moves_head:
            return False
        match self.challenge:
            case Challenge.TURN_LEFT | Challenge.TURN_RIGHT:
                secondary_action = -towards(now, self.challenge) > TURN_WRONG
                return secondary_action or (_seen_nod(now) > NOD_WRONG and abs(now.turn) < TURN_REST)
            case Challenge.NOD:
                return abs(now.turn) > TURN_WRONG and not _nods_more(now)
            case _:
                return abs(now.turn) > TURN_WRONG or _seen_nod(now) > NOD_WRONG

    def _missing(self, time_s: float, now: Movement) -> Advice | None:
        if self._full_s is not None:
            far = self.challenge in (Challenge.TURN_LEFT, Challenge.TURN_RIGHT) and self._amount > FAR_TURN
            held = time_s - self._full_s >= HOLD_PATIENCE_S and not self.over
            return Advice.TURN_LESS if far else _ENDING[self.challenge] if held else None
        if self._again is not None and not self._amount > self._least / 2:
            return self._again
        if self._nods and _is_smile(now):
            return Advice.SMILE_LESS
        slow = self._begun_s is not None and time_s - self._begun_s >= PATIENCE_S
        return _GOING_ON[self.challenge] if slow else None


def towards(now: Movement, challenge: Challenge) -> float:
    """The parallax of a turn, positive when it goes the way that was asked for."""
    return now.turn if challenge is Challenge.TURN_LEFT else -now.turn


def _seen_nod(now: Movement) -> float:
    """How far the head nods either way where that can be told: shut lids move the corners of some eyes as a nod does.

    Program: 0.27 and 0.29 for one of two people's blinks; people: to 0.095.
    """
    return abs(now.nod) if now.eyes > CLOSED else 0.0


def _nods_more(now: Movement) -> bool:
    """It is more of a nod than of a turn: a movement between the two is one of them, and answers nothing else."""
    return abs(now.nod) * TURN > abs(now.turn) * NOD


def _is_still(before: Movement, now: Movement) -> bool:
    return abs(now.turn - before.turn) < UNREST_TURN and abs(now.nod - before.nod) < UNREST_NOD


def _is_cut(before_s: float, before: Movement, now_s: float, now: Movement) -> bool:
    """A head that moved faster than heads do."""
    step_s = judged_step_s(before_s, now_s)
    return abs(now.turn - before.turn) > HEAD_SPEED * step_s or abs(now.nod - before.nod) > NOD_SPEED * step_s


def _is_smile(now: Movement) -> bool:
    lower = now.stretch < SMILE_STRETCH or abs(now.mouth) > SMILE_MOUTH
    return lower and SMILE_NOD < now.nod < NOD


def _is_held(now: Movement) -> bool:
    return (
        now.shift > HELD_SHIFT
        or not 1 / HELD_GROWTH < now.growth < HELD_GROWTH
        or not 1 / HELD_STRETCH < now.stretch < HELD_STRETCH
        or abs(now.roll_deg) > HELD_ROLL_DEG
    )
