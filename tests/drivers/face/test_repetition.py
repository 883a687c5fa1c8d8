"""Repeating pictures, seen with numpy and in the face process: nothing is missed, whatever becomes of the process."""

import os
import random
import signal
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.face.process_faces import ProcessFaces
from drivers.face.repetition import NumpyRepetitions, summed_differences
from drivers.face.wire import glances_from, glances_payload
from hallclient.devices import Glance
from hallclient.domain.repetition import Repetition, RepetitionWatch, differences
from tests.hallclient.domain.test_repetition import moving

RATE_HZ = 25


def glances(pictures: list[bytes], begin_s: float = 0.0) -> list[Glance]:
    return [Glance(begin_s + index / RATE_HZ, picture) for index, picture in enumerate(pictures)]


@pytest.fixture
def faces() -> Iterator[ProcessFaces]:
    made = ProcessFaces(patience_s=20.0)
    yield made
    made.close()


@given(st.integers(0, 40).flatmap(lambda n: st.lists(st.binary(min_size=n, max_size=n), min_size=1, max_size=9)))
def test_numpy_says_what_the_rule_says(pictures: list[bytes]) -> None:
    first, *others = pictures
    assert list(summed_differences(first, others)) == differences(first, others)


@pytest.mark.parametrize("length", [15, 40])
def test_a_clip_that_begins_again_is_found_at_the_same_picture(length: int) -> None:
    clip = moving(random.Random(2), length)
    watch, numpy = RepetitionWatch(), NumpyRepetitions()
    said = [watch.see(glance.time_s, glance.samples) for glance in glances(clip + clip)]
    assert [numpy.see([glance]) for glance in glances(clip + clip)] == said
    assert Repetition.REPEATED in said


def test_several_at_once_say_the_first_thing_and_begin_forgets_all() -> None:
    clip = moving(random.Random(2), 40)
    numpy = NumpyRepetitions()
    assert numpy.see(glances(clip)) is None
    numpy.begin()
    assert numpy.see(glances(clip, 2.0)) is None
    assert numpy.see(glances(clip, 4.0)) is Repetition.REPEATED


@given(st.lists(st.tuples(st.floats(allow_nan=False), st.binary(max_size=400)), max_size=5))
def test_glances_cross_the_pipe(seen: list[tuple[float, bytes]]) -> None:
    sent = [Glance(*one) for one in seen]
    assert glances_from(b"".join(glances_payload(sent))) == sent


@pytest.mark.expects_log("the face process was lost .* and is started again")
def test_a_process_that_is_killed_misses_no_repetition(faces: ProcessFaces) -> None:
    clip = moving(random.Random(2), 40)
    faces.begin()
    assert faces.see(glances(clip)[:30]) is None
    os.kill(faces.pid or 0, signal.SIGKILL)
    assert faces.see(glances(clip)[30:]) is None
    assert faces.see(glances(clip, 40 / RATE_HZ)[:5]) is None  # fewer than make a run
    os.kill(faces.pid or 0, signal.SIGKILL)
    assert faces.see(glances(clip, 40 / RATE_HZ)[5:10]) is Repetition.REPEATED
    faces.begin()
    assert faces.see(glances(clip, 4.0)) is None
