"""The pages of a session in which not all goes well, over doubles: for pictures. See `tests.ui.pages`."""

from collections.abc import Iterator
from typing import Any

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import FailedTry
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice, Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.services.review import ReviewCase
from tests.attempts import LIVE
from tests.ui import doubles, review_doubles
from tests.ui.pages import Counter, until


def troubles(counter: Counter) -> Iterator[str]:
    """Names of what stands before both, from an advice during a challenge to the supervised way."""
    come_to(counter, "challenge")
    session, page = counter.session, counter.page
    session.advice = Advice.TURN_MORE
    until(lambda: page._prompt.advice is Advice.TURN_MORE)
    yield "advice"
    stop(counter)
    yield "pause"
    go_back(counter, FailureCode.CHECK_STOPPED)
    yield "stopped"
    fail(counter, Refusal.TOO_SLOW)
    yield "refusal"
    session.challenge = session.advice = None
    calls = session.calls("compare")
    page.banner.again.trigger()
    until(lambda: session.calls("compare") > calls and page._looking)
    yield "next_attempt"
    stop(counter)
    go_back(counter, FailureCode.CHECK_STOPPED)
    fail(counter, Refusal.FLAT)
    until(page.secondary_action.isEnabled)
    yield "refused_again"
    page.secondary_action.trigger()
    until(counter.clerk.view.question.isVisible)
    yield "supervised_way_question"
    counter.clerk.view.question.yes.trigger()
    until(page.primary_action.isEnabled)
    yield "supervised_way"


def refused_consent(counter: Counter) -> Iterator[str]:
    """Names of what stands before both when the customer does not agree."""
    come_to(counter, "consent")
    counter.customer.consent_answered.emit(False)  # however often their page asks before it says so
    until(counter.page.primary_action.isEnabled)
    yield "consent_refused"


def tried_case(**options: Any) -> ReviewCase:
    """For the supervisor: refused, stopped by the clerk, refused again, and no live person to the end."""
    attempts = (
        LIVE.changed(done=1, refusal=Refusal.TOO_SLOW, likeness=None),
        LIVE.changed(done=0, refusal=Refusal.STOPPED_BY_CLERK, likeness=None),
        LIVE.changed(done=1, refusal=Refusal.FLAT),
    )
    tries = (
        FailedTry(code=FailureCode.NO_USABLE_FACE, issue=QualityIssue.TOO_DARK),
        FailedTry(code=FailureCode.NOT_LIVE),
        FailedTry(code=FailureCode.CHECK_STOPPED),
        FailedTry(code=FailureCode.NOT_LIVE),
    )
    return review_doubles.review_case(
        "s-1",
        result=doubles.comparison(Decision.MATCHED, 0.84),
        liveness=LivenessFacts(attempts=attempts),
        failed_tries=tries,
        **options,
    )


def come_to(counter: Counter, wanted: str) -> None:
    assert wanted in (name for name in counter.walk())


def stop(counter: Counter) -> None:
    """As the clerk does who turns to something else while the customer is looked at."""
    counter.clerk.turn_to(customer=False)
    counter.clerk.view.leave.trigger()
    until(lambda: said_last(counter) is FailureCode.CHECK_STOPPED)


def go_back(counter: Counter, code: FailureCode) -> None:
    counter.clerk.view._back.trigger()
    until(counter.page.banner.isVisible)
    assert said_last(counter) is code


def fail(counter: Counter, refusal: Refusal) -> None:
    """Another try, which ends with `refusal`."""
    counter.session.failures["compare"] = [KnownError(FailureCode.NOT_LIVE, refusal)]
    counter.page.banner.again.trigger()
    until(lambda: said_last(counter) is FailureCode.NOT_LIVE and counter.page.banner.isVisible())


def said_last(counter: Counter) -> FailureCode | None:
    """How the last try ended."""
    tries = counter.session.the(doubles.PortraitStep).facts.failed_tries
    return tries[-1].code if tries else None
