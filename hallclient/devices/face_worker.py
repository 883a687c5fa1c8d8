"""The process of the face engines."""

from collections.abc import Callable, Sequence
from typing import Protocol

from hallclient.devices.pictures_and_sound import Image


class FaceWorker(Protocol):
    """The process that the face engines live in, where they do not live in the application's."""

    def prewarm(self) -> None:
        """Start it without waiting, so that the first customer need not. Raises face_worker_failed."""
        ...

    def await_ready(self) -> None:
        """Wait until it has loaded its models, started if need be. Raises face_worker_failed, model_changed."""
        ...

    def watch(self, listener: Callable[[], None]) -> None:
        """Call `listener`, which must be quick, whenever it was lost and has been started again.

        It is called on the thread whose call found the loss, before that call goes on; it may ask something itself.
        """
        ...

    def prepare(self, images: Sequence[Image]) -> None:
        """Let it do now, of pictures that were looked at, what they will be compared by, so that a verdict is not
        waited for. Waits for nothing and raises nothing: what it does not do now it does when it is asked.
        """
        ...

    def forget(self) -> None:
        """Let it keep nothing of any face that it has seen. Waits for nothing and raises nothing, whatever it does.

        For the thread that looks. Pictures that are asked about later are seen as if for the first time.
        """
        ...
