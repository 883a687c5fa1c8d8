"""Every attack of the kit is refused for a fitting reason, and honest people pass. `make attacks` does more of each.

To be quick, pictures are half as wide here, looked at 5 times a second, the least at which anybody passes, and an
attack ends after as long as it needs to do what it can once. Photographs, one or several in turn, are asked for one
challenge, a movement of the head as every pair has one: who does that is accepted here. `make attacks` has whole
pictures, several rates, pairs, and attacks that go on until the time is up.
"""

from collections import Counter
from collections.abc import Iterator

import cv2
import pytest

from drivers.practice.actor import SIZE_PX
from drivers.practice.pictures import Scene
from hallclient.domain.liveness import HEAD_CHALLENGES, PAIRS, Challenge, Refusal
from tests.attacks.engines import engines
from tests.attacks.kit import ATTACKS, BEYOND, RATE_HZ, Cut, Paused, actor, answers, honest, present
from tests.attacks.people import LOOKS_HZ, MANNERS, Manner, Person
from tests.attacks.rates import by_lot, most_of, share_beyond

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
_RATE_HZ = 10.0
_QUICK_HZ, _QUICK_PX = 5.0, 320
_GLANCES = 6  # pictures of which one is looked at, where repetition is what is told
_RUNS, _LONG_RUNS = 12, 4  # the fewer of what needs both challenges to show itself
_SEEN_PAIRS = [pair for pair in PAIRS if BLINK not in pair]  # at _QUICK_HZ
_HEADS = [challenge for challenge in Challenge if challenge in HEAD_CHALLENGES]
# Without the rule of relief, one of twelve bent sheets passes by then, and none in half of it.
_LASTS_S = {"photograph, bent": 5.2, "photograph": 2.6, "cut-out": 4.4, "recording": 5.0, "slide show": 2.4}
_WHOLE_S = 12.0
_ASKED = {"recording of an oblique movement, twice": (LEFT, NOD)}
_AT_ONCE = frozenset({Refusal.SECOND_FACE, Refusal.FROZEN, Refusal.REPEATED})


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Pictures are small, and other tests have the other cores: threads would mostly wait for each other."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.mark.parametrize(
    ("seed", "challenges"),
    [(0, (NOD, OPEN_MOUTH)), (1, (RIGHT, BLINK)), (2, (BLINK, LEFT))],
)
def test_honest_people_pass(seed: int, challenges: tuple[Challenge, ...]) -> None:
    rate_hz, width_px = (12.5, _QUICK_PX) if BLINK in challenges else (_RATE_HZ, SIZE_PX[0])
    result = present(honest(seed), challenges, engines(), rate_hz, width_px=width_px)
    assert (result.live, result.refusal) == (True, None)
    assert [done.challenge for done in result.done] == list(challenges)
    assert result.likeness is not None
    assert result.likeness > 0.8
    assert result.hint > 0.6


@pytest.mark.parametrize(
    ("manner", "looks_hz", "challenges"),
    [
        ("brisk", 5.0, (LEFT, NOD)),
        ("brisk", 15.0, (NOD, RIGHT)),
        ("slow", 6.0, (NOD, OPEN_MOUTH)),
        ("comes to rest 4 degrees away", 8.0, (RIGHT, LEFT)),
        ("smiling", 10.0, (OPEN_MOUTH, NOD)),
        ("blinking unasked", 15.0, (BLINK, LEFT)),
    ],
)
def test_nobody_is_refused_for_the_manner(manner: str, looks_hz: float, challenges: tuple[Challenge, ...]) -> None:
    assert looks_hz in LOOKS_HZ
    person = Person(actor(Scene.HOLDER), 3, MANNERS[manner])
    result = present(person, challenges, engines(), looks_hz, width_px=_QUICK_PX)
    assert (result.live, result.refusal) == (True, None)


