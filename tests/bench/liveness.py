"""Liveness in the terms of ISO/IEC 30107-3: APCER per kind of attack, BPCER, and the time to the verdict.

No human attacker and no camera is here: attacks and people are made by program, from pictures of two people who are
rendered. So the rates say what the rules do with these pictures. A face that is rendered with depth and obeys, such as
the people here, passes: that is what BPCER is measured with.
"""

import statistics
import time
from collections.abc import Iterator

from hallclient.devices import Frame
from hallclient.domain.liveness import Challenge
from hallclient.services.face_capture import FRAMES
from hallclient.services.liveness import LivenessRun
from tests.attacks.engines import engines
from tests.attacks.kit import ATTACKS, BEYOND, frames, honest
from tests.attacks.rates import Outcome, attacked, served
from tests.bench.figure import Figure

_VARIATIONS = 12
_PEOPLE = 12  # of each manner
_PROCESSES = 2
_TIMED_PEOPLE = 6
_REMARK = "liveness: attacks and people are made by program; no human attacked and no camera was there"


def figures() -> Iterator[Figure | Outcome | str]:
    yield _REMARK
    yield _time_to_verdict()
    yield from served(_PEOPLE, _PROCESSES)
    yield from attacked(_VARIATIONS, (*ATTACKS, *BEYOND), _PROCESSES)


def _time_to_verdict() -> Figure:
    """From the picture that ends the last challenge (a turn) to the verdict; against a look at any picture."""
    ends, looks = [], []
    for seed in range(_TIMED_PEOPLE):
        person, now_s = honest(seed), 0.0

        def hear(challenge: Challenge | None, person=person) -> None:  # type: ignore[no-untyped-def]
            person.perform(challenge, now_s)  # noqa: B023 - called at once, in this round

        run = LivenessRun(engines(), hear)
        run.begin((Challenge.BLINK, Challenge.TURN_LEFT))
        before: list[Frame] = []  # as many as are compared with the card
        for frame in frames(person, 20.0):
            before = [*before, frame][:FRAMES]
            now_s = frame.time_s
            began = time.perf_counter()
            run.glance(frame)
            run.look(frame)
            if run.over:
                live = run.result(before).live
                ends += [time.perf_counter() - began] * live  # whoever is refused on the way is no measure of it
                break
            looks.append(time.perf_counter() - began)
    return Figure(
        "last challenge done to verdict", statistics.median(ends), "look at a picture", statistics.median(looks)
    )
