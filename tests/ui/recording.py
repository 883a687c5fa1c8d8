"""A short Matroska recording in memory, VP9 and Opus like the product's."""

import io

import av
import cv2
import numpy as np

from hallclient.devices import Image


def recorded_video(image: Image | None = None, seconds: float = 2.6) -> io.BytesIO:
    """`image` (or a grey one) with a moving bar, 25 pictures a second, and a tone."""
    picture = cv2.resize(image, (320, 240)) if image is not None else np.full((240, 320, 3), 120, np.uint8)
    target = io.BytesIO()
    container = av.open(target, "w", format="matroska")
    video = container.add_stream("libvpx-vp9", rate=25, options={"cpu-used": "8", "deadline": "realtime"})
    video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
    for number in range(int(25 * seconds)):
        frame = picture.copy()
        frame[-8:, : 4 * number] = 255
        container.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
    container.mux(video.encode())
    container.close()
    return io.BytesIO(target.getvalue())
