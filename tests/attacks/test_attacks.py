"""Every attack of the kit is refused for a fitting reason, and honest people pass. `make bench` does more of each."""

import pytest

from hallclient.domain.liveness import Challenge
from tests.attacks.engines import engines
from tests.attacks.kit import ATTACKS, honest, present

BLINK, OPEN_MOUTH, LEFT, RIGHT, NOD = Challenge
_RATE_HZ = 10.0  # the least that a counter analyses
_SLOW_RATE_HZ = 6.0  # for those that last until the time is up


@pytest.mark.parametrize(
    ("seed", "challenges"),
    [(0, (NOD, OPEN_MOUTH)), (1, (RIGHT, BLINK)), (2, (BLINK, LEFT))],
)
def test_honest_people_pass(seed: int, challenges: tuple[Challenge, ...]) -> None:
    result = present(honest(seed), challenges, engines(), _RATE_HZ)
    assert (result.live, result.refusal) == (True, None)
    assert [done.challenge for done in result.done] == list(challenges)
    assert result.likeness is not None
    assert result.likeness > 0.8
    assert result.hint > 0.6


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_for_a_fitting_reason(name: str) -> None:
    make, reasons = ATTACKS[name]
    seed = sum(name.encode())
    challenges = (LEFT, NOD)
    rate_hz = _SLOW_RATE_HZ if name.startswith("photograph") else _RATE_HZ
    result = present(make(seed, challenges), challenges, engines(), rate_hz)
    assert not result.live
    assert result.refusal in reasons


def test_cut_out_eyes_do_blink_and_that_alone_is_why_the_head_must_move() -> None:
    make, _ = ATTACKS["cut-out eyes and mouth"]
    assert present(make(2, (BLINK, OPEN_MOUTH)), (BLINK, OPEN_MOUTH), engines(), _RATE_HZ).live
