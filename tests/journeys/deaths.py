"""What a death means: each process of a counter at each step of a session, and what the two screens say.

`test_deaths.py` kills them so, by their process ids, before the real windows. A process is killed in the middle of its
step: the card is not put down yet, a challenge is before the customer (of those who look), a line is being read aloud,
the pad is empty, the seal is about to begin. What the table says stands on the screens within a second, a hang within
three and a half; whatever died is there again when it is needed, and the application is never started anew.
"""

from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from drivers.idcard.service_monitor import ANSWER_PATIENCE_S, RELIST_INTERVAL_S
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FAILURES, FailureCode
from ui import wording


class Step(StrEnum):
    """The ids of a new number's steps, in the plan's order, and the seal."""

    CARD = "holder/card"
    PRECHECK = "holder/precheck"
    PORTRAIT = "holder/portrait"
    NOTICE = "notice"
    SIGNATURE = "signature"
    SEAL = wording.SEAL


class Process(StrEnum):
    """What lives beside the screens."""

    RECORDER = "recorder"  # a process per recording, one of them ready from the start on
    FACES = "faces"  # the process of the face engines, ready from the start on
    CAMERA = "camera"  # the practice camera's process, while the camera is open
    MICROPHONE = "microphone"  # a device: it is unplugged, and plugged in again
    READER = "reader"  # the smart-card service, pcscd
    HUNG_READER = "hung_reader"  # the same, stopped instead of killed; it goes on once it was told
    CARD_PROCESS = "card_process"  # the practice reader itself, which pcscd's driver talks to
    COURIER = "courier"  # a thread: something that nobody foresaw happens in its loop
    CENTRE = "centre"  # the practice hall's own


class GoesOn(Enum):
    """How the session goes on."""

    NOT_THERE = "at this step there is no such process"
    UNNOTICED = "it has nothing to do at this step, and may stay dead; another one is there before it has"
    BY_ITSELF = "both screens say when it is well again, and nobody does anything"
    CLERK_BEGINS_ANEW = "what the step has recorded or seen is thrown away, and the clerk begins the step again"


@dataclass(frozen=True, slots=True)
class Expected:
    """One cell.

    Attributes:
        goes_on: how.
        clerk: words on the clerk's screen, in the banner, the headline or a pill; None: nothing is said.
        customer: words on the customer's screen; None: it goes on saying what the step says.
        outcome: how the session ends.
    """

    goes_on: GoesOn
    clerk: str | None = None
    customer: str | None = None
    outcome: Outcome = Outcome.PASSED


NOT_THERE = Expected(GoesOn.NOT_THERE)
UNNOTICED = Expected(GoesOn.UNNOTICED)


def _anew(code: FailureCode, customer: str) -> Expected:
    return Expected(GoesOn.CLERK_BEGINS_ANEW, FAILURES[code].remedy, customer)


def _by_itself(clerk: str, customer: str | None = None) -> Expected:
    return Expected(GoesOn.BY_ITSELF, clerk, customer)


_HUNG_SERVICE = FAILURES[FailureCode.READER_SERVICE_HUNG].cause
_NO_READER = FAILURES[FailureCode.READER_MISSING].cause
_NO_SERVICE = FAILURES[FailureCode.READER_SERVICE_DOWN].cause
_MISTAKE = FAILURES[FailureCode.INTERNAL_ERROR].cause
_OFFLINE = wording.Top.OFFLINE.format(waiting="")  # with whatever waits
_NOT_YET, _ = wording.CUSTOMER_OUTCOMES[Outcome.PROVISIONAL]
_LOOK_PAUSED, _READ_PAUSED = wording.Customer.LOOK_PAUSED, wording.Customer.READ_PAUSED

