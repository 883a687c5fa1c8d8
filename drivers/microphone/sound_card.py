"""A microphone of the operating system through PortAudio.

Never tried on hardware: the machine it was written on has no sound card. Its tests run it on a simulated PortAudio.
"""

from queue import Empty, Full, Queue
from typing import Any

import numpy as np
import numpy.typing as npt

from drivers.microphone.arrival import ArrivalTimes
from hallclient.devices import Clock, Sound
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError

_BLOCK_S = 0.02
_QUEUE_BLOCKS = 500  # ten seconds
_PATIENCE_S = 1.0


class SoundCardMicrophone:
    """Fulfils `Microphone`. PortAudio's thread fills a queue; the reader empties it."""

    def __init__(self, clock: Clock, rate_hz: int = 48_000, device: int | str | None = None) -> None:
        """Take PortAudio's input `device` (its number or a part of its name), by default the system's."""
        self.identity = DeviceIdentity(f"sound card {'default' if device is None else device}", practice=False)
        self.rate_hz = rate_hz
        self._clock = clock
        self._device = device
        self._blocks: Queue[Sound] = Queue(_QUEUE_BLOCKS)
        self._times = ArrivalTimes(rate_hz)
        self._stream: Any = None

    def start(self, t0: float) -> None:  # noqa: ARG002  # the protocol's; sound is stamped when it arrives
        """Open the device. Start it a second early: time stamps settle in that time. Raises microphone_missing."""
        self.close()
        try:
            import sounddevice  # noqa: PLC0415  # it looks for the PortAudio library at import, which may be missing
        except OSError as error:
            raise KnownError(FailureCode.MICROPHONE_MISSING, "the PortAudio library is not installed") from error
        self._blocks = Queue(_QUEUE_BLOCKS)
        self._times.restart()
        try:
            self._stream = sounddevice.InputStream(
                samplerate=self.rate_hz,
                blocksize=round(self.rate_hz * _BLOCK_S),
                device=self._device,
                channels=1,
                dtype="int16",
                callback=self._arrived,
            )
            self._stream.start()
        # ValueError: the name given for the device fits none, or several.
        except (sounddevice.PortAudioError, ValueError) as error:
            self.close()
            raise KnownError(FailureCode.MICROPHONE_MISSING, self.identity.name) from error

    def read(self) -> Sound | None:
        """The next block of 20 ms, at most 1 s later; None after `close`. Raises microphone_stopped."""
        if self._stream is None:
            return None
        try:
            return self._blocks.get(timeout=_PATIENCE_S)
        except Empty:
            if self._stream is None:  # closed meanwhile
                return None
            raise KnownError(FailureCode.MICROPHONE_STOPPED, self.identity.name) from None

    def close(self) -> None:
        """Let go of the device."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)

    def _arrived(self, block: npt.NDArray[np.int16], frames: int, _portaudio_times: object, status: Any) -> None:
        arrival_s = self._clock.monotonic()
        if status.input_overflow:
            self._times.restart()
        sound = Sound(self._times.stamp(arrival_s, frames), block[:, 0].copy())
        try:
            self._blocks.put_nowait(sound)
        except Full:  # nobody has read for ten seconds: the newest is lost, the time stamps of the rest stay right
            return
