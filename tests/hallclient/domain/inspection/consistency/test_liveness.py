"""Attempts at a live face that contradict themselves, each other or the rules of the draw do not hold."""

from itertools import product

import pytest

from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import (
    MOST_ATTEMPTS,
    MOST_UNCOUNTED_ATTEMPTS,
    LivenessAttempt,
    LivenessFacts,
)
from hallclient.domain.evidence.facts.portrait import FailedTry
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.failures import FailureCode
from hallclient.domain.inspection_question import Question
from hallclient.domain.liveness import PAIRS, Challenge, Refusal
from hallclient.domain.quality_issue import QualityIssue
from tests.attempts import LIVE, REFUSED_ATTEMPT
from tests.hallclient.domain.inspection.consistency.changes import (
    Change,
    failing,
    pictured_attempts,
    portrait,
    portrait_of,
)
from tests.packages import BuiltPackage

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge

# What each refusal leaves, as the client keeps it.
ENDED = {refusal: REFUSED_ATTEMPT.changed(refusal=refusal) for refusal in Refusal}
for broken_off in (Refusal.INTERRUPTED, Refusal.COMPUTER_FAILED, Refusal.STOPPED_BY_CLERK):
    ENDED[broken_off] = REFUSED_ATTEMPT.changed(refusal=broken_off, done=0, depth_hint=0.0)
ENDED[Refusal.OTHER_PERSON] = LIVE.changed(refusal=Refusal.OTHER_PERSON, likeness=0.1)
ENDED[Refusal.FLAT] = REFUSED_ATTEMPT.changed(refusal=Refusal.FLAT, done=0)
ENDED[Refusal.NOT_COMPARED] = LIVE.changed(refusal=Refusal.NOT_COMPARED)
FAILED = {
    Refusal.COMPUTER_TOO_SLOW: FailureCode.COMPUTER_TOO_SLOW,
    Refusal.CAMERA_TOO_SLOW: FailureCode.CAMERA_TOO_SLOW,
    Refusal.STOPPED_BY_CLERK: FailureCode.CHECK_STOPPED,
    Refusal.INTERRUPTED: FailureCode.CAMERA_STOPPED,
    Refusal.COMPUTER_FAILED: FailureCode.FACE_WORKER_FAILED,
    Refusal.NOT_COMPARED: FailureCode.FACE_WORKER_FAILED,
}
NOT_LIVE = FailedTry(code=FailureCode.NOT_LIVE)


def failing_of_attempts(manifest: Manifest) -> set[Question]:
    """When a supervisor may decide is asked elsewhere: these checks end in any way."""
    return failing(manifest) - {Question.SUPERVISED_WAY_OPEN}


def holds(question: Question, manifest: Manifest) -> bool:
    return question not in failing(manifest)


def attempts(*tried: LivenessAttempt) -> Change:
    """These attempts, and a failed try for each that was refused."""
    codes = [FAILED.get(one.refusal, FailureCode.NOT_LIVE) for one in tried if one.refusal is not None]
    return facts(tuple(FailedTry(code=code) for code in codes), attempts=tried)