_TABLE: dict[Process, tuple[Expected, ...]] = {
    # card, precheck, portrait, notice, signature, seal
    Process.RECORDER: (
        UNNOTICED,
        UNNOTICED,
        UNNOTICED,
        _anew(FailureCode.RECORDER_FAILED, _READ_PAUSED),
        NOT_THERE,
        NOT_THERE,
    ),
    Process.FACES: (
        UNNOTICED,
        UNNOTICED,
        _by_itself(wording.Portrait.WORKER_RESTARTED, _LOOK_PAUSED),
        UNNOTICED,
        UNNOTICED,
        UNNOTICED,
    ),
    Process.CAMERA: (
        NOT_THERE,
        NOT_THERE,
        _anew(FailureCode.CAMERA_STOPPED, _LOOK_PAUSED),
        _anew(FailureCode.CAMERA_STOPPED, _READ_PAUSED),
        NOT_THERE,
        NOT_THERE,
    ),
    Process.MICROPHONE: (
        UNNOTICED,
        UNNOTICED,
        UNNOTICED,
        _anew(FailureCode.MICROPHONE_STOPPED, _READ_PAUSED),
        UNNOTICED,
        UNNOTICED,
    ),
    Process.READER: (
        _by_itself(_NO_SERVICE, wording.Customer.CARD_PAUSED),
        _by_itself(_NO_SERVICE),
        _by_itself(_NO_SERVICE),
        _by_itself(_NO_SERVICE),
        _by_itself(_NO_SERVICE),
        _by_itself(_NO_SERVICE),
    ),
    Process.HUNG_READER: (
        _by_itself(_HUNG_SERVICE, wording.Customer.CARD_PAUSED),
        _by_itself(_HUNG_SERVICE),
        _by_itself(_HUNG_SERVICE),
        _by_itself(_HUNG_SERVICE),
        _by_itself(_HUNG_SERVICE),
        _by_itself(_HUNG_SERVICE),
    ),
    Process.CARD_PROCESS: (
        _by_itself(_NO_READER, wording.Customer.CARD_PAUSED),
        _by_itself(_NO_READER),
        _by_itself(_NO_READER),
        _by_itself(_NO_READER),
        _by_itself(_NO_READER),
        _by_itself(_NO_READER),
    ),
    Process.COURIER: (
        _by_itself(_MISTAKE),
        _by_itself(_MISTAKE),
        _by_itself(_MISTAKE),
        _by_itself(_MISTAKE),
        _by_itself(_MISTAKE),
        _by_itself(_MISTAKE, _NOT_YET),
    ),
    Process.CENTRE: (
        _by_itself(_OFFLINE),
        _by_itself(_OFFLINE),
        _by_itself(_OFFLINE),
        _by_itself(_OFFLINE),
        _by_itself(_OFFLINE),
        _by_itself(_OFFLINE, _NOT_YET),
    ),
}
# At the beginning of these steps there is another one, whatever has died before: the card that was read and the text
# that the customer is shown are hints that it will be needed.
REPLACED_BEFORE: dict[Process, frozenset[Step]] = {
    Process.RECORDER: frozenset({Step.PRECHECK, Step.PORTRAIT}),
    Process.FACES: frozenset({Step.PRECHECK, Step.PORTRAIT}),
}
# Nobody but a person brings it back: the step that needs it says so when it begins, and begins once it is there.
DEAD_AT_THE_START: dict[tuple[Process, Step], FailureCode] = {
    (Process.MICROPHONE, Step.NOTICE): FailureCode.MICROPHONE_MISSING,
}
# Whose part is not before the camera is killed in the session of a customer who does not want their face compared, and
# whom a supervisor decides about: that is another road through the step, and a quick one.
_READERS = {Process.READER, Process.HUNG_READER, Process.CARD_PROCESS}
WITHOUT_LOOK = frozenset({Process.RECORDER, Process.MICROPHONE, *_READERS})
# A death is told within a second; who hangs may only be slow, and is given as long as the monitor gives it.
TOLD_WITHIN_S = dict.fromkeys(Process, 1.0)
TOLD_WITHIN_S[Process.HUNG_READER] += RELIST_INTERVAL_S + ANSWER_PATIENCE_S

DEATHS: dict[tuple[Process, Step], Expected] = {
    (process, step): replace(expected, outcome=Outcome.PENDING_REVIEW if process in WITHOUT_LOOK else Outcome.PASSED)
    for process, row in _TABLE.items()
    for step, expected in zip(Step, row, strict=True)
}
