from itertools import count

import cv2
import numpy as np
import pytest

from drivers.face.analyser import YuNetAnalyser
from drivers.face.detector import shared_detector
from drivers.face.engines import open_engine
from drivers.face.relief import FlowRelief
from drivers.face.sface import SFaceEncoder, SFaceMatcher
from drivers.face.sight_memory import SightMemory, UnknownPictureError
from drivers.face.template_matcher import SeenFaces
from drivers.practice.actor import Pose
from drivers.practice.pictures import Scene, portrait
from hallclient.devices import Image
from hallclient.domain.comparison import Decision
from tests.attacks.kit import actor

WALL = np.full((480, 640, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def pictures() -> list[Image]:
    return [actor(Scene.HOLDER).picture(Pose(turn_deg=turn_deg)) for turn_deg in (0, 8, 15)]


def looked(memory: SightMemory, images: list[Image]) -> list[int]:
    numbers = list(range(len(images)))
    for image, number in zip(images, numbers, strict=True):
        memory.look(image, number, numbers)
    return numbers


def test_it_says_what_the_engines_say_of_the_pictures(pictures: list[Image]) -> None:
    analyser, relief, matcher = YuNetAnalyser(), FlowRelief(), SFaceMatcher()
    memory = SightMemory(analyser, relief, matcher)
    number = count()
    for image in (*pictures, WALL, cv2.hconcat([pictures[0], pictures[0]]), np.zeros((0, 0, 3), np.uint8)):
        assert memory.look(image, next(number), range(9)) == analyser.look(image)
    assert memory.reliefs([0, 1, 2]) == relief.reliefs(pictures[0], pictures[1:])
    assert None not in memory.reliefs([0, 1, 2])
    assert memory.likeness([0, 1, 2]) == matcher.likeness(pictures)
    assert memory.compare(portrait(), [0, 1]) == matcher.compare(portrait(), pictures[:2])
    assert memory.compare(portrait(), [0]).decision is Decision.MATCHED


def test_of_a_wall_and_of_several_faces_it_says_what_the_engines_say(pictures: list[Image]) -> None:
    two = cv2.hconcat([pictures[0], pictures[0]])
    relief, matcher = FlowRelief(), SFaceMatcher()
    memory = SightMemory(YuNetAnalyser(), relief, matcher)
    looked(memory, [pictures[0], WALL, two])
    assert memory.reliefs([0, 1, 2]) == relief.reliefs(pictures[0], [WALL, two]) == (None, None)
    assert memory.reliefs([1, 0]) == memory.reliefs([2, 0]) == (None,)
    assert memory.likeness([0, 1]) is matcher.likeness([pictures[0], WALL]) is None
    assert memory.likeness([0]) is None
    assert memory.likeness([0, 2]) == matcher.likeness([pictures[0], two])
    assert memory.compare(portrait(), [0, 1]).decision is Decision.NO_FACE
    assert memory.compare(portrait(), [2, 0]).decision is Decision.SEVERAL_FACES


def test_only_what_is_held_is_remembered(pictures: list[Image]) -> None:
    memory = SightMemory(YuNetAnalyser(), FlowRelief(), SFaceMatcher())
    looked(memory, pictures)
    memory.look(pictures[0], 7, [0, 7])
    assert memory.likeness([0, 7]) == pytest.approx(1, abs=1e-5)
    for forgotten in ([0, 1], [2], [8]):
        for ask in (memory.reliefs, memory.likeness, lambda numbers: memory.compare(portrait(), numbers)):
            with pytest.raises(UnknownPictureError):
                ask(forgotten)


def test_told_to_forget_it_remembers_nothing_without_another_look(pictures: list[Image]) -> None:
    memory = SightMemory(YuNetAnalyser(), FlowRelief(), SFaceMatcher())
    numbers = looked(memory, pictures)
    memory.forget()
    for number in numbers:
        with pytest.raises(UnknownPictureError):
            memory.likeness([number])


def test_an_engine_that_looks_for_itself_needs_the_pictures(pictures: list[Image]) -> None:
    memory = SightMemory(YuNetAnalyser(), FlowRelief(), open_engine("dlib"))
    numbers = looked(memory, pictures)
    assert len(memory.reliefs(numbers)) == 2
    with pytest.raises(UnknownPictureError):
        memory.likeness(numbers)
    with pytest.raises(UnknownPictureError):
        memory.compare(portrait(), numbers)


def test_one_picture_is_searched_for_faces_once(pictures: list[Image], monkeypatch: pytest.MonkeyPatch) -> None:
    memory = SightMemory(YuNetAnalyser(), FlowRelief(), SFaceMatcher())
    detector, searched = type(shared_detector()), []
    find = detector.faces
    monkeypatch.setattr(detector, "faces", lambda self, image: searched.append(self) or find(self, image))
    numbers = looked(memory, pictures)
    memory.reliefs(numbers)
    memory.likeness(numbers)
    assert searched == [shared_detector()] * 3


def test_a_face_that_was_compared_with_itself_is_not_embedded_again_for_the_card(
    pictures: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = SightMemory(YuNetAnalyser(), FlowRelief(), SFaceMatcher())
    embedded: list[Image] = []
    embed = SFaceEncoder.template
    monkeypatch.setattr(SFaceEncoder, "template", lambda self, crop: embedded.append(crop) or embed(self, crop))
    numbers = looked(memory, pictures)
    memory.prepare([*numbers[:2], 9])  # nothing is known of the last one
    early = len(embedded)
    memory.likeness(numbers)
    live = len(embedded)
    memory.compare(portrait(), numbers)
    assert (early, live, len(embedded) - live) == (2, 3, 1)  # then only the portrait of the card


def test_of_a_picture_without_a_face_or_for_an_engine_that_looks_for_itself_nothing_is_prepared(
    pictures: list[Image],
) -> None:
    nobody = SeenFaces(0, None)
    SFaceMatcher().prepare_seen([nobody])
    assert nobody.template is None
    memory = SightMemory(YuNetAnalyser(), FlowRelief(), open_engine("dlib"))
    numbers = looked(memory, pictures)
    memory.prepare(numbers)
    with pytest.raises(UnknownPictureError):
        memory.likeness(numbers)
