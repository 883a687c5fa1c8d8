from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from drivers.camera.video_file import frames_of
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.camera.videos import number_of, write_video

TIMES_MS = (0, 40, 80, 700, 2000, 2040, 5000)  # no rate at all


def write_varying(path: Path) -> Path:
    """A picture of the grey level of its number at each of the times."""
    with av.open(path, "w", format="matroska") as container:
        stream = container.add_stream("libvpx-vp9", 25, {"crf": "4", "b:v": "0", "deadline": "realtime"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, time_ms in enumerate(TIMES_MS):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 24, np.uint8), format="bgr24")
            picture.pts, picture.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def write_turned(path: Path, degrees: int) -> Path:
    """A lying picture whose left third is white, to be turned by `degrees` counterclockwise when it is shown."""
    image = np.zeros((48, 96, 3), np.uint8)
    image[:, :32] = 255
    with av.open(path, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", 10)
        stream.width, stream.height, stream.pix_fmt = 96, 48, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    # PyAV writes no display matrix: it stands in the track's header, where nine numbers say "not turned".
    cosine, sine = {0: (1, 0), 90: (0, -1), 180: (-1, 0), -90: (0, 1)}[degrees]
    one, last = 1 << 16, 1 << 30

    def matrix(a: int, b: int, c: int, d: int) -> bytes:
        return b"".join(
            n.to_bytes(4, "big", signed=True) for n in (a * one, b * one, 0, c * one, d * one, 0, 0, 0, last)
        )

    content = path.read_bytes()
    header = content.index(b"tkhd")
    place = content.index(matrix(1, 0, 0, 1), header)
    turned = matrix(cosine, sine, -sine, cosine)
    path.write_bytes(content[:place] + turned + content[place + len(turned) :])
    return path


def test_each_picture_has_its_own_time(tmp_path: Path) -> None:
    frames = list(frames_of(write_varying(tmp_path / "varying.mkv")))
    assert [round(frame.time_s * 1000) for frame in frames] == list(TIMES_MS)
    assert [number_of(frame.image) for frame in frames] == list(range(len(TIMES_MS)))


def test_a_constant_rate_is_a_rate(tmp_path: Path) -> None:
    frames = list(frames_of(write_video(tmp_path / "ten.mkv", 10)))
    assert [frame.time_s for frame in frames] == pytest.approx([number / 25 for number in range(10)], abs=0.001)
    assert (frames[0].image.shape, frames[0].image.dtype) == ((48, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("degrees", "shape", "white"),
    [
        (0, (48, 96), (slice(None), slice(0, 24))),
        (90, (96, 48), (slice(72, 96), slice(None))),  # the left side goes down
        (180, (48, 96), (slice(None), slice(72, 96))),
        (-90, (96, 48), (slice(0, 24), slice(None))),  # the left side goes up
    ],
)
def test_a_picture_is_shown_upright(
    tmp_path: Path, degrees: int, shape: tuple[int, int], white: tuple[slice, slice]
) -> None:
    frames = list(frames_of(write_turned(tmp_path / "turned.mp4", degrees)))
    assert len(frames) == 3
    for frame in frames:
        assert frame.image.shape[:2] == shape
        assert frame.image.flags.c_contiguous
        assert frame.image[white].mean() > 240
        assert frame.image.mean() < 100


@pytest.mark.parametrize("content", [None, b"", b"no video"])
def test_what_is_no_video_is_said_without_a_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "somebody.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KnownError) as caught:
        list(frames_of(path))
    assert caught.value.code is (FailureCode.FILE_MISSING if content is None else FailureCode.INPUT_INVALID)
    assert path.name not in str(caught.value)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("libopus", 48_000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
        block.sample_rate = 48_000
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    with pytest.raises(KnownError) as caught:
        list(frames_of(path))
    assert caught.value.code is FailureCode.INPUT_INVALID
