"""Every refusal as it comes about, with its words on both screens, and what it costs."""

import itertools
from collections.abc import Callable

import pytest

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS, MOST_UNCOUNTED_ATTEMPTS
from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.domain.liveness import CONSEQUENCES, UNTOLD, Advice, Consequence, Refusal
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.repetition import Repetition
from hallclient.domain.supervised_way import SupervisedWay
from tests.hallclient.domain.program_face import acted, face
from tests.journeys.portrait_screens import Screens
from tests.journeys.scripted_person import (
    GOOD,
    LEFT,
    NO_FACE_SEEN,
    NOBODY,
    PICTURE_S,
    RESTING,
    RIGHT,
    TWO,
    held,
    seen,
)
from ui import wording

# How each refusal comes about, from the first challenge (a turn to the left) on.


def _leaves(screens: Screens) -> None:
    screens.does(then=itertools.repeat(NOBODY))


def _second_face(screens: Screens) -> None:
    screens.does(GOOD, then=itertools.repeat(TWO))


def _jumps(screens: Screens) -> None:
    screens.does(GOOD, seen(face(centre=(100, 100))), GOOD)


def _other_way(screens: Screens) -> None:
    screens.does(GOOD, *map(seen, acted(RIGHT)))


def _is_flat(screens: Screens) -> None:
    screens.person.deep = False
    screens.does(GOOD, *map(seen, acted(LEFT)), *RESTING)


def _repeats(repetition: Repetition) -> Callable[[Screens], None]:
    def begin(screens: Screens) -> None:
        screens.person.repetition = repetition
        screens.does(GOOD, GOOD)

    return begin


def _turns_too_little(screens: Screens) -> None:
    """The advice is read; then nothing comes of it."""
    screens.does(*held(LEFT, 0.3))
    screens.until(lambda: screens.hint == wording.ADVICE[Advice.TURN_MORE])
    screens.does(then=itertools.repeat(GOOD))


def _changes_places(screens: Screens) -> None:
    screens.matcher.lowest_likeness = 0.1
    screens.does_all()


def _camera_stops(screens: Screens) -> None:
    screens.camera.failure = KnownError(FailureCode.CAMERA_STOPPED)
    screens.does(GOOD, GOOD)


def _engine_fails(screens: Screens) -> None:
    screens.does(KnownError(FailureCode.FACE_WORKER_FAILED))


def _computer_slow(screens: Screens) -> None:
    screens.person.missed = 4
    screens.does(then=itertools.repeat(GOOD))
    screens.until(lambda: screens.person.waits)  # nobody's fault: once it begins anew and asks the same again
    screens.until_asked()
    screens.does(then=itertools.repeat(GOOD))


def _camera_slow(screens: Screens) -> None:
    screens.camera.picture_s = 0.3
    screens.does(then=itertools.repeat(GOOD))


def _clerk_stops(screens: Screens) -> None:
    screens.view.leave.trigger()
    screens.does(GOOD, GOOD)
    screens.until(lambda: screens.page.headline.text() == wording.Portrait.HEADLINE_PAUSED)
    screens.view._back.trigger()


def _not_compared(screens: Screens) -> None:
    screens.matcher.failure = KnownError(FailureCode.FACE_WORKER_FAILED)
    screens.does_all()


REFUSED: dict[Refusal, tuple[Callable[[Screens], None], FailureCode]] = {
    Refusal.FACE_LOST: (_leaves, FailureCode.NOT_LIVE),
    Refusal.SECOND_FACE: (_second_face, FailureCode.NOT_LIVE),
    Refusal.JUMP: (_jumps, FailureCode.NOT_LIVE),
    Refusal.WRONG_MOVEMENT: (_other_way, FailureCode.NOT_LIVE),
    Refusal.FLAT: (_is_flat, FailureCode.NOT_LIVE),
    Refusal.FROZEN: (_repeats(Repetition.FROZEN), FailureCode.NOT_LIVE),
    Refusal.REPEATED: (_repeats(Repetition.REPEATED), FailureCode.NOT_LIVE),
    Refusal.TOO_SLOW: (_turns_too_little, FailureCode.NOT_LIVE),
    Refusal.OTHER_PERSON: (_changes_places, FailureCode.NOT_LIVE),
    Refusal.INTERRUPTED: (_camera_stops, FailureCode.CAMERA_STOPPED),
    Refusal.COMPUTER_FAILED: (_engine_fails, FailureCode.FACE_WORKER_FAILED),
    Refusal.COMPUTER_TOO_SLOW: (_computer_slow, FailureCode.COMPUTER_TOO_SLOW),
    Refusal.CAMERA_TOO_SLOW: (_camera_slow, FailureCode.CAMERA_TOO_SLOW),
    Refusal.STOPPED_BY_CLERK: (_clerk_stops, FailureCode.CHECK_STOPPED),
    Refusal.NOT_COMPARED: (_not_compared, FailureCode.FACE_WORKER_FAILED),
}


