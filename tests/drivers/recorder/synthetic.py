"""A scene with a clapper: the picture flashes and the tone sounds at the same moment."""

import os
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from hallclient.devices import Frame, Sound
from hallclient.domain.aead_stream import SealedReader

KEY = bytes(range(32))
RATE_HZ = 48_000
SESSION = "01930000-0000-7000-8000-000000000000"
PICTURES_PER_S = 25
CLAP_S = 1.0
CLAP_LENGTH_S = 0.2
EBML_MAGIC = b"\x1a\x45\xdf\xa3"


class SystemEntropy:
    def token(self, length: int) -> bytes:
        return os.urandom(length)


def clapping(time_s: float | npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    return np.asarray((time_s >= CLAP_S) & (time_s < CLAP_S + CLAP_LENGTH_S))


def picture(t0: float, index: int, size: tuple[int, int] = (640, 480)) -> Frame:
    """Picture `index` since `t0`: a moving gradient, or all white during the clap."""
    time_s = index / PICTURES_PER_S
    if clapping(time_s):
        return Frame(t0 + time_s, np.full((size[1], size[0], 3), 255, np.uint8))
    row = (np.arange(size[0]) // 4 + index * 3) % 128
    return Frame(t0 + time_s, np.broadcast_to(row[None, :, None], (size[1], size[0], 3)).astype(np.uint8))


def sound(t0: float, first_s: float, length_s: float = 0.02, rate_hz: int = RATE_HZ) -> Sound:
    """A block of sound: a 1 kHz tone during the clap, near silence otherwise."""
    time_s = first_s + np.arange(round(length_s * rate_hz)) / rate_hz
    tone = np.where(clapping(time_s), 12_000 * np.sin(2 * np.pi * 1000 * time_s), 0)
    return Sound(t0 + first_s, tone.astype(np.int16))


@dataclass
class Played:
    """What a recording shows and sounds like."""

    title: str
    codecs: list[str]
    picture_times_s: list[float]
    flash_s: float | None
    tone_s: float | None
    sound_end_s: float


def play(path: Path, key: bytes = KEY) -> tuple[Played, bool]:
    """Decrypt and decode everything that can be; and whether the stream was complete."""
    with path.open("rb") as file:
        reader = SealedReader(file, key)
        played = Played("", [], [], None, None, 0.0)
        with av.open(reader, "r", format="matroska") as container:
            played.title = container.metadata.get("title", "")
            played.codecs = sorted(stream.codec_context.codec.canonical_name for stream in container.streams)
            try:
                for frame in container.decode():
                    if isinstance(frame, av.VideoFrame):
                        played.picture_times_s.append(frame.time)
                        if played.flash_s is None and frame.to_ndarray(format="gray8").mean() > 230:
                            played.flash_s = frame.time
                    else:
                        loud = np.flatnonzero(np.abs(frame.to_ndarray().ravel()) > 0.1)
                        if played.tone_s is None and loud.size:
                            played.tone_s = frame.time + loud[0] / frame.sample_rate
                        played.sound_end_s = frame.time + frame.samples / frame.sample_rate
            except av.FFmpegError:
                assert not reader.complete, "a complete recording must decode to its end"
        return played, reader.complete
