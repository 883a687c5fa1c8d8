"""A verification session: its states, its moves, and the one table that joins them.

The diagram in the README is drawn from this table by `python -m hallclient.domain.session`. Steps that a scene does
not require are skipped here, never by a screen.
"""

from dataclasses import dataclass
from enum import StrEnum

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.scene import SCENES, Scene, SceneCode, Step


class State(StrEnum):
    OPENED = "opened"
    IDENTIFIED = "identified"
    CHECKED = "checked"
    COMPARED = "compared"
    INFORMED = "informed"
    SIGNED = "signed"
    SEALED = "sealed"
    ABANDONED = "abandoned"
    REFUSED = "refused"


class Move(StrEnum):
    CARD_READ = "card_read"
    PRECHECKED = "prechecked"
    FACE_DECIDED = "face_decided"
    NOTICE_READ = "notice_read"
    NOTICE_SIGNED = "notice_signed"
    PACKAGE_SEALED = "package_sealed"
    ABANDONED = "abandoned"
    REFUSED = "refused"


class RefusalReason(StrEnum):
    """Why nobody may go on; stands in the audit."""

    CARD_UNUSABLE = "card_unusable"


class AbandonReason(StrEnum):
    """Why a session was given up before its seal; stands in the audit."""

    CUSTOMER_WITHDREW = "customer_withdrew"
    CUSTOMER_UNABLE = "customer_unable"
    WRONG_BUSINESS = "wrong_business"
    EQUIPMENT_FAILED = "equipment_failed"
    REHEARSAL_BROKEN_OFF = "rehearsal_broken_off"


# What a clerk can choose from; the others are the program's own.
CLERKS_REASONS = (
    AbandonReason.CUSTOMER_WITHDREW,
    AbandonReason.CUSTOMER_UNABLE,
    AbandonReason.WRONG_BUSINESS,
    AbandonReason.EQUIPMENT_FAILED,
)

CLOSED = frozenset({State.SEALED, State.ABANDONED, State.REFUSED})

# The road in its order: a step, the move that ends it, and the state that it leads to.
ROAD: tuple[tuple[Step, Move, State], ...] = (
    (Step.CARD, Move.CARD_READ, State.IDENTIFIED),
    (Step.PRECHECK, Move.PRECHECKED, State.CHECKED),
    (Step.PORTRAIT, Move.FACE_DECIDED, State.COMPARED),
    (Step.NOTICE, Move.NOTICE_READ, State.INFORMED),
    (Step.SIGNATURE, Move.NOTICE_SIGNED, State.SIGNED),
    (Step.FINISH, Move.PACKAGE_SEALED, State.SEALED),
)


def transitions(scene: Scene, card_usable: bool | None = None) -> dict[tuple[State, Move], State]:
    """The table of one scene: (state, move) to the next state.

    From the pre-check a usable card leads on and an unusable one only out: refused, or abandoned. `card_usable` is what
    the pre-check found; None gives the table of both.
    """
    table: dict[tuple[State, Move], State] = {}
    state = State.OPENED
    for step, move, reached in ROAD:
        if step not in scene.steps:
            continue
        if state is not State.CHECKED or card_usable is not False:
            table[state, move] = reached
        table[state, Move.ABANDONED] = State.ABANDONED
        state = reached
    if card_usable is not True:
        table[State.CHECKED, Move.REFUSED] = State.REFUSED
    return table


def moved(scene: Scene, state: State, move: Move, card_usable: bool | None = None) -> State:
    """The state after `move`. Raises step_out_of_order when the table (`transitions`) does not have it."""
    reached = transitions(scene, card_usable).get((state, move))
    if reached is None:
        raise KnownError(FailureCode.STEP_OUT_OF_ORDER, f"{move} in state {state}")
    return reached


def next_step(scene: Scene, state: State, card_usable: bool | None = None) -> Step | None:
    """What is to be done in `state`; None in a closed session.

    With an unusable card the session stays at the pre-check, where it is refused.
    """
    if state is State.CHECKED and card_usable is False:
        return Step.PRECHECK
    table = transitions(scene)
    return next((step for step, move, _ in ROAD if (state, move) in table), None)


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One committed move.

    Attributes:
        sequence: 1, 2, 3 ... within the session.
        move, state: what was done and what it led to.
        at: wall-clock time, ISO 8601 in UTC.
        elapsed_s: monotonic seconds since the session was opened.
    """

    sequence: int
    move: Move
    state: State
    at: str
    elapsed_s: float


def mermaid() -> str:
    """The longest scene's table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> opened"]
    for (state, move), reached in transitions(SCENES[SceneCode.NEW_NUMBER]).items():
        lines.append(f"    {state} --> {reached}: {move}")
    lines += [f"    {state} --> [*]" for state in State if state in CLOSED]
    return "\n".join(lines)


if __name__ == "__main__":
    print(mermaid())  # noqa: T201  # the command that draws the README's diagram