def facts(failed_tries: tuple[FailedTry, ...], **liveness: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        told = portrait_of(manifest).liveness.changed(**liveness)
        tried = portrait(liveness=told, failed_tries=failed_tries)(manifest)
        return pictured_attempts(told.attempts)(tried)

    return change


def tries(*failed: FailedTry) -> Change:
    return facts(failed)


def refusing(camera: DeviceIdentity | None) -> Change:
    """Refused as a virtual one: `camera`, or the one that took the pictures."""

    def change(manifest: Manifest) -> Manifest:
        taking = portrait_of(manifest).cameras
        return portrait(refused_cameras=taking if camera is None else (camera,))(manifest)

    return change


def live(**changes: object) -> LivenessAttempt:
    return LIVE.changed(**changes)


def of(refusal: Refusal, **changes: object) -> LivenessAttempt:
    return ENDED[refusal].changed(**changes)


def refused(refusal: Refusal, times: int = 1) -> tuple[LivenessAttempt, ...]:
    return (ENDED[refusal],) * times


SLOW, FLAT, STOPPED = Refusal.COMPUTER_TOO_SLOW, Refusal.FLAT, Refusal.STOPPED_BY_CLERK
SEEN_SLOWLY = {"challenges": (LEFT, NOD), "looks_per_s": 5.0}

CONTRADICTIONS: list[tuple[Question, Change]] = [
    (Question.ATTEMPTS_FEW, attempts(*refused(FLAT, MOST_ATTEMPTS), LIVE)),
    (Question.ATTEMPTS_FEW, attempts(*refused(FLAT, MOST_ATTEMPTS + 1))),
    (Question.ATTEMPTS_FEW, attempts(*refused(FLAT, MOST_ATTEMPTS), *refused(STOPPED))),
    (Question.ATTEMPTS_FEW, attempts(*refused(SLOW, MOST_UNCOUNTED_ATTEMPTS), LIVE)),
    (Question.ATTEMPTS_FEW, attempts(*refused(SLOW, MOST_UNCOUNTED_ATTEMPTS + 1))),
    (Question.ATTEMPTS_FEW, attempts(*refused(STOPPED, 2), *refused(SLOW), *refused(FLAT))),
    (Question.ATTEMPTS_FEW, attempts(LIVE, *refused(FLAT))),
    (Question.ATTEMPTS_FEW, attempts(LIVE, LIVE)),
    (Question.CHALLENGES_DRAWN, attempts(live(challenges=(NOD,), done=1))),
    (Question.CHALLENGES_DRAWN, attempts(live(challenges=(NOD, NOD)))),
    (Question.CHALLENGES_DRAWN, attempts(live(challenges=(NOD, LEFT, RIGHT), done=3))),
    (Question.CHALLENGES_DRAWN, attempts(live(challenges=(BLINK, OPEN_MOUTH), depth_hint=0.0))),
    (Question.CHALLENGES_DRAWN, attempts(of(FLAT, challenges=(NOD, NOD)), LIVE)),
    *[
        (Question.CHALLENGES_DRAWN, attempts(of(told_nothing, done=0), live(challenges=other)))
        for told_nothing, other in (
            (Refusal.INTERRUPTED, (LEFT, NOD)),
            (Refusal.COMPUTER_FAILED, (BLINK, NOD)),
            (SLOW, (LEFT, BLINK)),
            (Refusal.CAMERA_TOO_SLOW, (RIGHT, OPEN_MOUTH)),
            (STOPPED, (OPEN_MOUTH, NOD)),
        )
    ],
    (Question.CHALLENGES_DRAWN, facts((), drawn=(BLINK, OPEN_MOUTH), attempts=refused(Refusal.NOT_COMPARED))),
    (Question.CHALLENGES_DRAWN, facts((), drawn=(NOD, BLINK), attempts=(LIVE,))),
    (Question.CHALLENGES_DRAWN, facts((), drawn=(NOD, BLINK), attempts=refused(Refusal.INTERRUPTED, 3))),
    (Question.CHALLENGES_DRAWN, facts((), drawn=(LEFT, NOD), attempts=refused(Refusal.INTERRUPTED))),
    (Question.PASSED_BY_CHALLENGES, attempts(live(looks_per_s=11.9))),
    (Question.PASSED_BY_CHALLENGES, attempts(live(**SEEN_SLOWLY | {"looks_per_s": 4.9}))),
    (Question.PASSED_BY_CHALLENGES, attempts(live(likeness=None))),
    (Question.PASSED_BY_CHALLENGES, attempts(live(likeness=0.49))),
    (Question.PASSED_BY_CHALLENGES, attempts(live(looks_per_s=25.0))),
    (Question.PASSED_BY_CHALLENGES, attempts(of(Refusal.OTHER_PERSON, likeness=0.9), LIVE)),
    (Question.PASSED_BY_CHALLENGES, attempts(of(Refusal.NOT_COMPARED, likeness=-1.0), LIVE)),
    (Question.PASSED_BY_CHALLENGES, attempts(of(Refusal.NOT_COMPARED, looks_per_s=0.0), LIVE)),
    *[
        (Question.ATTEMPTS_FIT, attempts(attempt, LIVE))
        for attempt in (
            of(FLAT, done=-1),
            of(FLAT, done=2),
            of(Refusal.WRONG_MOVEMENT, done=2),
            of(Refusal.FACE_LOST, done=2),
            of(Refusal.SECOND_FACE, done=2),
            of(Refusal.TOO_SLOW, done=3),
            of(Refusal.OTHER_PERSON, done=1, likeness=None),
            of(Refusal.NOT_COMPARED, done=0, depth_hint=0.0, likeness=None),
            of(Refusal.INTERRUPTED, done=1, depth_hint=0.9),
            of(Refusal.INTERRUPTED, depth_hint=0.1),
            of(Refusal.COMPUTER_FAILED, done=1, depth_hint=0.9),
            of(STOPPED, looks_per_s=11.9),
            of(Refusal.INTERRUPTED, likeness=0.8),
            of(FLAT, likeness=0.8),
            of(SLOW, likeness=0.8),
            of(Refusal.OTHER_PERSON, likeness=float("nan")),
            of(Refusal.NOT_COMPARED, likeness=1.1),
            of(FLAT, looks_per_s=-1.0),
            of(FLAT, looks_per_s=float("nan")),
            of(FLAT, looks_per_s=float("inf")),
            of(Refusal.TOO_SLOW, depth_hint=0.0),  # of a nod that was done
            of(FLAT, done=1),  # while a blink was asked
            of(FLAT, looks_per_s=4.9),
            of(Refusal.WRONG_MOVEMENT, looks_per_s=0.1),
            of(Refusal.INTERRUPTED, process_losses=1),
            of(Refusal.TOO_SLOW, process_losses=3),
            of(FLAT, depth_hint=1.1),
            of(FLAT, depth_hint=float("nan")),
            of(FLAT, done=0, depth_hint=-0.1),
            of(Refusal.TOO_SLOW, challenges=(OPEN_MOUTH, NOD), done=0, depth_hint=0.9),  # its nod was not asked yet
        )
    ],
    (Question.ATTEMPTS_FIT, attempts(live(likeness=1.1))),
    (Question.ATTEMPTS_FIT, attempts(live(likeness=float("inf")))),
    (Question.ATTEMPTS_FIT, attempts(live(depth_hint=0.0))),
    (Question.ATTEMPTS_FIT, facts((), models={})),
    (Question.ATTEMPTS_FIT, facts((), attempts=())),
    (Question.ATTEMPTS_FIT, facts((), models={"mesh.tflite": "1"})),
    (Question.ATTEMPTS_FIT, facts((), models={"": "1" * 64})),
    (Question.TRIES_FIT, tries(NOT_LIVE)),
    (Question.TRIES_FIT, facts((), attempts=(*refused(FLAT), LIVE))),
    (Question.TRIES_FIT, facts((NOT_LIVE, NOT_LIVE), attempts=(*refused(FLAT), LIVE))),
    (Question.TRIES_FIT, facts((NOT_LIVE,), attempts=(*refused(SLOW), LIVE))),
    (Question.TRIES_FIT, facts((), attempts=(*refused(SLOW), LIVE))),
    (Question.TRIES_FIT, facts((), attempts=(*refused(STOPPED), LIVE))),
    (Question.TRIES_FIT, tries(FailedTry(code=FailureCode.DISK_FULL))),
    (Question.TRIES_FIT, tries(FailedTry(code=FailureCode.CAMERA_VIRTUAL))),  # and none that was refused
    (Question.TRIES_FIT, refusing(DeviceIdentity("a good one", practice=False))),
    (Question.TRIES_FIT, refusing(None)),
    (Question.TRIES_FIT, tries(FailedTry(code=FailureCode.CAMERA_MISSING, issue=QualityIssue.TOO_DARK))),
]

GENUINE = [
    attempts(LIVE),
    attempts(live(looks_per_s=12.0)),
    attempts(live(**SEEN_SLOWLY)),
    attempts(live(likeness=1.0000001)),
    attempts(*refused(FLAT, MOST_ATTEMPTS - 1), LIVE),
    attempts(of(FLAT, challenges=(LEFT, RIGHT)), LIVE),
    attempts(*refused(STOPPED, MOST_UNCOUNTED_ATTEMPTS - 1), *refused(FLAT, MOST_ATTEMPTS - 1), LIVE),
    attempts(*refused(Refusal.NOT_COMPARED, 9), LIVE),
    attempts(of(Refusal.NOT_COMPARED, likeness=None), live(challenges=(LEFT, NOD))),
    attempts(*refused(Refusal.INTERRUPTED), of(SLOW, looks_per_s=4.0), LIVE),
    # Of a pair of which one challenge was done the other was seen: others are drawn.
    attempts(of(STOPPED, done=1), live(challenges=(LEFT, RIGHT))),
    attempts(of(SLOW, done=1), live(challenges=(LEFT, RIGHT))),
    # A blink that a slower computer cannot see any more.
    attempts(*refused(Refusal.INTERRUPTED), live(challenges=(NOD, RIGHT), looks_per_s=7.0)),
    # Drawn, and then the clerk turned to something else before anybody saw it.
    facts((NOT_LIVE,), drawn=(LEFT, NOD), attempts=refused(FLAT)),
    # Another picture pushed in front of the camera after the last movement; too slow when all was done.
    *[
        attempts(of(late, done=2), LIVE)
        for late in (Refusal.JUMP, Refusal.FROZEN, Refusal.REPEATED, Refusal.TOO_SLOW, SLOW, Refusal.CAMERA_TOO_SLOW)
    ],
    # A frozen picture before anything was asked: nothing was looked at yet.
    attempts(of(Refusal.FROZEN, done=0, looks_per_s=0.0, depth_hint=0.0), LIVE),
    attempts(of(Refusal.OTHER_PERSON, likeness=None), LIVE),
    attempts(of(FLAT, challenges=(OPEN_MOUTH, NOD), done=1, depth_hint=0.0), LIVE),
    attempts(of(Refusal.FACE_LOST, challenges=(NOD, OPEN_MOUTH), done=0, depth_hint=0.9), LIVE),  # on its way back
    facts((), attempts=(*refused(Refusal.INTERRUPTED), LIVE)),  # the program ended
    facts((), attempts=(*refused(Refusal.COMPUTER_FAILED), LIVE)),  # of a fault of our own
    tries(FailedTry(code=FailureCode.COMPUTER_TOO_SLOW), FailedTry(code=FailureCode.CHECK_STOPPED)),
    tries(FailedTry(code=FailureCode.NO_USABLE_FACE, issue=QualityIssue.TOO_DARK)),
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    assert failing_of_attempts(change(built.manifest)) == {question}


@pytest.mark.parametrize("change", GENUINE)
def test_what_a_genuine_session_may_say_is_no_contradiction(change: Change, built: BuiltPackage) -> None:
    assert failing_of_attempts(change(built.manifest)) == set()


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_may_come_before_a_passed_attempt(refusal: Refusal, built: BuiltPackage) -> None:
    assert failing_of_attempts(attempts(*refused(refusal), LIVE)(built.manifest)) == set()


def test_attempts_hold_in_every_order_in_which_another_one_was_allowed(built: BuiltPackage) -> None:
    for refusals in product((FLAT, Refusal.CAMERA_TOO_SLOW, SLOW, STOPPED), repeat=4):
        made = tuple(ENDED[refusal] for refusal in refusals)
        allowed = all(LivenessFacts(attempts=made[:before]).may_try_again for before in range(len(made)))
        assert holds(Question.ATTEMPTS_FEW, attempts(*made)(built.manifest)) is allowed


def test_a_blink_is_not_passed_at_what_nobody_would_have_drawn_it_at(built: BuiltPackage) -> None:
    """As it was found: one challenge, at 5 looks a second, after a check of two others that was broken off."""
    forged = (of(Refusal.INTERRUPTED, challenges=(LEFT, NOD)), live(challenges=(BLINK,), done=1, looks_per_s=5.0))
    failed = failing(attempts(*forged)(built.manifest))
    assert {Question.CHALLENGES_DRAWN, Question.PASSED_BY_CHALLENGES} <= failed


def test_every_pair_passes_at_the_rate_at_which_it_is_drawn(built: BuiltPackage) -> None:
    for pair in PAIRS:
        least = 12.0 if BLINK in pair else 5.0
        for looks_per_s, passes in ((least, True), (least - 0.1, False)):
            changed = attempts(live(challenges=pair, looks_per_s=looks_per_s))(built.manifest)
            assert holds(Question.PASSED_BY_CHALLENGES, changed) is passes
