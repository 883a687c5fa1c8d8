"""Whether there is a screen to open windows on: without one Qt ends the whole process."""

import os
import sys

from hallclient.domain.failures import FailureCode, KnownError

_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def has_screen() -> bool:
    """On Linux by what the desktop puts into the environment; elsewhere there always is one."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in _VARIABLES)


def must_have_screen() -> None:
    """Raises screen_missing."""
    if not has_screen():
        raise KnownError(FailureCode.SCREEN_MISSING, f"none of {', '.join(_VARIABLES)}")
