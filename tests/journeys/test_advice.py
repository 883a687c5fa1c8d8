"""Every advice as it comes about during the check, with its words on both screens."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from hallclient.domain.liveness import Advice, Challenge
from tests.hallclient.domain.program_face import BUMP, face, mapped
from tests.journeys.portrait_screens import Lot, Screens
from tests.journeys.scripted_person import (
    BLINK,
    GOOD,
    LEFT,
    NOBODY,
    NOD,
    OPEN_MOUTH,
    RESTING,
    RIGHT,
    TWO,
    Look,
    acts,
    held,
    seen,
    turned,
)
from ui import wording

_SMILING = mapped(face(nod_deg=4), (1, 0, 0, 0.92), (0, 0))


@dataclass(frozen=True)
class Lack:
    """Who is asked for `pair`, does `looks` until the advice is said, follows it by `mended`, and does the `rest`."""

    pair: tuple[Challenge, Challenge]
    looks: Sequence[Look]
    mended: Sequence[Look]
    rest: Sequence[Look] = ()
    between: bool = False  # the first challenge was done
    missed: int = 0  # pictures, before the looks


def _first(challenge: Challenge) -> Sequence[Look]:
    return acts(challenge, *BUMP)


ADVISED: dict[Advice, Lack] = {
    Advice.SHOW_FACE: Lack((LEFT, BLINK), [NOBODY] * 2, [GOOD], _first(LEFT)),
    Advice.ONE_FACE: Lack((LEFT, BLINK), [TWO] * 2, [GOOD], _first(LEFT)),
    Advice.FACE_CAMERA: Lack(
        (LEFT, BLINK), [*_first(LEFT), *turned(8, 16, 20, 20)], [*turned(10), *RESTING], between=True
    ),
    Advice.OPEN_EYES: Lack((BLINK, LEFT), held(BLINK, 1), acts(BLINK, 0.7, 0.3, 0)),
    Advice.HOLD_STILL: Lack((LEFT, BLINK), [*_first(LEFT), *[GOOD, seen(face(mouth=0.3))] * 9], RESTING, between=True),
    Advice.TURN_MORE: Lack((LEFT, BLINK), held(LEFT, 0.3), acts(LEFT, 0.7, 1), acts(LEFT, 0.7, 0.3, 0)),
    Advice.TURN_LESS: Lack((RIGHT, BLINK), turned(8, 16, 24, 32, 40, 50, 50), turned(40, 32), turned(24, 16, 8, 0)),
    Advice.TURN_BACK: Lack((LEFT, BLINK), held(LEFT, 1), acts(LEFT, 0.7, 0.3, 0)),
    Advice.NOD_MORE: Lack((NOD, BLINK), held(NOD, 0.3), acts(NOD, 0.7, 1), acts(NOD, 0.7, 0.3, 0)),
    Advice.RAISE_HEAD: Lack((NOD, BLINK), held(NOD, 1), acts(NOD, 0.7, 0.3, 0)),
    Advice.SMILE_LESS: Lack((NOD, BLINK), [seen(_SMILING)] * 14, [GOOD], _first(NOD)),
    Advice.OPEN_WIDER: Lack((OPEN_MOUTH, LEFT), held(OPEN_MOUTH, 0.4), acts(OPEN_MOUTH, 1), acts(OPEN_MOUTH, 0.5, 0)),
    Advice.CLOSE_MOUTH: Lack((OPEN_MOUTH, LEFT), held(OPEN_MOUTH, 1), acts(OPEN_MOUTH, 0.7, 0.3, 0)),
    Advice.MORE_SLOWLY: Lack(
        (LEFT, BLINK), [GOOD, *acts(LEFT, 0.7), *RESTING[:3]], acts(LEFT, 0.5, 0.8), acts(LEFT, 1, 0.5, 0)
    ),
    Advice.AGAIN_UNSEEN: Lack((LEFT, BLINK), [replace(GOOD, after_loss=True), *RESTING], _first(LEFT)),
    Advice.AGAIN_BUSY: Lack((LEFT, BLINK), RESTING, _first(LEFT), missed=16),
}


@pytest.mark.parametrize("advice", Advice)
def test_what_is_missing_is_read_on_both_screens_while_it_is_true_and_no_longer(
    advice: Advice, screens: Screens, lot: Lot
) -> None:
    lack = ADVISED[advice]
    lot.pair = lack.pair
    screens.customer.consent.agree.click()
    asked = screens.until_asked()
    assert asked is lack.pair[0]
    page, look = screens.page, screens.customer.look
    if lack.missed:
        screens.person.missed = lack.missed
        screens.does(GOOD)
        screens.until(lambda: screens.person.waits)
        screens.person.missed = 0
    screens.does(*lack.looks)
    screens.until(lambda: screens.hint == wording.ADVICE[advice])
    screens.until(lambda: screens.person.waits)  # it is still true

    # The customer: what is asked, and one line of what is missing; the clerk: the same.
    screens.until(lambda: look.challenge is (None if lack.between else asked))
    assert look.title.text() == (wording.Customer.LOOK if lack.between else wording.CHALLENGES[asked])
    assert look.hint.text() == wording.ADVICE[advice]
    assert "\n" not in look.hint.text()
    assert look.hint.fontMetrics().horizontalAdvance(look.hint.text()) <= look.hint.width()
    assert wording.ADVICE[advice] in screens.status
    assert [other for other in Advice if wording.ADVICE[other] in screens.status] == [advice]
    assert not page.banner.isVisible()
    places = look.title.geometry(), look.view.geometry(), page.status.geometry(), page.view.geometry()
    screens.shoot(f"advice_{advice}")

    # In time: whoever follows it now passes. It goes by itself, and nothing jumps when it does.
    screens.does(*lack.mended)
    screens.until(lambda: screens.person.waits and screens.hint == wording.Customer.CHALLENGE_HINT)
    screens.until(lambda: wording.ADVICE[advice] not in screens.status)
    assert places == (look.title.geometry(), look.view.geometry(), page.status.geometry(), page.view.geometry())
    if screens.person.asked is asked:
        screens.does(*lack.rest, then=itertools.repeat(GOOD))
    screens.until(lambda: look.challenge is lack.pair[1])
    assert screens.until_asked() is lack.pair[1]
    screens.does(*_first(lack.pair[1]), then=itertools.repeat(GOOD))
    screens.until(page.primary_action.isEnabled)
    assert [each.refusal for each in screens.portrait.facts.liveness.attempts] == [None]


def test_who_does_not_sit_still_is_told_so_before_anything_is_asked(screens: Screens, lot: Lot) -> None:
    """The picture is good and there is no issue about it, but a blink is asked of a face at rest only."""
    lot.pair = (BLINK, LEFT)
    talking = itertools.cycle([GOOD, seen(face(mouth=0.3))])
    words = wording.ADVICE[Advice.HOLD_STILL]
    sentence = wording.Customer.LOOK_ISSUE.format(issue=words)

    def is_said() -> bool:
        """Somebody who talks until they read it."""
        if screens.person.waits and screens.customer.look.sentence != sentence:
            screens.person.does(*itertools.islice(talking, 4))
        return screens.customer.look.sentence == sentence

    screens.person.does(*itertools.islice(talking, 40))
    screens.customer.consent.agree.click()
    screens.until(is_said)
    assert screens.hint == wording.Customer.LOOK_HINT
    assert screens.status == wording.Portrait.ISSUE.format(issue=words)
    screens.shoot("still")
    screens.person.does(then=itertools.repeat(GOOD))
    assert screens.until_asked() is BLINK
    assert words not in (screens.customer.look.sentence, screens.hint, screens.status)


def test_the_table_is_whole() -> None:
    """Another advice is walked here before it can be without words on either screen."""
    assert ADVISED.keys() == set(Advice) == wording.ADVICE.keys()