def test_whoever_does_nothing_is_too_slow() -> None:
    """The people of `MANNERS` pass for what they do."""
    person = Person(actor(Scene.HOLDER), 3, Manner())
    person.perform = lambda *_: None  # type: ignore[method-assign]
    result = present(person, (LEFT, NOD), engines(), _QUICK_HZ, longest_s=3.0, width_px=_QUICK_PX)
    assert result.refusal is Refusal.TOO_SLOW


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_for_a_fitting_reason(name: str) -> None:
    make, reasons = ATTACKS[name]
    longest_s = next((lasts_s for kind, lasts_s in _LASTS_S.items() if name.startswith(kind)), _WHOLE_S)
    repeats = "camera" in name or "clip" in name  # is told by pictures that are glanced at
    rate_hz, every = (RATE_HZ, _GLANCES) if repeats else (_QUICK_HZ, 1)
    kind = name.split(maxsplit=1)[0].strip(",")  # of like kinds, what they begin with need be looked at once
    still = kind in {"photograph", "slide"}
    runs = _RUNS if longest_s < 3 or kind == "photograph" or reasons <= _AT_ONCE else _LONG_RUNS
    ended: Counter[Refusal | None] = Counter()
    for run in range(runs):
        pair = _SEEN_PAIRS[(sum(kind.encode()) + run) % len(_SEEN_PAIRS)]
        challenges = (_HEADS[run // 2 % len(_HEADS)],) if still else _ASKED.get(name, pair)
        presenter = make(run, challenges)
        ended[present(presenter, challenges, engines(), rate_hz, every, longest_s, _QUICK_PX).refusal] += 1
    assert ended.keys() <= reasons


def test_every_pair_has_a_movement_of_the_head() -> None:
    assert all(HEAD_CHALLENGES.intersection(pair) for pair in PAIRS)


def test_cut_out_eyes_do_blink_and_that_alone_is_why_the_head_must_move() -> None:
    make, _ = ATTACKS["cut-out eyes and mouth"]
    assert present(make(2, (BLINK, OPEN_MOUTH)), (BLINK, OPEN_MOUTH), engines(), 12.5, width_px=_QUICK_PX).live


def test_a_photograph_with_an_open_mouth_opens_its_mouth_and_that_too_is_why_the_head_must_move() -> None:
    make, reasons = ATTACKS["slide show"]
    for asked, refusals in (((OPEN_MOUTH,), {None}), ((OPEN_MOUTH, LEFT), reasons)):
        result = present(make(0, asked), asked, engines(), _QUICK_HZ, longest_s=6.0, width_px=_QUICK_PX)
        assert result.refusal in refusals


@pytest.mark.parametrize(
    ("asked", "shown"),
    [((LEFT, NOD), (LEFT, NOD, RIGHT)), ((LEFT, NOD), (NOD, LEFT, RIGHT)), ((LEFT, NOD), (LEFT, RIGHT, NOD))],
)
def test_a_recording_that_is_paused_until_something_is_asked_passes_by_lot(
    asked: tuple[Challenge, ...], shown: tuple[Challenge, ...]
) -> None:
    """Nothing in the rules tells it from a person; `by_lot` says how often its order is the one that was drawn."""
    result = present(Paused(1, shown), asked, engines(), _QUICK_HZ, width_px=_QUICK_PX)
    assert result.live is answers(shown, asked)
    assert result.live or result.refusal is Refusal.WRONG_MOVEMENT


@pytest.mark.parametrize(("dark", "live", "refusal"), [(False, True, None), (True, False, Refusal.FACE_LOST)])
def test_a_recording_that_is_cut_to_what_is_asked_passes_but_for_a_dark_seam(
    dark: bool, live: bool, refusal: Refusal | None
) -> None:
    result = present(Cut(4, dark), (LEFT, RIGHT), engines(), RATE_HZ, width_px=_QUICK_PX)
    assert (result.live, result.refusal) == (live, refusal)


def test_what_no_rule_tells_from_a_person_has_a_share_that_is_said() -> None:
    assert {name: round(share_beyond(name), 3) for name in BEYOND} == {
        "recording of every challenge, paused and resumed": 0.118,
        "recordings cut to what is asked, faded": 1.0,
        "recordings cut to what is asked, dark seams": 0.01,
    }


def test_the_share_by_lot_is_that_of_the_draws() -> None:
    """2 of the 18 pairs at half of the rates, 1.5 of the 12 without a blink at the others."""
    assert by_lot() == pytest.approx((2 / 18 + 1.5 / 12) / 2)


@pytest.mark.parametrize(
    ("share", "runs", "most"), [(0.0, 150, 0), (1.0, 12, 12), (0.5, 1, 1), (0.1, 2, 2), (0.01, 2, 1)]
)
def test_more_than_that_come_once_in_a_thousand_times(share: float, runs: int, most: int) -> None:
    assert most_of(share, runs) == most
