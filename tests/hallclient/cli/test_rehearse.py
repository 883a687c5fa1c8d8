"""What `hallclient rehearse` does as a clerk before the camera, and what it leaves behind when it fails."""

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from drivers.practice.idcard.practice_card import PracticeCard
from hallclient.cli.rehearse import SCENE, SERVICE_NUMBER, _leaving_nothing_open, _liveness, _login, _look, _passes
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.staff import Role
from hallclient.services.counter import Counter
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.preparation import Preparation
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_counter import PracticeCounter
from hallclient.wiring.practice_hall import practice_hall
from tests import doubles
from tests.attempts import LIVE
from tests.clock import HandClock


class Session:
    """Fails as it is told, one failure a try, and counts those that are said of a person."""

    def __init__(self, *failures: FailureCode) -> None:
        self._failures = list(failures)
        self._counted = 0
        self.asked: list[Challenge | None] = []
        self.left = False

    @property
    def may_try_again(self) -> bool:
        return self._counted < 3

    def compare(self, listener: PortraitListener) -> None:
        listener.on_challenge(Challenge.NOD)
        if self._failures:
            code = self._failures.pop(0)
            self._counted += code is FailureCode.NOT_LIVE
            raise KnownError(code)

    def leave_to_supervisor(self) -> None:
        self.left = True


def counter(see: object = lambda challenge: None) -> PracticeCounter:
    equipment = doubles.equipment(HandClock(), portrait_decoder=doubles.PortraitDecoder(np.zeros((9, 9, 3), np.uint8)))
    return PracticeCounter(equipment, SimpleNamespace(), PracticeCard.resident(), see)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failures", "tries", "left"),
    [
        ((), 1, False),
        ((FailureCode.NOT_LIVE, FailureCode.CAMERA_STOPPED), 3, False),
        ((FailureCode.NOT_LIVE,) * 3, 3, True),
        ((FailureCode.COMPUTER_TOO_SLOW,) * 9, 3, True),
    ],
)
def test_it_tries_three_times_and_then_takes_the_supervised_way(
    failures: tuple[FailureCode, ...], tries: int, left: bool
) -> None:
    session, seen, said = Session(*failures), [], []
    _look(session, counter(seen.append), said)  # type: ignore[arg-type]
    assert len(seen) == tries  # the customer sees what is asked, and nobody else tells it
    assert session.left is left
    assert said == list(failures[:tries])


def test_what_no_second_try_mends_is_not_tried_again() -> None:
    said: list[FailureCode] = []
    with pytest.raises(KnownError, match="disk_full"):
        _look(Session(FailureCode.DISK_FULL), counter(), said)  # type: ignore[arg-type]
    assert said == []


@pytest.mark.parametrize("error", [KnownError(FailureCode.DISK_FULL), BugError("ours"), KeyboardInterrupt()])
def test_a_rehearsal_that_fails_ends_its_own_session_and_says_why(error: BaseException, tmp_path: Path) -> None:
    folder = practice_hall(tmp_path, SystemClock(), SystemEntropy())
    devices = counter()
    with closing(_login(folder, Role.CLERK)) as hall:
        clerk = Counter(hall, Preparation.of(devices.equipment))
        clerk.open_session(SCENE, SERVICE_NUMBER)
        clerk.close_session()
        (somebodys,) = clerk.unfinished()
        with pytest.raises(type(error)) as caught, _leaving_nothing_open(folder, devices):
            clerk.open_session(SCENE, SERVICE_NUMBER)
            clerk.close_session()
            assert len(clerk.unfinished()) == 2
            raise error
        assert caught.value is error
        assert clerk.unfinished() == [somebodys]


@pytest.mark.parametrize(
    ("outcome", "review", "passes"),
    [
        ("passed", None, True),
        ("provisional", None, True),
        ("not_passed", "rejected", False),
        ("provisional", "rejected", False),  # --stranger --offline
        ("provisional", "approved", True),
    ],
)
def test_whom_the_supervisor_rejects_does_not_pass_also_without_the_centre(
    outcome: str, review: str | None, passes: bool
) -> None:
    assert _passes({"outcome": outcome, "review": review}) is passes


def test_the_answer_says_every_attempt_and_every_failure() -> None:
    slow = LIVE.model_copy(update={"refusal": Refusal.COMPUTER_TOO_SLOW})
    told = _liveness(LivenessFacts(attempts=(slow, LIVE)), (FailureCode.COMPUTER_TOO_SLOW,))
    assert told == {
        "live": True,
        "attempts": [
            {"challenges": ["nod", "blink"], "reason": "computer_too_slow", "counts": False},
            {"challenges": ["nod", "blink"], "reason": None, "counts": True},
        ],
        "failures": ["computer_too_slow"],
    }
