"""What a supervisor is told of the tries before the camera."""

from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import FailedTry, PortraitFacts
from hallclient.domain.failures import FailureCode
from hallclient.domain.liveness import Refusal
from hallclient.domain.supervised_way import is_of_a_try
from hallclient.domain.why_reviewed import GRAVEST_FIRST, refused, speaks_against, tries_beside_attempts, why_not_live
from tests.attempts import LIVE

CODES = [code for code in FailureCode if is_of_a_try(code)]


def tried(refusals: tuple[Refusal | None, ...], codes: tuple[FailureCode, ...] = ()) -> PortraitFacts:
    attempts = tuple(LIVE.changed(refusal=refusal) for refusal in refusals)
    return PortraitFacts(
        liveness=LivenessFacts(attempts=attempts), failed_tries=tuple(FailedTry(code=code) for code in codes)
    )


def test_every_refusal_has_its_weight_and_those_against_the_person_come_first() -> None:
    assert sorted(GRAVEST_FIRST) == sorted(Refusal)
    against = [speaks_against(refusal) for refusal in GRAVEST_FIRST]
    assert against == sorted(against, reverse=True)
    assert {refusal for refusal in Refusal if not speaks_against(refusal)} == {
        Refusal.INTERRUPTED,
        Refusal.COMPUTER_FAILED,
        Refusal.COMPUTER_TOO_SLOW,
        Refusal.CAMERA_TOO_SLOW,
        Refusal.STOPPED_BY_CLERK,
        Refusal.NOT_COMPARED,
    }


@given(st.lists(st.sampled_from(Refusal), min_size=1).flatmap(st.permutations))
def test_no_later_attempt_hides_a_graver_one(refusals: list[Refusal]) -> None:
    why = why_not_live(tried(tuple(refusals)))
    assert why in refusals
    assert any(map(speaks_against, refusals)) is (isinstance(why, Refusal) and speaks_against(why))


@given(st.lists(st.sampled_from([None, *Refusal])))
def test_every_refused_attempt_is_held_against_somebody_or_the_counter(refusals: list[Refusal | None]) -> None:
    counts = refused(tried(tuple(refusals)).liveness)
    assert counts.against + counts.stopped + counts.by_equipment == len(refusals) - refusals.count(None)
    assert counts.against == sum(refusal is not None and speaks_against(refusal) for refusal in refusals)
    assert counts.stopped == refusals.count(Refusal.STOPPED_BY_CLERK)


def test_without_an_attempt_the_last_try_says_why() -> None:
    codes = (FailureCode.NO_USABLE_FACE, FailureCode.FACE_WORKER_FAILED)
    assert why_not_live(tried((), codes)) is FailureCode.FACE_WORKER_FAILED
    assert why_not_live(tried(())) is None
    assert why_not_live(tried((Refusal.FLAT, None), codes)) is None  # live in the end


@given(st.lists(st.sampled_from(CODES)))
def test_a_failed_try_is_told_once(codes: list[FailureCode]) -> None:
    """Three tries of the same kind, of which two came to an attempt, are two attempts and one try beside them."""
    same = {
        FailureCode.COMPUTER_TOO_SLOW: Refusal.COMPUTER_TOO_SLOW,
        FailureCode.CAMERA_TOO_SLOW: Refusal.CAMERA_TOO_SLOW,
        FailureCode.CHECK_STOPPED: Refusal.STOPPED_BY_CLERK,
    }
    refusals = tuple(same[code] for code in codes if code in same)[::2]
    beside = [failed.code for failed in tries_beside_attempts(tried(refusals, tuple(codes)))]
    for code in CODES:
        told = beside.count(code) + (refusals.count(same[code]) if code in same else 0)
        assert told == (0 if code is FailureCode.NOT_LIVE else codes.count(code))
