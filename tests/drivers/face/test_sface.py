import io
import math

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from drivers.face.models import MODEL_SHA256
from drivers.face.sface import SFaceMatcher
from drivers.practice.pictures import Scene, live_picture, portrait
from hallclient.devices import Image
from hallclient.domain.comparison import Decision, Thresholds
from hallclient.domain.failures import BugError


@pytest.fixture(scope="module")
def matcher() -> SFaceMatcher:
    return SFaceMatcher()


@pytest.fixture(scope="module")
def chip_portrait() -> Image:
    """The portrait as a card's chip gives it back: 102x126, WebP of at most 1,024 bytes."""
    small = cv2.resize(portrait(), (102, 126), interpolation=cv2.INTER_AREA)
    for quality in range(90, 0, -5):
        packed = io.BytesIO()
        Pillow.fromarray(small[:, :, ::-1]).save(packed, "WEBP", quality=quality, method=6)
        if packed.tell() <= 1024:
            break
    assert packed.tell() <= 1024
    return np.ascontiguousarray(np.asarray(Pillow.open(packed).convert("RGB"))[:, :, ::-1])


def webcam(scene: Scene) -> Image:
    return cv2.resize(live_picture(scene), (640, 480), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize(
    ("scene", "decision"),
    [
        (Scene.HOLDER, Decision.MATCHED),
        (Scene.HOLDER_ELSEWHERE, Decision.MATCHED),
        (Scene.STRANGER, Decision.MISMATCHED),
    ],
)
def test_the_holder_matches_and_a_stranger_does_not(
    matcher: SFaceMatcher, chip_portrait: Image, scene: Scene, decision: Decision
) -> None:
    comparison = matcher.compare(chip_portrait, [webcam(scene)])
    assert comparison.decision is decision
    assert comparison.score is not None
    clearly = 0.1
    if decision is Decision.MATCHED:
        assert comparison.score > matcher.thresholds.match + clearly
    else:
        assert comparison.score < matcher.thresholds.doubt - clearly
    assert comparison.engine == matcher.identity
    assert comparison.thresholds == matcher.thresholds


def test_a_score_between_the_thresholds_is_doubtful(chip_portrait: Image) -> None:
    strict = SFaceMatcher(Thresholds(0.99, 0.2, 1e-9, "a test", "2026-11-22"))
    assert strict.compare(chip_portrait, [webcam(Scene.HOLDER)]).decision is Decision.DOUBTFUL


def test_the_engine_says_which_models_it_used(matcher: SFaceMatcher) -> None:
    assert matcher.identity.name == "sface"
    assert matcher.identity.version == f"opencv-{cv2.__version__}"
    assert matcher.identity.models == MODEL_SHA256


def test_a_result_without_two_faces_has_no_score(matcher: SFaceMatcher, chip_portrait: Image) -> None:
    live = webcam(Scene.HOLDER)
    wall = np.full((480, 640, 3), 90, np.uint8)
    nothing = np.zeros((0, 0, 3), np.uint8)
    crowd = np.hstack([live, live])
    cases = [
        (None, live, Decision.NO_PORTRAIT),
        (wall, live, Decision.NO_PORTRAIT),
        (nothing, live, Decision.NO_PORTRAIT),
        (chip_portrait, wall, Decision.NO_FACE),
        (chip_portrait, nothing, Decision.NO_FACE),
        (chip_portrait, crowd, Decision.SEVERAL_FACES),
    ]
    for card, picture, decision in cases:
        comparison = matcher.compare(card, [picture])
        assert (comparison.decision, comparison.score) == (decision, None)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.uint16),
        np.full((48, 64, 3), math.nan, np.float32),
    ],
    ids=["grey", "with alpha", "16 bit", "float"],
)
def test_anything_but_bgr_bytes_is_a_bug(matcher: SFaceMatcher, chip_portrait: Image, picture) -> None:
    with pytest.raises(BugError):
        matcher.compare(chip_portrait, [picture])
    with pytest.raises(BugError):
        matcher.compare(picture, [chip_portrait])


def test_several_pictures_of_one_person_are_averaged(matcher: SFaceMatcher, chip_portrait: Image) -> None:
    first, second = webcam(Scene.HOLDER), webcam(Scene.HOLDER_ELSEWHERE)
    alone = [matcher.compare(chip_portrait, [picture]).score for picture in (first, second)]
    both = matcher.compare(chip_portrait, [first, second]).score
    assert both is not None
    assert both > sum(score for score in alone if score is not None) / 2


def test_one_picture_without_a_face_decides_for_all(matcher: SFaceMatcher, chip_portrait: Image) -> None:
    wall = np.full((480, 640, 3), 90, np.uint8)
    comparison = matcher.compare(chip_portrait, [webcam(Scene.HOLDER), wall])
    assert (comparison.decision, comparison.score) == (Decision.NO_FACE, None)


def test_likeness_tells_one_person_from_two(matcher: SFaceMatcher) -> None:
    holder, speaking, stranger = (webcam(scene) for scene in (Scene.HOLDER, Scene.HOLDER_ELSEWHERE, Scene.STRANGER))
    wall = np.full((480, 640, 3), 90, np.uint8)
    same, other = matcher.likeness([holder, speaking]), matcher.likeness([holder, speaking, stranger])
    assert same is not None
    assert other is not None
    assert other < matcher.thresholds.doubt < matcher.thresholds.match < same
    assert matcher.likeness([holder]) is None
    assert matcher.likeness([holder, wall]) is None
