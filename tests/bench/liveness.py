"""Liveness in the terms of ISO/IEC 30107-3: APCER per kind of attack, BPCER, and the time to the verdict.

No human attacker and no camera is here: attacks and people are made by program, from pictures of two people who are
rendered. So the rates say what the rules do with these pictures. A face that is rendered with depth and obeys, such as
the people here, passes: that is what BPCER is measured with.
"""

import random
import statistics
import time
from collections.abc import Iterator

from hallclient.devices import Frame
from hallclient.domain.liveness import Challenge, draw_challenges
from hallclient.services.face_capture import FRAMES
from hallclient.services.liveness import LivenessRun
from tests.attacks.engines import engines
from tests.attacks.kit import ATTACKS, frames, honest, present
from tests.bench.figure import Figure, Rate

_VARIATIONS = 12
_PEOPLE = 40
_TIMED_PEOPLE = 6
_SLOW_RATE_HZ = 8.0  # for attacks that last until the time is up
_REMARK = "liveness: attacks and people are made by program; no human attacked and no camera was there"


class _SeededEntropy:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def token(self, length: int) -> bytes:
        return self._random.randbytes(length)


def figures() -> Iterator[Figure | Rate | str]:
    yield _REMARK
    yield _time_to_verdict()
    refused = sum(not present(honest(seed), _drawn(seed), engines()).live for seed in range(_PEOPLE))
    yield Rate("BPCER", refused, _PEOPLE)
    for name, (make, _) in ATTACKS.items():
        rate_hz = _SLOW_RATE_HZ if name.startswith("photograph") else 12.5
        passed = 0
        for seed in range(_VARIATIONS):
            asked = _drawn(seed)
            passed += present(make(seed, asked), asked, engines(), rate_hz).live
        yield Rate(f"APCER, {name}", passed, _VARIATIONS)


def _drawn(seed: int) -> tuple[Challenge, Challenge]:
    return draw_challenges(_SeededEntropy(1000 + seed))


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
                run.result(before)
                ends.append(time.perf_counter() - began)
                break
            looks.append(time.perf_counter() - began)
    return Figure(
        "last challenge done to verdict", statistics.median(ends), "look at a picture", statistics.median(looks)
    )
