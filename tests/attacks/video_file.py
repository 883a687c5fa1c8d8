"""Writes what a camera saw as a video file."""

from collections.abc import Iterable
from pathlib import Path

import av
import cv2
import numpy as np

from hallclient.devices import Image

_BITS_PER_S = 4_000_000  # what a webcam's recording has


def write_video(path: Path, pictures: Iterable[Image], rate_hz: int) -> Path:
    """Pictures of one even size (BGR) in MPEG-4, lossy as recordings are."""
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=rate_hz)
        stream.pix_fmt, stream.bit_rate = "yuv420p", _BITS_PER_S
        for index, picture in enumerate(pictures):
            if index == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


def halved(picture: Image) -> Image:
    """Half as wide and as high, for tests that are to be quick: faces are found in it in a quarter of the time."""
    height, width = picture.shape[:2]
    return np.asarray(cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
