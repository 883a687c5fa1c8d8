"""Small videos whose pictures tell their own number."""

from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from hallclient.devices import Image

STEP = 24  # grey levels between neighbours: more than the codec's loss


def write_video(path: Path, pictures: int, rate_hz: int = 25) -> Path:
    """A 64x48 VP9 video whose picture n has the grey level n * STEP."""
    with av.open(path, "w", format="matroska") as container:
        stream = container.add_stream("libvpx-vp9", rate_hz, {"crf": "4", "b:v": "0", "deadline": "realtime"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(pictures):
            image = np.full((48, 64, 3), number * STEP, np.uint8)
            container.mux(stream.encode(VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def number_of(image: Image) -> int:
    """Which picture of `write_video` this is."""
    return round(float(image.mean()) / STEP)
