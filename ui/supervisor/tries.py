"""Every try before the camera in the order in which it was made, equal ones in one line."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import FailedTry
from hallclient.domain.failures import FAILURES, FailureCode
from hallclient.domain.why_reviewed import speaks_against
from ui import wording
from ui.supervisor.recorded import Line


def attempts_seen(facts: LivenessFacts) -> Iterator[Line]:
    """Each refused attempt with its number; what speaks against the person in the colour that stops."""
    for refusal, group in groupby(enumerate(facts.attempts, 1), lambda numbered: numbered[1].refusal):
        if refusal is None:
            continue
        numbers = [number for number, _ in group]
        words = wording.Review.ATTEMPT if len(numbers) == 1 else wording.Review.ATTEMPTS
        why = wording.SUSPECTED_REFUSALS[refusal]
        told = words.format(first=numbers[0], last=numbers[-1], count=len(numbers), why=why)
        yield "stop" if speaks_against(refusal) else "look", told


def losses_seen(facts: LivenessFacts) -> Iterator[Line]:
    """In which attempts, passed ones too, the face process was lost: it may have been killed on purpose."""
    for number, attempt in enumerate(facts.attempts, 1):
        if attempt.process_losses:
            yield "look", wording.Review.PROCESS_LOST.format(number=number, count=attempt.process_losses)


def tries_seen(tries: Iterable[FailedTry]) -> Iterator[Line]:
    """How each try ended that came to no attempt, or what failed in one."""
    for failed, group in groupby(tries):
        count = sum(1 for _ in group)
        why = FAILURES[failed.code].cause
        if failed.issue is not None:
            why = wording.Review.TRY_ISSUE.format(why=why, issue=wording.FACE_LACKS[failed.issue])
        words = wording.Review.TRY.format(why=why)
        tone = "stop" if failed.code is FailureCode.MODEL_CHANGED else "look"
        yield tone, words if count == 1 else wording.Review.TIMES.format(words=words, count=count)
