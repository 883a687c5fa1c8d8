"""Encodes pictures as VP9 and sound as Opus into Matroska.

Both codecs are free of patents' fees and of the GPL: the `av` wheel also brings x264 and x265, which stay untouched.
A file cut anywhere plays up to half a second before the cut, because clusters are short and written at once.
"""

from collections import deque
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from drivers.recorder.sound_track import SoundTrack
from hallclient.devices import Frame, Sound
from hallclient.domain.aead_stream import SealedWriter

_CONTAINER_OPTIONS = {
    "cluster_time_limit": "500",
    "flush_packets": "1",
    "max_interleave_delta": "500000",  # microseconds that pictures wait for sound: a dead microphone must not hold them
}
_VP9_REALTIME = {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "lag-in-frames": "0", "g": "50"}
_BITS_PER_PIXEL_AND_SECOND = 3.4  # 1 Mbit/s at 640x480: lips and eyes stay clear
_OPUS_RATE_HZ = 48_000
_OPUS_BITS_PER_S = 48_000
_NOMINAL_PICTURES_PER_S = 25  # a hint for the rate control; every picture carries its own time
_MILLISECOND = Fraction(1, 1000)
_EARLY_BLOCKS = 500  # sound before the first picture that is kept; only its end can be needed


class MatroskaWriter:
    """Writes one recording. The first picture is time zero for picture and sound.

    Attributes:
        pictures: written.
        pictures_dropped: that came with a time not after the one before.
        duration_s: from the first to the last picture.
    """

    def __init__(self, file: SealedWriter, rate_hz: int, session: str) -> None:
        """`rate_hz` is the sound's samples per second; `session` is the file's title."""
        self.pictures = 0
        self.pictures_dropped = 0
        self.duration_s = 0.0
        self._file = file
        self._rate_hz = rate_hz
        self._session = session
        self._early: deque[Sound] = deque(maxlen=_EARLY_BLOCKS)
        self._zero_s = 0.0
        self._last_ms = -1
        self._tracks: _Tracks | None = None

    @property
    def sound_s(self) -> float:
        """Seconds of sound written, without silence that fills gaps."""
        return self._tracks.sound.heard / self._rate_hz if self._tracks else 0.0

    def picture(self, frame: Frame) -> None:
        """Encode a picture. All are scaled to the size of the first."""
        if self._tracks is None:
            self._zero_s = frame.time_s
            self._tracks = _Tracks(self._file, frame, self._rate_hz, self._session)
            while self._early:
                self._tracks.add_sound(self._early.popleft())
        time_ms = round((frame.time_s - self._zero_s) * 1000)
        if time_ms <= self._last_ms:
            self.pictures_dropped += 1
            return
        self._last_ms = time_ms
        self._tracks.add_picture(frame, time_ms)
        self.pictures += 1
        self.duration_s = frame.time_s - self._zero_s

    def sound(self, block: Sound) -> None:
        """Encode a block of sound, or keep it until the first picture."""
        if self._tracks is None:
            self._early.append(block)
        else:
            self._tracks.add_sound(block)

    def close(self) -> None:
        """Write what the encoders still hold, and the end of the container; `file` stays open."""
        if self._tracks is not None:
            self._tracks.close()


class _Tracks:
    """The open container and its two encoders; exists from the first picture on."""

    def __init__(self, file: SealedWriter, first: Frame, rate_hz: int, session: str) -> None:
        height, width = first.image.shape[:2]
        self.sound = SoundTrack(rate_hz, first.time_s)
        self._rate_hz = rate_hz
        self._container = av.open(file, "w", format="matroska", options=_CONTAINER_OPTIONS)
        self._container.metadata["title"] = session
        # `add_stream` promises any kind of stream for a name that it does not list.
        video = cast("Any", self._container.add_stream)("libvpx-vp9", _NOMINAL_PICTURES_PER_S, _VP9_REALTIME)
        audio = cast("Any", self._container.add_stream)("libopus", _OPUS_RATE_HZ, layout="mono")
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.bit_rate = round(width * height * _BITS_PER_PIXEL_AND_SECOND)
        video.time_base = video.codec_context.time_base = _MILLISECOND
        audio.bit_rate = _OPUS_BITS_PER_S
        self._video: VideoStream = video
        self._audio: AudioStream = audio

    def add_picture(self, frame: Frame, time_ms: int) -> None:
        picture = VideoFrame.from_ndarray(frame.image, format="bgr24")
        picture.pts, picture.time_base = time_ms, _MILLISECOND
        self._container.mux(self._video.encode(picture))

    def add_sound(self, block: Sound) -> None:
        first = self.sound.length
        samples = self.sound.place(block)
        if samples.size:
            piece = AudioFrame.from_ndarray(np.ascontiguousarray(samples)[np.newaxis], format="s16", layout="mono")
            piece.sample_rate, piece.pts, piece.time_base = self._rate_hz, first, Fraction(1, self._rate_hz)
            self._container.mux(self._audio.encode(piece))

    def close(self) -> None:
        self._container.mux(self._video.encode(None))
        if self.sound.length:
            self._container.mux(self._audio.encode(None))
        self._container.close()
