"""A WAV file that behaves like a microphone: for tests, demonstrations and faults that somebody recorded."""

import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

from drivers.microphone.pacing import PacedMicrophone
from hallclient.devices import Clock, Samples
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError


class FileMicrophone(PacedMicrophone):
    """Plays a WAV file (mono, 16 bit, at the rate that was asked for). Its sound always counts as practice."""

    def __init__(
        self, path: Path, rate_hz: int, clock: Clock, *, loop: bool = True, wait: Callable[[float], None] = time.sleep
    ) -> None:
        """`loop` begins again at the end instead of ending; `wait` lets seconds of `clock` pass."""
        identity = DeviceIdentity("file microphone", practice=True)
        super().__init__(identity, rate_hz, lambda: _read_wav(path, rate_hz), clock, loop=loop, wait=wait)


def _read_wav(path: Path, rate_hz: int) -> Samples:
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, rate_hz):
                raise KnownError(FailureCode.MICROPHONE_MISSING, f"the WAV file is not mono, 16 bit, {rate_hz} Hz")
            return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
    except (OSError, EOFError, wave.Error) as error:
        raise KnownError(FailureCode.MICROPHONE_MISSING, "the WAV file cannot be read") from error
