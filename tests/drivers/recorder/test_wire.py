import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from drivers.recorder.wire import (
    StartOrder,
    picture_from,
    picture_payload,
    sound_from,
    sound_payload,
)
from hallclient.devices import Frame, Image, Samples, Sound
from hallclient.domain.failures import BugError
from tests.drivers.recorder.synthetic import SESSION

TIMES_S = st.floats(0, 1e7)


@given(TIMES_S, arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9).map(lambda shape: (*shape, 3))))
def test_a_picture_survives(time_s: float, image: Image) -> None:
    back = picture_from(b"".join(picture_payload(Frame(time_s, image))))
    assert back.time_s == time_s
    np.testing.assert_array_equal(back.image, image)


def test_a_picture_that_is_a_slice_of_another_survives() -> None:
    image = np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3)[::2, ::-1]
    np.testing.assert_array_equal(picture_from(b"".join(picture_payload(Frame(0.0, image)))).image, image)


@given(TIMES_S, arrays(np.int16, st.integers(0, 50)))
def test_a_block_of_sound_survives(time_s: float, samples: Samples) -> None:
    back = sound_from(b"".join(sound_payload(Sound(time_s, samples))))
    assert back.time_s == time_s
    np.testing.assert_array_equal(back.samples, samples)


@pytest.mark.parametrize("path", ["/tmp/营业厅/a.hce", os.fsdecode("/tmp/营业厅/a".encode("gb18030"))])
def test_a_start_order_survives_and_does_not_show_its_key(path: str) -> None:
    order = StartOrder(Path(path), bytes(range(32)), bytes(39), 48_000, SESSION)
    assert StartOrder.from_payload(order.to_payload()) == order
    assert str(order.data_key) not in repr(order)


@pytest.mark.parametrize(
    ("key", "random", "session"),
    [
        (bytes(31), bytes(39), SESSION),
        (bytes(32), bytes(38), SESSION),
        (bytes(32), bytes(39), SESSION[:-1]),
        (bytes(32), bytes(39), SESSION + "0"),
    ],
)
def test_a_key_or_a_session_of_the_wrong_length_is_a_bug(key: bytes, random: bytes, session: str) -> None:
    with pytest.raises(BugError):
        StartOrder(Path("a"), key, random, 48_000, session).to_payload()
