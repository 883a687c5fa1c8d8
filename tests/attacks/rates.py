"""Liveness in the terms of ISO/IEC 30107-3, of attacks and people made by program: APCER per kind, BPCER per manner.

No human attacker and no camera is here, so the rates say what the rules do with these pictures.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import permutations
from math import comb
from multiprocessing import get_context
from statistics import fmean

from drivers.practice.pictures import Scene
from hallclient.domain.liveness import PAIRS, Challenge, Refusal, draw_challenges, least_looks
from hallclient.domain.liveness_limits import LOST_S, MISSED_LOOKS
from tests.attacks.engines import engines
from tests.attacks.kit import ATTACKS, BEYOND, DARK, PAUSED, SEAM_S, actor, answers, present
from tests.attacks.people import LOOKS_HZ, MANNERS, Person
from tests.bench.figure import Rate

ATTACKED_HZ = (6.0, 8.0, 12.5, 15.0)
"""Looks a second at which attacks are tried, in turn."""
_BY_CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Trial:
    """One check: the `seed`th of a `name` out of the kit or of an honest manner, at `looks_hz` looks a second."""

    name: str
    seed: int
    looks_hz: float


def ended(trial: Trial) -> Refusal | None:
    """Why it was refused; None when it counted as live."""
    asked = drawn(trial.seed, trial.looks_hz)
    if trial.name in MANNERS:
        scene = (Scene.HOLDER, Scene.STRANGER)[trial.seed % 2]
        return present(Person(actor(scene), trial.seed, MANNERS[trial.name]), asked, engines(), trial.looks_hz).refusal
    make = BEYOND[trial.name] if trial.name in BEYOND else ATTACKS[trial.name][0]
    return present(make(trial.seed, asked), asked, engines(), trial.looks_hz).refusal


def drawn(seed: int, looks_hz: float) -> tuple[Challenge, Challenge]:
    """The challenges of a trial: of all that may be drawn at that rate, each alike."""
    return draw_challenges(_SeededEntropy(1000 + seed), looks_hz)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the trials of one kind ended. `unfitting` are refusals for a reason that does not fit it."""

    rate: Rate
    reasons: Counter[Refusal | None]
    unfitting: int

    def __str__(self) -> str:
        reasons = ", ".join(f"{reason or 'live'} {count}" for reason, count in self.reasons.most_common())
        return f"{self.rate}; {reasons}" + (f"; {self.unfitting} FOR NO FITTING REASON" if self.unfitting else "")


def by_lot() -> float:
    """The share of the draws that a recording of every challenge answers when it is paused until something is asked.

    Of all its orders alike, and of the pairs that are drawn at each of `ATTACKED_HZ`.
    """
    orders = list(permutations(Challenge))
    shares = []
    for looks_hz in ATTACKED_HZ:
        pairs = [pair for pair in PAIRS if least_looks(pair) <= looks_hz]
        shares.append(fmean(answers(order, pair) for order in orders for pair in pairs))
    return fmean(shares)


def by_seams() -> float:
    """The share of recordings cut to what is asked of whose two dark seams neither is seen: `MISSED_LOOKS` or fewer.

    A seam begins at any time between two looks; at each of `ATTACKED_HZ`.
    """

    def missed(looks_hz: float) -> float:
        fewest = int(SEAM_S * looks_hz)
        one_more = SEAM_S * looks_hz - fewest  # in so many of the seams
        return sum(
            share
            for looks, share in ((fewest, 1 - one_more), (fewest + 1, one_more))
            if looks <= MISSED_LOOKS or (looks + 1) / looks_hz <= LOST_S
        )

    return fmean(missed(looks_hz) ** 2 for looks_hz in ATTACKED_HZ)


def share_beyond(name: str) -> float:
    """The share of `BEYOND`'s kind `name` that is to be expected to pass: nothing keeps out what is faded."""
    return {PAUSED: by_lot, DARK: by_seams}.get(name, lambda: 1.0)()


def most_of(share: float, runs: int) -> int:
    """How many of `runs` may pass where `share` do: more come once in a thousand times."""
    left, most = 1.0, -1
    while left > _BY_CHANCE and most < runs:
        most += 1
        left -= comb(runs, most) * share**most * (1 - share) ** (runs - most)
    return most


def attacked(runs: int, names: Iterable[str], processes: int) -> Iterator[Outcome]:
    """APCER of each kind of attack in the order of `names`, from `runs` of it at each of `ATTACKED_HZ` in turn."""
    kinds = {name: [Trial(name, seed, ATTACKED_HZ[seed % len(ATTACKED_HZ)]) for seed in range(runs)] for name in names}
    for name, reasons in _tried(kinds, processes):
        fitting = ATTACKS[name][1] if name in ATTACKS else reasons.keys()
        unfitting = sum(count for reason, count in reasons.items() if reason is not None and reason not in fitting)
        yield Outcome(Rate(f"APCER, {name}", reasons[None], runs), reasons, unfitting)


def served(runs: int, processes: int) -> Iterator[Outcome]:
    """BPCER of each manner of honest people, from `runs` of them at each of `LOOKS_HZ` in turn, and of all."""
    kinds = {name: [Trial(name, seed, LOOKS_HZ[seed % len(LOOKS_HZ)]) for seed in range(runs)] for name in MANNERS}
    everybody: Counter[Refusal | None] = Counter()
    for name, reasons in _tried(kinds, processes):
        everybody += reasons
        yield Outcome(Rate(f"BPCER, {name}", runs - reasons[None], runs), reasons, 0)
    yield Outcome(Rate("BPCER", everybody.total() - everybody[None], everybody.total()), everybody, 0)


def _tried(kinds: dict[str, list[Trial]], processes: int) -> Iterator[tuple[str, Counter[Refusal | None]]]:
    """In the order of `kinds`, each as soon as it is known."""
    # Not forked: the networks' threads would not be there.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        waiting = {name: [pool.submit(ended, trial) for trial in trials] for name, trials in kinds.items()}
        for name, trials in waiting.items():
            yield name, Counter(trial.result() for trial in trials)


class _SeededEntropy:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def token(self, length: int) -> bytes:
        return self._random.randbytes(length)
