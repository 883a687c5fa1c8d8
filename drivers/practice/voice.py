"""The practice microphone: Debian's espeak-ng speaks. Good enough to hear, not to recognise."""

import io
import subprocess
import time
import wave
from collections.abc import Callable, Sequence

import numpy as np

from drivers.microphone.pacing import PacedMicrophone
from hallclient.devices import Clock, Samples
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.exhaustion import exhaustion, exhaustion_of
from hallclient.domain.failures import FailureCode, KnownError

RATE_HZ = 22_050  # espeak-ng's own
_COMMAND = ("espeak-ng", "-v", "cmn", "--stdin", "--stdout")
_PATIENCE_S = 30.0


class PracticeMicrophone(PacedMicrophone):
    """Somebody who reads the lines aloud, pauses after each, and begins again."""

    def __init__(
        self, lines: Sequence[str], clock: Clock, *, pause_s: float = 0.6, wait: Callable[[float], None] = time.sleep
    ) -> None:
        """`lines` are Chinese; `wait` lets seconds of `clock` pass. `start` raises what `spoken` does."""
        identity = DeviceIdentity("practice microphone", practice=True)
        super().__init__(identity, RATE_HZ, lambda: spoken(lines, pause_s), clock, loop=True, wait=wait)


def spoken(lines: Sequence[str], pause_s: float) -> Samples:
    """The lines as sound: mono, int16, 22,050 per second, with a pause after each; at least one pause.

    Raises KnownError: practice_tool_missing, computer_exhausted.
    """
    pause = np.zeros(max(1, round(pause_s * RATE_HZ)), np.int16)
    pieces = [piece for line in lines for piece in (_speak(line), pause)]
    return np.concatenate(pieces or [pause])


def _speak(line: str) -> Samples:
    try:
        # Over stdin: a line may hold a name, and arguments can be read by everybody on the machine.
        done = subprocess.run(_COMMAND, input=line.encode(), capture_output=True, timeout=_PATIENCE_S, check=True)
        with wave.open(io.BytesIO(done.stdout), "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE_HZ):
                raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "espeak-ng speaks in another format")
            return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
    except OSError as error:
        raise exhaustion(error) or KnownError(FailureCode.PRACTICE_TOOL_MISSING, "espeak-ng") from error
    except subprocess.CalledProcessError as error:
        raise exhaustion_of("espeak-ng", error.returncode) or KnownError(
            FailureCode.PRACTICE_TOOL_MISSING, f"espeak-ng ended with {error.returncode}"
        ) from error
    except (EOFError, wave.Error, subprocess.TimeoutExpired) as error:
        raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "espeak-ng") from error
