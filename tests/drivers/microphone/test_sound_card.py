import builtins
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from drivers.microphone.sound_card import SoundCardMicrophone
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.clocks import FakeClock


class PortAudioError(Exception):
    pass


class SimulatedStream:
    """PortAudio's stream; the test plays the sound card's part with `deliver`."""

    newest: "SimulatedStream"

    def __init__(self, **options) -> None:
        if options["device"] == "busy":
            raise PortAudioError("Device unavailable")
        card = SimulatedPortAudio.card
        if options["samplerate"] not in card.rates_hz:
            raise PortAudioError("Invalid sample rate")
        if options["channels"] not in card.channels:
            raise PortAudioError("Invalid number of channels")
        self.options = options
        self.closed = False
        SimulatedStream.newest = self

    def start(self) -> None: ...

    def close(self, ignore_errors: bool) -> None:
        self.closed = True

    def deliver(self, *channels: int, overflow: bool = False) -> None:
        """A block in which each channel has one value throughout."""
        frames, number = self.options["blocksize"], self.options["channels"]
        block = np.empty((frames, number), np.int16)
        block[:] = channels
        self.options["callback"](block, frames, None, SimpleNamespace(input_overflow=overflow))
        block[:] = -1  # PortAudio reuses its buffer


class SimulatedPortAudio(ModuleType):
    """A PortAudio with one sound card, which does what its formats say and nothing else."""

    card = SimpleNamespace(rates_hz=(8000,), channels=(1,))
    InputStream = SimulatedStream
    PortAudioError = PortAudioError

    def query_devices(self, device: object, kind: str) -> dict[str, object]:
        assert kind == "input"
        if device == "none":
            raise ValueError("No input device matching 'none'")
        card = SimulatedPortAudio.card
        return {
            "name": "USB PnP Sound Device",
            "hostapi": 2,
            "default_samplerate": float(card.rates_hz[0]),
            "max_input_channels": max(card.channels),
        }

    def query_hostapis(self, index: int) -> dict[str, object]:
        return {"name": {2: "ALSA"}[index]}


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> type[SimulatedPortAudio]:
    monkeypatch.setitem(sys.modules, "sounddevice", SimulatedPortAudio("sounddevice"))
    monkeypatch.setattr(SimulatedPortAudio, "card", SimpleNamespace(rates_hz=(8000,), channels=(1,)))
    return SimulatedPortAudio


@pytest.mark.usefixtures("portaudio")
def test_blocks_are_stamped_and_copied() -> None:
    clock = FakeClock(50.0)
    microphone = SoundCardMicrophone(clock)
    microphone.start(50.0)
    stream = SimulatedStream.newest
    assert (stream.options["samplerate"], stream.options["channels"], stream.options["dtype"]) == (8000, 1, "int16")
    for value, lateness_s in ((1, 0.03), (2, 0.01), (3, 0.2)):
        clock.time_s = 50.0 + value * 0.02 + lateness_s
        stream.deliver(value)
    blocks = [microphone.read() for _ in range(3)]
    assert [block.time_s for block in blocks if block] == pytest.approx([50.03, 50.03, 50.05])
    assert [block.samples.tolist() for block in blocks if block] == [[1] * 160, [2] * 160, [3] * 160]
    microphone.close()
    assert stream.closed
    assert microphone.read() is None
    assert not microphone.identity.practice
    assert (microphone.identity.name, microphone.identity.driver) == ("USB PnP Sound Device", "ALSA")


@pytest.mark.parametrize(
    ("rates_hz", "channels", "taken"),
    [
        ((44_100,), (1,), (44_100, 1)),
        ((16_000,), (1,), (16_000, 1)),
        ((48_000,), (2,), (48_000, 2)),
        ((96_000, 48_000), (1, 2), (96_000, 1)),
        ((192_000, 48_000), (2,), (48_000, 2)),
        ((44_100,), (8,), (44_100, 8)),
    ],
)
def test_the_device_gives_what_it_can(
    portaudio: type[SimulatedPortAudio],
    rates_hz: tuple[int, ...],
    channels: tuple[int, ...],
    taken: tuple[int, int],
) -> None:
    portaudio.card.rates_hz, portaudio.card.channels = rates_hz, channels
    microphone = SoundCardMicrophone(FakeClock())
    microphone.start(0.0)
    options = SimulatedStream.newest.options
    assert (options["samplerate"], options["channels"]) == taken
    assert microphone.rate_hz == taken[0]
    SimulatedStream.newest.deliver(*([30_000, -10_000] + [2_000] * 6)[: taken[1]])
    block = microphone.read()
    assert block is not None
    assert block.samples.tolist() == [{1: 30_000, 2: 10_000, 8: 4_000}[taken[1]]] * (taken[0] // 50)
    microphone.close()


def test_a_device_without_a_usual_rate_is_missing(portaudio: type[SimulatedPortAudio]) -> None:
    portaudio.card.rates_hz = (192_000,)
    with pytest.raises(KnownError) as caught:
        SoundCardMicrophone(FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.MICROPHONE_MISSING


@pytest.mark.usefixtures("portaudio")
def test_after_an_overflow_time_begins_anew() -> None:
    clock = FakeClock(0.02)
    microphone = SoundCardMicrophone(clock)
    microphone.start(0.0)
    SimulatedStream.newest.deliver(1)
    clock.time_s = 5.02
    SimulatedStream.newest.deliver(2, overflow=True)
    blocks = [microphone.read(), microphone.read()]
    assert [block.time_s for block in blocks if block] == pytest.approx([0.0, 5.0])
    microphone.close()


@pytest.mark.usefixtures("portaudio")
def test_a_reader_who_never_comes_does_not_fill_the_memory() -> None:
    clock = FakeClock(0.0)
    microphone = SoundCardMicrophone(clock)
    microphone.start(0.0)
    for number in range(600):
        clock.time_s = (number + 1) * 0.02
        SimulatedStream.newest.deliver(number)
    blocks = [microphone.read() for _ in range(500)]
    assert [block.samples[0] for block in blocks if block] == list(range(500))
    SimulatedStream.newest.deliver(7)
    following = microphone.read()
    assert following is not None
    assert following.time_s == pytest.approx(11.98)  # the 100 lost blocks count for the clock
    microphone.close()


@pytest.mark.usefixtures("portaudio")
def test_silence_of_the_device_for_a_second_means_that_it_stopped() -> None:
    microphone = SoundCardMicrophone(FakeClock())
    microphone.start(0.0)
    with pytest.raises(KnownError) as caught:
        microphone.read()
    assert caught.value.code is FailureCode.MICROPHONE_STOPPED
    microphone.close()


@pytest.mark.usefixtures("portaudio")
@pytest.mark.parametrize("device", ["none", "busy"])
def test_a_device_that_cannot_be_opened_is_missing(device: str) -> None:
    with pytest.raises(KnownError) as caught:
        SoundCardMicrophone(FakeClock(), device).start(0.0)
    assert caught.value.code is FailureCode.MICROPHONE_MISSING


def test_without_the_portaudio_library_the_microphone_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without_portaudio(name: str, *rest, **more) -> ModuleType:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_portaudio)
    with pytest.raises(KnownError) as caught:
        SoundCardMicrophone(FakeClock()).start(0.0)
    assert caught.value.code is FailureCode.MICROPHONE_MISSING
