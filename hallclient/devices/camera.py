"""What the customer is seen by."""

from typing import Protocol

from hallclient.devices.pictures_and_sound import Frame
from hallclient.domain.equipment import DeviceIdentity


class Camera(Protocol):
    """A source of pictures paced by the clock."""

    @property
    def identity(self) -> DeviceIdentity:
        """Which it is; what is known of it may change with `start`, when another one was plugged in."""
        ...

    def start(self, t0: float) -> None:
        """Open the device, after letting go of it if it was open; `t0` is the monotonic time that counts as the start.

        When `close` or another `start` is called on another thread before this one has ended, this one fails: late
        perhaps, as no driver may be interrupted while it opens. It lets go of what it opened itself, and of nothing
        that is another's. Raises camera_missing, also for that.
        """
        ...

    def read(self) -> Frame | None:
        """The next picture, at most 3 s later (the first: 5 s); None when the camera has ended for good.

        Times need not grow from one to the next; they do in the long run. Raises camera_stopped.
        """
        ...

    def close(self) -> None:
        """Let go of the device; harmless when it was not started. A `read` on another thread ends soon, with None.

        A `start` that is under way on another thread is not waited for, and fails.
        """
        ...
