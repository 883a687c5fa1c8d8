"""What the key pictures of the checks for a live face may not contradict, see `evidence.facts.key_pictures`."""

from itertools import pairwise
from math import isfinite

from hallclient.domain.evidence.facts.key_pictures import (
    KEY_PICTURE_FILES,
    MOST_KEY_PICTURE_BYTES,
    KeyPicture,
)
from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt
from hallclient.domain.evidence.facts.portrait import PortraitFacts, PortraitOptions
from hallclient.domain.liveness import Refusal, least_amount
from hallclient.domain.liveness_limits import GAP_S, LONGEST_HOLD_S, REACTION_S, TIME_OUT_S
from hallclient.domain.step_kind import SealedSession, SealedStep, facts_of

_ROUNDED = 0.001  # times and amounts
_LATEST_S = TIME_OUT_S + LONGEST_HOLD_S + 2 * GAP_S  # after it was asked for; looks are up to a gap apart
_MOST_AMOUNT = 10.0  # nothing is infinite


def asked(_session: SealedSession, step: SealedStep) -> bool:
    """Each is of a challenge that was drawn for its attempt and came to be asked, where such pictures are kept."""
    attempts = facts_of(step, PortraitFacts).liveness.attempts
    keeping = _keeping(step)
    return all(
        picture.challenge in (attempt.challenges[: attempt.done + 1] if keeps else ())
        for attempt, keeps in zip(attempts, keeping, strict=True)
        for picture in attempt.pictures
    )


def complete(_session: SealedSession, step: SealedStep) -> bool:
    """Every challenge that was done has one: all of them where the check was passed."""
    attempts = facts_of(step, PortraitFacts).liveness.attempts
    return all(
        {*attempt.challenges[: max(attempt.done, 0)]} <= {picture.challenge for picture in attempt.pictures}
        for attempt, keeps in zip(attempts, _keeping(step), strict=True)
        if keeps
    )


def once(_session: SealedSession, step: SealedStep) -> bool:
    """No challenge has two, each has a file of its own and each file is listed, and no two are the same picture."""
    liveness = facts_of(step, PortraitFacts).liveness
    files = {name: entry for name in KEY_PICTURE_FILES if (entry := step.file(name)) is not None}
    listed = [picture.file for picture in liveness.key_pictures]
    return (
        all(_differ([picture.challenge for picture in attempt.pictures]) for attempt in liveness.attempts)
        and sorted(listed) == sorted(files)
        and _differ([entry.plain_sha256 for entry in files.values()])
    )


def fit(_session: SealedSession, step: SealedStep) -> bool:
    """Their times are in the order in which was asked, each shows as much as it takes to be done, and none is large."""
    attempts = facts_of(step, PortraitFacts).liveness.attempts
    sizes = [entry.plain_bytes for name in KEY_PICTURE_FILES if (entry := step.file(name)) is not None]
    return all(map(_in_order, attempts)) and all(0 < size <= MOST_KEY_PICTURE_BYTES for size in sizes)


def _keeping(step: SealedStep) -> tuple[bool, ...]:
    """For each attempt, whether its pictures are kept: by the plan, and by how it and those after it ended."""
    attempts = facts_of(step, PortraitFacts).liveness.attempts
    if not PortraitOptions.model_validate(step.planned.options).key_pictures:
        return (False,) * len(attempts)
    return tuple(
        attempt.judged
        and not (attempt.refusal is Refusal.NOT_COMPARED and any(later.judged for later in attempts[number:]))
        for number, attempt in enumerate(attempts, start=1)
    )


def _in_order(attempt: LivenessAttempt) -> bool:
    pictures = [picture for picture in attempt.pictures if picture.challenge in attempt.challenges]
    order = [attempt.challenges.index(picture.challenge) for picture in pictures]
    return (
        order == sorted(order)
        and all(before.at_s <= after.asked_s for before, after in pairwise(pictures))
        and all(_can_be(picture, done=index < attempt.done) for picture, index in zip(pictures, order, strict=True))
    )


def _can_be(picture: KeyPicture, *, done: bool) -> bool:
    after_s = picture.at_s - picture.asked_s
    least_s = REACTION_S - _ROUNDED if done else 0.0
    return (
        picture.asked_s >= 0
        and least_s <= after_s <= _LATEST_S
        and isfinite(picture.amount)
        and abs(picture.amount) <= _MOST_AMOUNT
        and (not done or picture.amount >= least_amount(picture.challenge) - _ROUNDED)
    )


def _differ(values: list[str]) -> bool:
    return len(set(values)) == len(values)
