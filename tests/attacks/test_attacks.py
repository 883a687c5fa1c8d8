"""Every attack of the kit is refused for a fitting reason, and honest people pass. `make attacks` does more of each.

To be quick, pictures are half as wide here, looked at 6 times a second, and an attack ends after as long as it needs to
do what it can once; `make attacks` has whole pictures, several rates, and attacks that go on until the time is up.
"""

from collections import Counter

import pytest

from drivers.practice.pictures import Scene
from hallclient.domain.liveness import PAIRS, Challenge, Refusal
from tests.attacks.engines import engines
from tests.attacks.kit import ATTACKS, BEYOND, RATE_HZ, actor, honest, present
from tests.attacks.people import LOOKS_HZ, MANNERS, Manner, Person

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
_RATE_HZ = 10.0
_QUICK_HZ, _QUICK_PX = 6.0, 320
_RUNS, _LONG_RUNS = 12, 4  # of what ends within 3 s, and of what needs both challenges to show itself
_SEEN_PAIRS = [pair for pair in PAIRS if BLINK not in pair]  # at _QUICK_HZ
_LASTS_S = {"photograph": 2.4, "cut-out": 4.4, "recording": 5.0, "slide show": 2.4}
_WHOLE_S = 12.0
_AT_ONCE = frozenset({Refusal.SECOND_FACE, Refusal.FROZEN, Refusal.REPEATED})


@pytest.mark.parametrize(
    ("seed", "challenges"),
    [(0, (NOD, OPEN_MOUTH)), (1, (RIGHT, BLINK)), (2, (BLINK, LEFT))],
)
def test_honest_people_pass(seed: int, challenges: tuple[Challenge, ...]) -> None:
    result = present(honest(seed), challenges, engines(), 12.5 if BLINK in challenges else _RATE_HZ)
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
    runs = _RUNS if longest_s < 3 or reasons <= _AT_ONCE else _LONG_RUNS
    repeats = "camera" in name or "clip" in name  # needs more pictures than are looked at
    rate_hz, every = (RATE_HZ, 2) if repeats else (_QUICK_HZ, 1)
    ended: Counter[Refusal | None] = Counter()
    for run in range(runs):
        challenges = _SEEN_PAIRS[(sum(name.encode()) + run) % len(_SEEN_PAIRS)]
        presenter = make(run, challenges)
        ended[present(presenter, challenges, engines(), rate_hz, every, longest_s, _QUICK_PX).refusal] += 1
    assert ended.keys() <= reasons


def test_cut_out_eyes_do_blink_and_that_alone_is_why_the_head_must_move() -> None:
    make, _ = ATTACKS["cut-out eyes and mouth"]
    assert present(make(2, (BLINK, OPEN_MOUTH)), (BLINK, OPEN_MOUTH), engines(), 12.5).live


@pytest.mark.parametrize("name", BEYOND)
def test_what_no_rule_tells_from_a_person_is_presented(name: str) -> None:
    """Nothing is claimed of it; `make attacks` says how much of it passes. Here: it shows one face that moves."""
    result = present(BEYOND[name](1, (LEFT, NOD)), (LEFT, NOD), engines(), _QUICK_HZ, width_px=_QUICK_PX)
    assert result.live or result.refusal is not None
    assert result.looks_per_s > 5
