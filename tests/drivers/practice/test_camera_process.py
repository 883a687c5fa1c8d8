"""What the practice camera's process draws, in this process and without waiting."""

import numpy as np
import pytest

from drivers.face.analyser import YuNetAnalyser
from drivers.practice.camera_process import FocusingSource
from drivers.practice.camera_wire import frame_from, picture_payload, start_from, start_payload
from drivers.practice.pictures import Scene, live_picture
from hallclient.domain.failures import FailureCode, KnownError


def test_the_same_picture_number_looks_the_same() -> None:
    first, second = (FocusingSource(live_picture(Scene.HOLDER)) for _ in range(2))
    np.testing.assert_array_equal(first.picture(0), second.picture(0))
    assert first.open() == 25.0


def test_the_first_pictures_are_blurred_so_that_picking_the_best_matters() -> None:
    source, analyser = FocusingSource(live_picture(Scene.HOLDER)), YuNetAnalyser()
    qualities = [analyser.look(source.picture(index)).quality for index in range(20)]
    assert qualities[0] < 0.6
    assert min(qualities[14:]) > 0.85


def test_it_fails_from_the_picture_on_that_it_is_told() -> None:
    source = FocusingSource(live_picture(Scene.HOLDER), stops_after_s=0.2)
    source.picture(4)
    with pytest.raises(KnownError) as caught:
        source.picture(5)
    assert caught.value.code is FailureCode.CAMERA_STOPPED


@pytest.mark.parametrize("stops_after_s", [None, 0.0, 1.5])
def test_what_is_told_to_the_process_arrives(stops_after_s: float | None) -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    still, stops = start_from(b"".join(start_payload(image, stops_after_s)))
    np.testing.assert_array_equal(still, image)
    assert stops == stops_after_s
    frame = frame_from(b"".join(picture_payload(12.25, image[:, ::2])))
    np.testing.assert_array_equal(frame.image, image[:, ::2])
    assert frame.time_s == 12.25
