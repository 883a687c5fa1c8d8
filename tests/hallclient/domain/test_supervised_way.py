"""When a supervisor may decide instead of the machine, as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import ConsentFacts, FailedTry, PortraitFacts
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.supervised_way import SupervisedWay, failed_try, is_of_a_try, supervised_way
from tests.attempts import LIVE

NO_FACE, NOT_LIVE, STOPPED = FailureCode.NO_USABLE_FACE, FailureCode.NOT_LIVE, FailureCode.CHECK_STOPPED
OF_THE_EQUIPMENT = (
    FailureCode.CAMERA_MISSING,
    FailureCode.CAMERA_STOPPED,
    FailureCode.CAMERA_VIRTUAL,
    FailureCode.MODEL_CHANGED,
)
TOO_SLOW, LOST = FailureCode.COMPUTER_TOO_SLOW, FailureCode.FACE_WORKER_FAILED
SLOW_CAMERA, BUG = FailureCode.CAMERA_TOO_SLOW, FailureCode.INTERNAL_ERROR
OF_THE_COMPUTER = (TOO_SLOW, LOST, SLOW_CAMERA, BUG)
OF_A_TRY = (NO_FACE, NOT_LIVE, STOPPED, *OF_THE_COMPUTER, *OF_THE_EQUIPMENT)

TEXT = TextShown(code="face_consent", version="1", sha256="")


def facts(*codes: FailureCode, consent: bool | None = True, refusals: tuple[Refusal | None, ...] = ()) -> PortraitFacts:
    return PortraitFacts(
        consent=None if consent is None else ConsentFacts(given=consent, text=TEXT),
        failed_tries=tuple(FailedTry(code=code) for code in codes),
        liveness=LivenessFacts(attempts=tuple(LIVE.model_copy(update={"refusal": refusal}) for refusal in refusals)),
    )


@pytest.mark.parametrize(
    ("seen", "way"),
    [
        (facts(consent=None), None),
        (facts(NO_FACE, NO_FACE, consent=None), None),
        (facts(consent=False), SupervisedWay.CONSENT_REFUSED),
        (facts(), None),
        (facts(NO_FACE), None),
        (facts(NOT_LIVE, refusals=(Refusal.FLAT,)), None),
        (facts(NO_FACE, NO_FACE), SupervisedWay.TRIED_ENOUGH),
        (facts(NO_FACE, NOT_LIVE, refusals=(Refusal.FLAT,)), SupervisedWay.TRIED_ENOUGH),
        (facts(NOT_LIVE, NOT_LIVE, refusals=(Refusal.FLAT,) * 2), SupervisedWay.TRIED_ENOUGH),
        (facts(STOPPED), None),
        (facts(*[STOPPED] * 9), None),  # before any challenge: the customer was not tried
        (facts(STOPPED, NO_FACE, STOPPED), None),
        (facts(STOPPED, STOPPED, refusals=(Refusal.STOPPED_BY_CLERK,) * 2), None),
        (facts(*[STOPPED] * 3, refusals=(Refusal.STOPPED_BY_CLERK,) * 3), SupervisedWay.NO_TRY_LEFT),
        (facts(refusals=(Refusal.INTERRUPTED,) * 2), None),  # the application died twice in the middle
        (facts(refusals=(Refusal.INTERRUPTED,) * 3), SupervisedWay.NO_TRY_LEFT),
        (facts(refusals=(Refusal.NOT_COMPARED,) * 9), None),  # passed checks: a full disk opens nothing
        (facts(refusals=(Refusal.NOT_COMPARED,) * 9 + (Refusal.COMPUTER_TOO_SLOW,) * 2), None),
        *((facts(code), SupervisedWay.EQUIPMENT_FAILED) for code in OF_THE_EQUIPMENT),
        *((facts(code), None) for code in OF_THE_COMPUTER),  # one that died, or was busy, once
        (facts(LOST, STOPPED, STOPPED), None),
        *((facts(code, code), SupervisedWay.TRIED_ENOUGH) for code in OF_THE_COMPUTER),
        (facts(LOST, TOO_SLOW), SupervisedWay.TRIED_ENOUGH),
        (facts(TOO_SLOW, NO_FACE), SupervisedWay.TRIED_ENOUGH),
        (facts(SLOW_CAMERA, BUG), SupervisedWay.TRIED_ENOUGH),
        (facts(BUG, STOPPED, NO_FACE), SupervisedWay.TRIED_ENOUGH),
        (facts(FailureCode.CAMERA_STOPPED, NO_FACE), SupervisedWay.EQUIPMENT_FAILED),
        (facts(FailureCode.DISK_FULL, FailureCode.CLOCK_WRONG), None),
    ],
)
def test_when_the_supervised_way_is_open(seen: PortraitFacts, way: SupervisedWay | None) -> None:
    assert supervised_way(seen) is way


@pytest.mark.parametrize("code", FailureCode)
def test_what_ends_a_try_is_what_the_facts_keep(code: FailureCode) -> None:
    assert is_of_a_try(code) is (code in OF_A_TRY)
    assert failed_try(KnownError(code)) == (FailedTry(code=code) if code in OF_A_TRY else None)


def test_a_failed_try_keeps_what_was_wrong_with_the_pictures() -> None:
    assert failed_try(KnownError(NO_FACE, QualityIssue.TOO_DARK)) == FailedTry(
        code=NO_FACE, issue=QualityIssue.TOO_DARK
    )
    assert failed_try(KnownError(NOT_LIVE, Refusal.FLAT)) == FailedTry(code=NOT_LIVE)


@given(st.lists(st.sampled_from(OF_A_TRY)), st.sampled_from(OF_A_TRY))
def test_once_open_it_stays_open(codes: list[FailureCode], another: FailureCode) -> None:
    assert supervised_way(facts(*codes)) is None or supervised_way(facts(*codes, another)) is not None


def test_the_facts_come_back_from_the_disk_as_they_were() -> None:
    seen = facts(NO_FACE, FailureCode.CAMERA_STOPPED)
    assert PortraitFacts.model_validate_json(seen.model_dump_json()) == seen
