"""Key pictures that contradict the attempts, the plan, their files or each other do not hold."""

import math
from collections.abc import Callable

import pytest

from hallclient.domain.evidence.facts.key_pictures import MOST_KEY_PICTURE_BYTES, KeyPicture
from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt
from hallclient.domain.evidence.facts.portrait import FailedTry
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.failures import FailureCode
from hallclient.domain.inspection_question import Question
from hallclient.domain.liveness import UNTOLD, Challenge, Refusal
from tests.attempts import LIVE, REFUSED_ATTEMPT
from tests.hallclient.domain.inspection.consistency.changes import (
    PORTRAIT,
    Change,
    both,
    failing,
    listed,
    option,
    pictured_attempts,
    portrait,
    portrait_of,
    replacing_step,
)
from tests.hallclient.domain.inspection.consistency.test_liveness import ENDED
from tests.key_pictures import pictured
from tests.packages import BuiltPackage

ASKED, COMPLETE, ONCE, FIT = (
    Question.KEY_PICTURES_ASKED,
    Question.KEY_PICTURES_COMPLETE,
    Question.KEY_PICTURES_ONCE,
    Question.KEY_PICTURES_FIT,
)
FIRST, SECOND, MORE = "holder.key_picture_1", "holder.key_picture_2", "key_picture_6"
Pictures = tuple[KeyPicture, ...]


def last(change: Callable[[Pictures], Pictures]) -> Change:
    """The pictures of the last attempt."""

    def changed(manifest: Manifest) -> Manifest:
        liveness = portrait_of(manifest).liveness
        *before, attempt = liveness.attempts
        after = (*before, attempt.changed(pictures=change(attempt.pictures)))
        return portrait(liveness=liveness.changed(attempts=after))(manifest)

    return changed


def first(**changes: object) -> Change:
    """The first picture of the last attempt."""
    return last(lambda pictures: (pictures[0].model_copy(update=changes), *pictures[1:]))


def file(an_id: str, **changes: object) -> Change:
    def change(done: DoneStep) -> DoneStep:
        files = [entry.model_copy(update=changes if entry.id == an_id else {}) for entry in done.files]
        return done.model_copy(update={"files": tuple(files)})

    return replacing_step(PORTRAIT, change)


def same_picture(manifest: Manifest) -> Manifest:
    done = manifest.done_step(PORTRAIT)
    assert done is not None
    known = next(entry for entry in done.files if entry.id == FIRST)
    return file(SECOND, plain_sha256=known.plain_sha256)(manifest)


def attempts(*tried: LivenessAttempt) -> Change:
    """As the client keeps them, in a session in which a supervisor may decide whatever they say."""
    refusals = [attempt.refusal for attempt in tried if attempt.refusal is not None]
    codes = {Refusal.NOT_COMPARED: FailureCode.FACE_WORKER_FAILED}
    failed = tuple(FailedTry(code=codes.get(refusal, FailureCode.NOT_LIVE)) for refusal in refusals)
    return both(pictured_attempts(tried), portrait(failed_tries=failed))


def one_more(name: str = MORE, sha256: str = "77" * 32) -> Change:
    """Another file of a key picture."""
    return both(listed(PORTRAIT, also=f"holder.{name}"), file(f"holder.{name}", plain_sha256=sha256))


def first_attempt_without(manifest: Manifest) -> Manifest:
    """The refused attempt did a challenge, and has no picture of it."""
    liveness = portrait_of(manifest).liveness
    refused, *after = liveness.attempts
    gone = refused.pictures[0].file
    changed = portrait(liveness=liveness.changed(attempts=(refused.changed(pictures=()), *after)))(manifest)
    return listed(PORTRAIT, without=f"holder.{gone}")(changed)


def first_attempt_with_the_second(manifest: Manifest) -> Manifest:
    liveness = portrait_of(manifest).liveness
    refused, *after = liveness.attempts
    picture = after[0].pictures[1].changed(file=MORE)
    changed = portrait(liveness=liveness.changed(attempts=(refused.changed(pictures=(picture,)), *after)))(manifest)
    return one_more()(changed)


SLOW = REFUSED_ATTEMPT  # it did the first of two, and then took too long

