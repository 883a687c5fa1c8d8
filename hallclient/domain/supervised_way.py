"""When a supervisor may decide about a face instead of the machine: the one rule, for services and screens alike.

The supervised way is for who refuses the consent, for equipment that fails, and for who was tried before the camera
in vain, whether that was theirs or the computer's. It is not the clerk's to choose: whoever could take it at once would
never ask for a live face.
"""

from enum import StrEnum

from hallclient.domain.evidence.facts.portrait import FailedTry, PortraitFacts
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.quality_issue import QualityIssue

TRIES_BEFORE_SUPERVISOR = 2

# No second try mends these unless a hand does first.
_OF_THE_EQUIPMENT = frozenset(
    {
        FailureCode.CAMERA_MISSING,
        FailureCode.CAMERA_STOPPED,
        FailureCode.CAMERA_VIRTUAL,
        FailureCode.MODEL_CHANGED,
    }
)
# These another try may well mend by itself. A computer can be kept busy, and its processes killed, on purpose; one that
# was halted for a moment makes its camera look slow; and what nobody foresaw may come again or not.
_OF_THE_COMPUTER = frozenset(
    {
        FailureCode.CAMERA_TOO_SLOW,
        FailureCode.COMPUTER_TOO_SLOW,
        FailureCode.FACE_WORKER_FAILED,
        FailureCode.INTERNAL_ERROR,
    }
)
_OF_THE_CUSTOMER = frozenset({FailureCode.NO_USABLE_FACE, FailureCode.NOT_LIVE})
# What ends a try before the camera and is kept in the facts. Whatever else fails (a full disk, a wrong clock) says
# nothing about the try, and would stop the supervised way as well.
_OF_A_TRY = _OF_THE_EQUIPMENT | _OF_THE_COMPUTER | _OF_THE_CUSTOMER | {FailureCode.CHECK_STOPPED}


class SupervisedWay(StrEnum):
    """Why the supervised way is open."""

    CONSENT_REFUSED = "consent_refused"
    NO_TRY_LEFT = "no_try_left"
    EQUIPMENT_FAILED = "equipment_failed"
    TRIED_ENOUGH = "tried_enough"


def is_of_a_try(code: FailureCode) -> bool:
    """A failure that ends a try before the camera, is kept in the facts, and after which another try makes sense."""
    return code in _OF_A_TRY


def failed_try(error: KnownError) -> FailedTry | None:
    """What the facts keep of a try before the camera that `error` ended; None when it says nothing about the try."""
    if not is_of_a_try(error.code):
        return None
    issue = QualityIssue(error.detail) if error.code is FailureCode.NO_USABLE_FACE and error.detail else None
    return FailedTry(code=error.code, issue=issue)


def supervised_way(facts: PortraitFacts) -> SupervisedWay | None:
    """Why the supervised way is open after all that these facts have seen; None while it is closed.

    Once open it stays open: it rests on what was seen, and nothing seen is taken back. What the clerk stopped opens
    nothing, until so much was stopped that no try is left.
    """
    if facts.consent is None:
        return None
    if not facts.consent.given:
        return SupervisedWay.CONSENT_REFUSED
    if not facts.liveness.may_try_again:
        return SupervisedWay.NO_TRY_LEFT
    codes = [failed.code for failed in facts.failed_tries]
    if not _OF_THE_EQUIPMENT.isdisjoint(codes):
        return SupervisedWay.EQUIPMENT_FAILED
    if sum(code in _OF_THE_COMPUTER | _OF_THE_CUSTOMER for code in codes) >= TRIES_BEFORE_SUPERVISOR:
        return SupervisedWay.TRIED_ENOUGH
    return None
