"""Who plays in a rehearsal, and what it brought."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import KnownError
from hallclient.domain.liveness import Challenge
from hallclient.domain.signature import PenPoint
from hallclient.services.rehearsal_report import StepTimes


class PracticeCustomer(Protocol):
    """What a customer does away from the screens; nothing here blocks."""

    def put_card_down(self) -> None:
        """Lay the card on the reader."""
        ...

    def take_card_up(self) -> None:
        """Take it back."""
        ...

    def see(self, challenge: Challenge | None) -> None:
        """This, or nothing, is asked on the customer's screen now: do it a little later."""
        ...

    def begin_line(self, index: int) -> None:
        """Line `index` of the notice is in large type: read it aloud."""
        ...

    def line_is_read(self, index: int) -> bool:
        """The voice has come to the end of line `index`."""
        ...

    def strokes(self) -> tuple[tuple[PenPoint, ...], ...]:
        """The path of the pen for the signature."""
        ...


@dataclass(frozen=True, slots=True)
class Login:
    """Who works at the counter in the rehearsal. `code`: what their authenticator shows when it is asked."""

    number: str
    password: str
    code: Callable[[], str]

    def __repr__(self) -> str:
        return f"<Login {self.number}>"


@dataclass(slots=True)
class RehearsalReport:
    """What happened: a time per step, the outcome when the rehearsal ended, the pictures in their order."""

    times: StepTimes
    session_id: str = ""
    failures: list[KnownError] = field(default_factory=list)  # before the camera
    outcome: Outcome | None = None
    decision: Decision | None = None
    screenshots: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the customer at the devices, and the logins of clerk and supervisor."""

    customer: PracticeCustomer
    clerk: Login
    supervisor: Login
