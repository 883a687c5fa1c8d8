"""Why a case waits, in the few words of the list and of the case's own heading."""

from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import Refusal
from hallclient.domain.why_reviewed import speaks_against
from hallclient.services.review import ReviewItem
from ui import wording
from ui.supervisor.recorded import Line
from ui.widgets.score_band import TONES

_BY_WEIGHT = ("good", "look", "stop")


def headline(item: ReviewItem) -> Line:
    """What the comparison found, and before it why nobody was seen to be live: a match alone says nothing of that."""
    found, tone = wording.DECISIONS[item.decision], TONES[item.decision]
    if item.score is not None:
        found = wording.Portrait.FOUND.format(decision=found, score=item.score)
    if item.live or (item.why_not_live is None and not item.decision.by_score):
        return tone, found
    words = wording.Review.WAITS.format(why=_short(item.why_not_live), found=found)
    return max(tone, _weight(item.why_not_live), key=_BY_WEIGHT.index), words


def _short(why: Refusal | FailureCode | None) -> str:
    if why is None:
        return wording.Review.NOT_LIVE
    return wording.NOT_LIVE_SHORT[why] if isinstance(why, Refusal) else wording.TRY_FAILED_SHORT[why]


def _weight(why: Refusal | FailureCode | None) -> str:
    return "stop" if isinstance(why, Refusal) and speaks_against(why) else "look"