def refuse(screens: Screens, refusal: Refusal) -> None:
    REFUSED[refusal][0](screens)
    screens.until_refused()


def mend(screens: Screens) -> None:
    """All is well again, also with the person."""
    screens.person.deep, screens.person.repetition, screens.person.missed = True, None, 0
    screens.person.asked = None
    screens.camera.failure, screens.camera.picture_s = None, PICTURE_S
    screens.matcher.failure, screens.matcher.lowest_likeness = None, 0.9
    screens.person.does(then=itertools.repeat(GOOD))


# What a first refusal costs, as the clerk reads it.
COST = {
    Consequence(counts=True, asks_the_same=False, bounded=True): "这一次计入客户的次数，还剩 2 次。",
    Consequence(counts=True, asks_the_same=True, bounded=True): "这一次计入客户的次数，还剩 2 次。",
    Consequence(counts=False, asks_the_same=True, bounded=True): (
        "这一次不计客户的次数，客户还剩 3 次。中止和中断合计最多 3 次，还剩 2 次。"
    ),
    Consequence(counts=False, asks_the_same=False, bounded=False): "这一次不计客户的次数，客户还剩 3 次。",
}


@pytest.mark.parametrize("refusal", Refusal)
def test_a_refusal_is_explained_and_the_next_attempt_begins_with_what_to_do_otherwise(
    refusal: Refusal, screens: Screens
) -> None:
    screens.customer.consent.agree.click()
    asked = screens.until_asked()
    refuse(screens, refusal)
    page, code = screens.page, REFUSED[refusal][1]

    # Why, before the clerk; and no blame where there is none. The customer waits, and reads nothing of it.
    assert [each.refusal for each in screens.portrait.facts.liveness.attempts] == [refusal]
    assert page.banner.error is not None
    assert page.banner.error.code is code
    assert FAILURES[code].cause in page.banner.cause.text()
    assert page.headline.text() == wording.Portrait.HEADLINE_PAUSED
    blamed = code is FailureCode.NOT_LIVE
    lack = Advice.TURN_MORE if refusal is Refusal.TOO_SLOW else None  # somebody who turned, and too little
    otherwise = wording.next_time(refusal, lack)
    why = f"! 刚才：{wording.failed_because(refusal, lack)}。" if blamed else ""
    also = "也可以改走人工核验。" if page.secondary_action.isEnabled() else ""
    assert screens.status == why + COST[CONSEQUENCES[refusal]] + also
    remedy = f"重试前请告诉客户：{otherwise}" if blamed else FAILURES[code].remedy
    assert page.banner.remedy.text() == remedy  # the same that the customer reads with the next try
    assert screens.customer.look.sentence == wording.Customer.LOOK_PAUSED
    assert screens.hint == wording.Customer.LOOK_PAUSED_HINT
    screens.shoot(f"refused_{refusal}")

    # The count: at most what `CONSEQUENCES` says.
    liveness, after = screens.portrait.facts.liveness, CONSEQUENCES[refusal]
    assert (liveness.counted, liveness.uncounted) == (int(after.counts), int(after.bounded and not after.counts))
    assert not (blamed and not after.counts)
    assert liveness.may_try_again

    # The next attempt begins by saying what to do otherwise, on both screens, until something is asked.
    mend(screens)
    screens.person.does(*[GOOD] * 6)
    screens.again()
    screens.until(lambda: screens.person.waits and page.status.text() != wording.Portrait.STATUS_LOOK)
    screens.until(lambda: screens.customer.look.sentence == wording.Customer.LOOK_GOOD)
    assert screens.hint == otherwise
    assert screens.status == wording.Portrait.NEXT_TIME.format(advice=otherwise)
    label = screens.customer.look.hint
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()  # one line, whole
    screens.shoot(f"next_{refusal}")
    screens.does(then=itertools.repeat(GOOD))
    assert (screens.until_asked() is asked) or refusal not in UNTOLD
    assert screens.hint == wording.Customer.CHALLENGE_HINT
    screens.does_all()
    screens.until(page.primary_action.isEnabled)
    assert screens.portrait.facts.liveness.live
    assert page.liveness.text().startswith("活体检测通过")


