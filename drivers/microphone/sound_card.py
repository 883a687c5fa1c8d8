"""A microphone of the operating system through PortAudio.

Never tried on hardware: the machine it was written on has no sound card. Its tests run it on a simulated PortAudio.
"""

from queue import Empty, Full, Queue
from typing import Any

import numpy as np
import numpy.typing as npt

from drivers.microphone.arrival import ArrivalTimes
from hallclient.devices import Clock, Samples, Sound
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError

_BLOCK_S = 0.02
_QUEUE_BLOCKS = 500  # ten seconds
_PATIENCE_S = 0.9  # without a block a running microphone has stopped: told within a second
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 8_000, 96_000  # that a `Microphone` may have
_USUAL_RATES_HZ = (48_000, 44_100, 32_000, 16_000, 8_000)  # tried after the device's own


class SoundCardMicrophone:
    """Fulfils `Microphone`. PortAudio's thread fills a queue; the reader empties it.

    The device gives what it can: its own rate, or another one of the usual; one channel, or several that are mixed.
    `rate_hz` and the identity's name and driver (PortAudio's host API) are known from `start` on.
    """

    def __init__(self, clock: Clock, device: int | str | None = None) -> None:
        """Take PortAudio's input `device` (its number or a part of its name), by default the system's."""
        self.identity = DeviceIdentity(f"sound card {'default' if device is None else device}", practice=False)
        self.rate_hz = _USUAL_RATES_HZ[0]
        self._clock = clock
        self._device = device
        self._blocks: Queue[Sound] = Queue(_QUEUE_BLOCKS)
        self._times = ArrivalTimes(self.rate_hz)
        self._stream: Any = None

    def start(self, t0: float) -> None:  # noqa: ARG002  # the protocol's; sound is stamped when it arrives
        """Open the device. Start it a second early: time stamps settle in that time. Raises microphone_missing."""
        self.close()
        try:
            import sounddevice  # noqa: PLC0415  # it looks for the PortAudio library at import, which may be missing
        except OSError as error:
            raise KnownError(FailureCode.MICROPHONE_MISSING, "the PortAudio library is not installed") from error
        self._blocks = Queue(_QUEUE_BLOCKS)
        # ValueError: the name given for the device fits none, or several.
        try:
            device = sounddevice.query_devices(self._device, "input")
            driver = str(sounddevice.query_hostapis(device["hostapi"])["name"])
        except (sounddevice.PortAudioError, ValueError) as error:
            raise KnownError(FailureCode.MICROPHONE_MISSING, self.identity.name) from error
        self.identity = DeviceIdentity(str(device["name"]), practice=False, driver=driver)
        refusal: Exception | None = None
        for rate_hz, channels in _formats(float(device["default_samplerate"]), int(device["max_input_channels"])):
            self.rate_hz, self._times = rate_hz, ArrivalTimes(rate_hz)
            try:
                self._stream = sounddevice.InputStream(
                    samplerate=rate_hz,
                    blocksize=round(rate_hz * _BLOCK_S),
                    device=self._device,
                    channels=channels,
                    dtype="int16",
                    callback=self._arrived,
                )
                self._stream.start()
            except (sounddevice.PortAudioError, ValueError) as error:
                self.close()
                refusal = error
            else:
                return
        raise KnownError(FailureCode.MICROPHONE_MISSING, self.identity.name) from refusal

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
        sound = Sound(self._times.stamp(arrival_s, frames), _mono(block))
        try:
            self._blocks.put_nowait(sound)
        except Full:  # nobody has read for ten seconds: the newest is lost, the time stamps of the rest stay right
            return


def _formats(own_rate_hz: float, most_channels: int) -> list[tuple[int, int]]:
    """Rates and numbers of channels to try, best first: the device's own rate, and as few channels as it can do."""
    rates_hz = dict.fromkeys((round(own_rate_hz), *_USUAL_RATES_HZ))
    numbers = dict.fromkeys(number for number in (1, 2, most_channels) if number <= most_channels)
    return [
        (rate_hz, channels)
        for rate_hz in rates_hz
        if _LOWEST_RATE_HZ <= rate_hz <= _HIGHEST_RATE_HZ
        for channels in numbers
    ]


def _mono(block: npt.NDArray[np.int16]) -> Samples:
    """The mean of the channels, in memory of its own: PortAudio uses its buffer again."""
    mixed: Samples = np.rint(block.mean(axis=1)).astype(np.int16)
    return mixed