CONTRADICTIONS: list[tuple[Question, Change]] = [
    (ASKED, both(one_more(), last(lambda two: (*two, two[0].changed(challenge=Challenge.TURN_LEFT, file=MORE))))),
    # Of one that was never asked, for the one before it was not done.
    (ASKED, both(attempts(SLOW.changed(done=0, depth_hint=0.0), LIVE), first_attempt_with_the_second)),
    (COMPLETE, both(last(lambda two: two[:1]), listed(PORTRAIT, without=SECOND))),
    (COMPLETE, both(last(lambda _: ()), listed(PORTRAIT, without=FIRST), listed(PORTRAIT, without=SECOND))),
    (COMPLETE, both(attempts(SLOW, LIVE), first_attempt_without)),
    (ONCE, last(lambda two: (two[0], two[1].changed(file=two[0].file)))),
    (ONCE, listed(PORTRAIT, without=SECOND)),
    (ONCE, one_more()),
    (ONCE, same_picture),
    (FIT, first(asked_s=-0.1)),
    (FIT, first(at_s=0.4)),
    (FIT, first(at_s=0.55)),  # sooner than anybody reacts
    (FIT, first(asked_s=0.0, at_s=14.0)),
    (FIT, first(at_s=4.0)),  # when the second was asked already
    (FIT, last(lambda two: (two[1], two[0]))),
    (FIT, first(amount=0.17)),  # of a nod that is none
    (FIT, first(amount=-0.3)),
    (FIT, first(amount=math.nan)),
    (FIT, first(amount=math.inf)),
    (FIT, first(at_s=math.nan)),
    (FIT, file(FIRST, plain_bytes=MOST_KEY_PICTURE_BYTES + 1)),
    (FIT, file(FIRST, plain_bytes=0)),
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == {question}


def test_two_pictures_of_one_challenge_are_found(built: BuiltPackage) -> None:
    """One of them is missing where it should be, too."""
    twice = last(lambda two: (two[0], two[1].changed(challenge=two[0].challenge)))
    assert failing(twice(built.manifest)) == {ONCE, COMPLETE}


def test_a_picture_of_what_was_not_drawn_instead_of_one_that_was(built: BuiltPackage) -> None:
    assert failing(first(challenge=Challenge.TURN_LEFT)(built.manifest)) == {ASKED, COMPLETE}


def test_a_plan_without_key_pictures_has_none_and_needs_none(built: BuiltPackage) -> None:
    """The rules of the day decide it, as of builtin/2, whose consent speaks of one photo."""
    unasked = option(PORTRAIT, key_pictures=False)
    bare = both(last(lambda _: ()), listed(PORTRAIT, without=FIRST), listed(PORTRAIT, without=SECOND))
    assert failing(both(unasked, bare)(built.manifest)) & {ASKED, COMPLETE, ONCE, FIT} == set()
    assert failing(unasked(built.manifest)) & {ASKED, COMPLETE, ONCE, FIT} == {ASKED}


@pytest.mark.parametrize("refusal", sorted(UNTOLD))
def test_a_check_that_told_nothing_of_the_person_has_no_picture(refusal: Refusal, built: BuiltPackage) -> None:
    made = pictured((LIVE, ENDED[refusal]))
    kept = made[0].pictures[:1]
    stolen = both(
        pictured_attempts((LIVE, ENDED[refusal])),
        lambda manifest: portrait(
            liveness=portrait_of(manifest).liveness.changed(
                attempts=(made[0].changed(pictures=made[0].pictures[1:]), made[1].changed(pictures=kept))
            )
        )(manifest),
    )
    assert ASKED in failing(stolen(built.manifest))


def test_a_refused_movement_may_have_a_picture_and_need_not(built: BuiltPackage) -> None:
    """It may be refused before anything was seen of it; and a wrong movement goes the other way."""
    without = attempts(SLOW, LIVE)

    def with_picture(manifest: Manifest) -> Manifest:
        liveness = portrait_of(manifest).liveness
        refused, after = liveness.attempts
        seen = refused.pictures[0].changed(
            file=MORE, challenge=refused.challenges[1], asked_s=3.5, at_s=3.52, amount=-0.2
        )
        told = liveness.changed(attempts=(refused.changed(pictures=(*refused.pictures, seen)), after))
        return both(portrait(liveness=told), one_more())(manifest)

    assert failing(without(built.manifest)) == set()
    assert failing(with_picture(without(built.manifest))) == set()


def test_a_check_that_was_passed_in_vain_has_pictures_until_another_is_judged(built: BuiltPackage) -> None:
    vain = ENDED[Refusal.NOT_COMPARED]
    assert [len(one.pictures) for one in pictured((vain, vain, LIVE))] == [0, 0, 2]
    assert [len(one.pictures) for one in pictured((SLOW, vain, ENDED[Refusal.INTERRUPTED]))] == [1, 2, 0]
    for tried in ((vain, LIVE), (vain, vain, LIVE)):
        assert failing(attempts(*tried)(built.manifest)) == set()

    def kept(manifest: Manifest) -> Manifest:
        liveness = portrait_of(manifest).liveness
        passed, after = liveness.attempts
        pictures = tuple(one.changed(file=f"key_picture_{number}") for number, one in enumerate(after.pictures, 5))
        told = liveness.changed(attempts=(passed.changed(pictures=pictures), after))
        files = (one_more(f"key_picture_{number}", f"{number}" * 64) for number in (5, 6))
        return both(portrait(liveness=told), *files)(manifest)

    assert failing(kept(attempts(vain, LIVE)(built.manifest))) == {ASKED}
