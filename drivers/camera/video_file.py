"""The pictures of a video file as a camera would have given them, with the times that they were taken at."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from hallclient.devices import Frame, Image
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import must_be_regular, not_read


def frames_of(path: Path) -> Iterator[Frame]:
    """Each picture, upright, with its own time since the first one: the rate may vary, a rotation is carried out.

    A picture whose time is missing or not after the one before it cannot be placed and is left out. Raises
    file_missing, and input_invalid when it is no video, is damaged, or has no pictures; neither names the file.
    """
    try:
        must_be_regular(path)
    except OSError as error:
        raise not_read(error, FailureCode.INPUT_INVALID) from None
    try:
        yield from _decoded(path)
    except (OSError, av.FFmpegError, IndexError) as error:
        raise KnownError(FailureCode.INPUT_INVALID, "the video file cannot be decoded") from error


def _decoded(path: Path) -> Iterator[Frame]:
    first_s = last_s = None
    with av.open(path, "r") as container:
        for picture in container.decode(video=0):
            time_s = picture.time
            if time_s is None or (last_s is not None and time_s <= last_s):
                continue
            first_s = time_s if first_s is None else first_s
            last_s = time_s
            yield Frame(time_s - first_s, _upright(picture))
    if first_s is None:
        raise KnownError(FailureCode.INPUT_INVALID, "the video has no pictures")


def _upright(picture: VideoFrame) -> Image:
    """Turned as its rotation says: telephones write what the sensor saw, and beside it how they were held."""
    quarters = round(picture.rotation / 90) % 4  # counterclockwise, as numpy turns, too
    return np.ascontiguousarray(np.rot90(picture.to_ndarray(format="bgr24"), quarters), np.uint8)
