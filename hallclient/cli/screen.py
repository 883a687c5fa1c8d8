"""Whether there is a screen to open windows on: without one Qt ends the whole process.

Nobody but Qt knows: a display may be named and not answer, or not let us in, and a library of the desktop's may be
missing. So a short process of its own tries it.
"""

import os
import subprocess
import sys
from contextlib import closing

from hallclient.domain.failures import FailureCode, KnownError

_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_COMMAND = (sys.executable, "-m", "ui.screen_probe")
_PATIENCE_S = 60.0  # far more than a busy counter needs; a display on a computer that is off answers never


class Screen:
    """Asks Qt in the background. On Linux only: elsewhere there always is a screen."""

    def __init__(self) -> None:
        """Begin to ask. Raises screen_missing where the environment names no screen at all."""
        self._process: subprocess.Popen[bytes] | None = None
        if sys.platform != "linux":
            return
        if not any(os.environ.get(name) for name in _VARIABLES):
            raise KnownError(FailureCode.SCREEN_MISSING, f"none of {', '.join(_VARIABLES)}")
        self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def must_be_there(self) -> None:
        """Wait for the answer. Raises screen_missing with what Qt says."""
        if self._process is None:
            return
        try:
            said, _ = self._process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise KnownError(FailureCode.SCREEN_MISSING, f"no answer in {_PATIENCE_S:g} s") from None
        if self._process.returncode != 0:
            raise KnownError(FailureCode.SCREEN_MISSING, said.decode(errors="replace").partition("\n")[0])

    def close(self) -> None:
        """Ask no more."""
        if self._process is not None:
            with self._process as process:
                process.kill()


def must_have_screen() -> None:
    """Raises screen_missing."""
    with closing(Screen()) as screen:
        screen.must_be_there()
