"""What this counter knows of its centre: whether it can be reached, and what time it is there."""

from dataclasses import dataclass

from hallclient.devices import Clock
from hallclient.domain.evidence.clock import UNCHECKED, ClockCheck, ClockStatus


@dataclass(slots=True)
class CentreLine:
    """Kept by the dispatch, from its threads; read by whoever writes it down.

    Attributes:
        online: whether the centre answered this device when it was asked last; None before the first try.
        clock: what it said of the time at the last contact; None before the first.
    """

    online: bool | None = None
    clock: ClockCheck | None = None

    def clock_status(self, clock: Clock) -> ClockStatus:
        """What a session that is sealed now says of this computer's `clock`."""
        return UNCHECKED if self.clock is None else self.clock.status(clock.now(), clock.monotonic())
