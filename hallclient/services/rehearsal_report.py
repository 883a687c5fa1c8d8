"""What a rehearsal tells: each step with its time, and how long the customer waited for the software."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hallclient.devices import Clock
from hallclient.domain.failures import FailureCode


@dataclass(slots=True)
class StepTimes:
    """Collects one row for each step.

    Attributes:
        rows: `step`, `seconds` from the step's begin to its end, and `waited_seconds`: of these, what passed between
            the customer's acting and the software's answer.
    """

    clock: Clock
    rows: list[dict[str, object]] = field(default_factory=list)
    _begun: float = 0.0
    _waited: float = 0.0

    @contextmanager
    def step(self, step_id: str) -> Iterator[None]:
        """The time of one step."""
        self._begun, self._waited = self.clock.monotonic(), 0.0
        yield
        seconds = self.clock.monotonic() - self._begun
        self.rows.append({"step": step_id, "seconds": round(seconds, 3), "waited_seconds": round(self._waited, 3)})

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The customer has acted and waits for the software during the block."""
        begun = self.clock.monotonic()
        yield
        self._waited += self.clock.monotonic() - begun


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal did: the session, its times, and the pictures that were taken of the windows.

    `failures`: what the clerk read before the camera, try by try, until it went on.
    """

    session: str
    times: StepTimes
    failures: tuple[FailureCode, ...] = ()
    pictures: tuple[Path, ...] = ()
