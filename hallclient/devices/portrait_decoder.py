"""What makes a picture of the portrait on the chip."""

from typing import Protocol

from hallclient.devices.pictures_and_sound import Image


class PortraitDecoder(Protocol):
    """Turns the chip's portrait bytes into a picture."""

    def decode(self, portrait: bytes) -> Image | None:
        """BGR picture, or None when no decoder on this machine knows the format (WLT without a vendor's library)."""
        ...
