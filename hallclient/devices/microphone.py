"""What the customer is heard by."""

from typing import Protocol

from hallclient.devices.pictures_and_sound import Sound
from hallclient.domain.equipment import DeviceIdentity


class Microphone(Protocol):
    """A source of sound paced by the clock. What `identity` and `rate_hz` say is known after `start`."""

    @property
    def identity(self) -> DeviceIdentity: ...

    @property
    def rate_hz(self) -> int:
        """Samples per second, 8,000 to 96,000."""
        ...

    def start(self, t0: float) -> None:
        """Open the device. Raises microphone_missing."""
        ...

    def read(self) -> Sound | None:
        """The next block, at most 1 s later; None when the microphone has ended. Raises microphone_stopped."""
        ...

    def close(self) -> None:
        """Let go of the device; harmless when it was not started."""
        ...