@pytest.mark.parametrize("refusal", [refusal for refusal in Refusal if CONSEQUENCES[refusal].bounded])
def test_when_no_attempt_is_left_the_other_way_is_offered_and_nothing_else(refusal: Refusal, screens: Screens) -> None:
    screens.customer.consent.agree.click()
    most = MOST_ATTEMPTS if CONSEQUENCES[refusal].counts else MOST_UNCOUNTED_ATTEMPTS
    for number in range(1, most + 1):
        screens.until_asked()
        refuse(screens, refusal)
        assert len(screens.portrait.facts.liveness.attempts) == number
        assert screens.portrait.may_try_again == (number < most)
        if number < most:
            left = most - number
            assert f"还剩 {left} 次。" in screens.status  # before it is too late
            assert (MOST_ATTEMPTS - left == number) is (most == MOST_ATTEMPTS)
            mend(screens)
            screens.again()
    page = screens.page
    if CONSEQUENCES[refusal].counts:
        why = "客户的 3 次都用完了，请改走人工核验"
    elif refusal is Refusal.STOPPED_BY_CLERK:
        why = "检测已中止 3 次，不能再试，请改走人工核验"  # the customer has failed nothing
    else:
        why = "检测已中断 3 次，不能再试，请改走人工核验"
    assert page.banner.remedy.text() == why
    reason = wording.failed_because(refusal, Advice.TURN_MORE)
    cause = reason if REFUSED[refusal][1] is FailureCode.NOT_LIVE else FAILURES[REFUSED[refusal][1]].cause
    assert screens.status == f"! 刚才：{cause}。"
    screens.shoot(f"last_{refusal}")
    assert not page.banner.again.isEnabled()
    assert page.secondary_action.isEnabled()
    assert screens.portrait.supervised_way is SupervisedWay.NO_TRY_LEFT
    mend(screens)
    page.secondary_action.trigger()  # there is no try that it would take away: nothing is asked
    screens.until(page.primary_action.isEnabled)
    assert not screens.portrait.facts.liveness.live
    assert screens.customer.page.sentence == wording.Customer.SUPERVISED  # and not that something was compared


@pytest.mark.parametrize("slow", [FailureCode.COMPUTER_TOO_SLOW, FailureCode.CAMERA_TOO_SLOW])
def test_too_slow_for_any_challenge_is_said_as_such_counts_no_attempt_and_leaves_the_other_way(
    slow: FailureCode, screens: Screens
) -> None:
    if slow is FailureCode.COMPUTER_TOO_SLOW:
        screens.person.missed = 4
    else:
        screens.camera.picture_s = 0.3
    screens.customer.consent.agree.click()
    page = screens.page
    for number in range(1, MOST_ATTEMPTS + 2):  # more often than there are attempts
        screens.until_refused()
        assert page.banner.error is not None
        assert page.banner.error.code is slow
        assert screens.person.asked is None  # nothing was ever asked
        assert screens.portrait.facts.liveness.attempts == ()
        assert len(screens.portrait.facts.failed_tries) == number
        assert FAILURES[slow].cause in page.banner.cause.text()
        assert page.banner.remedy.text() == FAILURES[slow].remedy  # also the last time
        also = "也可以改走人工核验。" if page.secondary_action.isEnabled() else ""
        assert screens.status == f"这一次不计客户的次数，客户还剩 3 次。{also}"
        assert screens.customer.look.sentence == wording.Customer.LOOK_PAUSED
        assert page.secondary_action.isEnabled() is (number > 1)
        screens.again()
    mend(screens)
    screens.person.does(then=itertools.repeat(GOOD))
    screens.does_all()
    screens.until(page.primary_action.isEnabled)
    assert screens.portrait.facts.face is not None
    assert screens.portrait.facts.face.comparison.decision is Decision.MATCHED


def test_the_next_try_begins_with_what_the_last_one_lacked_and_no_earlier_one(screens: Screens) -> None:
    """Stopped by the clerk, and then nobody before the camera: nobody has waited for long, and nobody sits there."""
    screens.customer.consent.agree.click()
    screens.until_asked()
    refuse(screens, Refusal.STOPPED_BY_CLERK)
    look = screens.customer.look
    screens.person.does(then=itertools.repeat(NO_FACE_SEEN))
    screens.again()
    screens.until(lambda: look.hint.text() == wording.NEXT_TIME[Refusal.STOPPED_BY_CLERK])
    screens.until_refused()
    assert screens.page.banner.error is not None
    assert screens.page.banner.error.code is FailureCode.NO_USABLE_FACE
    assert screens.status.startswith("这一次不计客户的次数，客户还剩 3 次。")
    mend(screens)
    screens.person.does(*[GOOD] * 2)
    screens.again()
    assert screens.hint == wording.QUALITY_ISSUES[QualityIssue.NO_FACE]


def test_the_table_is_whole() -> None:
    """Another refusal is walked here before it can be without words on either screen."""
    assert REFUSED.keys() == set(Refusal) == wording.NEXT_TIME.keys() == wording.LIVENESS_REFUSALS.keys()
