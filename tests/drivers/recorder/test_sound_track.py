import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.recorder.sound_track import SoundTrack
from hallclient.devices import Sound
from hallclient.domain.failures import BugError

RATE_HZ = 1000
ZERO_S = 50.0


def block(first_s: float, samples: int = 20) -> Sound:
    """A block whose samples tell their own time in ms since zero."""
    first = round((first_s - ZERO_S) * RATE_HZ)
    return Sound(first_s, np.arange(first, first + samples, dtype=np.int16))


def test_sound_from_before_the_first_picture_is_cut_to_the_sample() -> None:
    track = SoundTrack(RATE_HZ, ZERO_S)
    assert track.place(block(ZERO_S - 0.5)).size == 0
    np.testing.assert_array_equal(track.place(block(ZERO_S - 0.013)), np.arange(7))


def test_sound_that_begins_late_follows_silence() -> None:
    track = SoundTrack(RATE_HZ, ZERO_S)
    np.testing.assert_array_equal(track.place(block(ZERO_S + 0.1)), [0] * 100 + list(range(100, 120)))
    assert (track.length, track.heard) == (120, 20)


def test_a_hole_becomes_silence_and_an_overlap_is_cut() -> None:
    track = SoundTrack(RATE_HZ, ZERO_S)
    track.place(block(ZERO_S))
    assert track.place(block(ZERO_S + 0.12)).tolist() == [0] * 100 + list(range(120, 140))
    assert track.place(block(ZERO_S + 0.1, 50)).tolist() == list(range(140, 150))


def test_time_stamps_from_another_clock_are_a_bug() -> None:
    with pytest.raises(BugError):
        SoundTrack(RATE_HZ, ZERO_S).place(Sound(ZERO_S + 3601, np.zeros(20, np.int16)))


@given(st.lists(st.floats(-0.029, 0.029), min_size=1, max_size=60))
def test_jitter_never_cuts_nor_stretches_the_sound(jitters_s: list[float]) -> None:
    track = SoundTrack(RATE_HZ, ZERO_S)
    track.place(block(ZERO_S))
    for number, jitter_s in enumerate(jitters_s, 1):
        made = block(ZERO_S + number * 0.02)
        np.testing.assert_array_equal(track.place(Sound(made.time_s + jitter_s, made.samples)), made.samples)


@given(st.lists(st.floats(-2, 5), min_size=1, max_size=30))
def test_every_block_lies_within_the_tolerance_of_its_time(times_s: list[float]) -> None:
    track = SoundTrack(RATE_HZ, ZERO_S)
    for time_s in sorted(times_s):
        before = track.length
        piece = track.place(block(ZERO_S + time_s))
        assert track.length == before + piece.size
        if piece.size:
            assert abs(track.length / RATE_HZ - (time_s + 0.02)) <= 0.03 + 1 / RATE_HZ
