"""Active liveness: a person does what was drawn by lot, in one unbroken sight of one face with depth.

Reported in the terms of ISO/IEC 30107-3. What this can tell from a person: photographs however held, bent or cut, a
recording of other movements, a picture that stands still or repeats. What it cannot: somebody who renders a face with
depth that obeys within seconds (a deepfake, a mask); and a recording whose movements happen to be those drawn. A
recorded pair is one of the 18 that may be drawn; below `BLINK_LOOKS` looks a second, which somebody may bring about,
it is one of 12. With blinks and an open mouth at the right places, for which alone nobody is refused, it answers up to
4 of the 18 (without blinks 3 of the 12), and 6 where it begins with a nod that is too slight or too oblique to be a
wrong movement where a turn is asked (tests/hallclient/domain/test_liveness_recordings.py). One of all five challenges
that is paused until something is asked answers 1 to 3 of them by its order, 2 on average.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from hallclient.domain.liveness_limits import BLINK_LOOKS, CLOSED, LEAST_LOOKS, MOUTH, NOD, TURN


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
        asks_the_same: it told nothing about the person: where no challenge was done, the same are asked again, or
            somebody could wait for some. Once one was done the next was seen: that pair is known, and no more asked.
            No such refusal may come any number of times.
        bounded: there are few of those, too, that do not count.
    """

    counts: bool
    asks_the_same: bool
    bounded: bool


_OF_THE_PERSON = Consequence(counts=True, asks_the_same=False, bounded=True)
# Whoever holds the camera's plug shall not have more attempts than others.
_OF_A_PLUG = Consequence(counts=True, asks_the_same=True, bounded=True)
# Not held against the customer. But a computer can be kept busy on purpose, or its processes killed; and one that is
# busy enough makes a camera look slow.
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
        Refusal.CAMERA_TOO_SLOW: _OF_THE_COUNTER,
        Refusal.STOPPED_BY_CLERK: _OF_THE_COUNTER,
        Refusal.NOT_COMPARED: _PASSED_IN_VAIN,
    }
)
UNTOLD = frozenset(refusal for refusal, after in CONSEQUENCES.items() if after.asks_the_same)


class Advice(StrEnum):
    """What is missing now, for as long as it is true."""

    SHOW_FACE = "show_face"
    ONE_FACE = "one_face"
    FACE_CAMERA = "face_camera"
    OPEN_EYES = "open_eyes"
    HOLD_STILL = "hold_still"
    TURN_MORE = "turn_more"
    TURN_LESS = "turn_less"
    TURN_BACK = "turn_back"
    NOD_MORE = "nod_more"
    RAISE_HEAD = "raise_head"
    SMILE_LESS = "smile_less"
    OPEN_WIDER = "open_wider"
    CLOSE_MOUTH = "close_mouth"
    MORE_SLOWLY = "more_slowly"
    AGAIN_UNSEEN = "again_unseen"
    AGAIN_BUSY = "again_busy"


class _Entropy(Protocol):
    def token(self, length: int) -> bytes: ...


# Every pair that may be drawn. Without a movement of the head a photograph with cut-out eyes and mouth could pass.
PAIRS = tuple(
    (first, second)
    for first in Challenge
    for second in Challenge
    if first is not second and {first, second} & HEAD_CHALLENGES
)


def least_looks(challenges: Collection[Challenge]) -> float:
    """Looks a second below which `challenges` cannot be seen, and nobody is live who was asked for them.

    The one rule of the rate: for what is drawn, during the check and in an attempt that is handed in.
    """
    return BLINK_LOOKS if Challenge.BLINK in challenges else LEAST_LOOKS


def least_amount(challenge: Challenge) -> float:
    """From where on what was asked for counts as done: parallax of a turn or a nod, gap of the lips, or lids closed.

    All but the lids in eye distances; those from 0, open as at rest, to 1.
    """
    match challenge:
        case Challenge.BLINK:
            return 1 - CLOSED
        case Challenge.OPEN_MOUTH:
            return MOUTH
        case Challenge.NOD:
            return NOD
        case Challenge.TURN_LEFT | Challenge.TURN_RIGHT:
            return TURN


def draw_challenges(entropy: _Entropy, looks_per_s: float) -> tuple[Challenge, Challenge]:
    """Two different challenges in random order, each pair alike.

    What cannot be seen at `looks_per_s` is not drawn: below `BLINK_LOOKS` 12 of the 18 pairs are left. Below
    `LEAST_LOOKS` none can be seen, see `least_looks`: these 12 all the same.
    """
    return _one_of([pair for pair in PAIRS if _seen_at(looks_per_s, pair)], entropy)


def ask_again(pair: tuple[Challenge, ...], entropy: _Entropy, looks_per_s: float) -> tuple[Challenge, ...]:
    """`pair`, which was drawn before and is asked still; where a blink cannot be seen any more, with another for it.

    Or nobody could pass on a computer that has become slower.
    """
    if _seen_at(looks_per_s, pair):
        return pair
    return _one_of([other for other in PAIRS if replaces_blink(pair, other)], entropy)


def replaces_blink(pair: tuple[Challenge, ...], other: tuple[Challenge, ...]) -> bool:
    """`other` is `pair` but for the blink."""
    kept = all(was in (Challenge.BLINK, now) for was, now in zip(pair, other, strict=True))
    return kept and Challenge.BLINK in pair and Challenge.BLINK not in other


def _seen_at(looks_per_s: float, pair: tuple[Challenge, ...]) -> bool:
    return least_looks(pair) <= max(looks_per_s, LEAST_LOOKS)


def _one_of(pairs: Sequence[tuple[Challenge, Challenge]], entropy: _Entropy) -> tuple[Challenge, Challenge]:
    while True:  # a byte beyond the largest multiple of their number would favour the first pairs
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
        needed: the relief that a head has, moved as far as that.
    """

    challenge: Challenge
    rest_s: float
    moved_s: tuple[float, ...]
    needed: float


@dataclass(frozen=True, slots=True)
class Height:
    """The look at which what was asked for was seen furthest: the widest turn, the closed lids, the open mouth.

    Attributes:
        challenge: what was asked for.
        asked_s, at_s: when it was, and when that picture was taken, in seconds of the camera.
        amount: how far, in the measure of `least_amount`; negative the other way.
    """

    challenge: Challenge
    asked_s: float
    at_s: float
    amount: float


@dataclass(frozen=True, slots=True)
class Done:
    """A challenge that was done: when it was asked and when the person was at rest again, in seconds of the camera."""

    challenge: Challenge
    asked_s: float
    done_s: float
