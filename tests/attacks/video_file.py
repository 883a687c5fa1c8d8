"""Writes what a camera saw as a video file."""

from collections.abc import Iterable
from pathlib import Path

import av

from hallclient.devices import Image

_BITS_PER_S = 4_000_000  # what a webcam's recording has


def write_video(path: Path, pictures: Iterable[Image], rate_hz: int) -> Path:
    """640x480 pictures (BGR) in MPEG-4, lossy as recordings are."""
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=rate_hz)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 640, 480, "yuv420p", _BITS_PER_S
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path
