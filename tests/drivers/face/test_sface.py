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
        (Scene.HOLDER_SPEAKING, Decision.MATCHED),
        (Scene.STRANGER, Decision.MISMATCHED),
    ],
)
def test_the_holder_matches_and_a_stranger_does_not(
    matcher: SFaceMatcher, chip_portrait: Image, scene: Scene, decision: Decision
) -> None:
    comparison = matcher.compare(chip_portrait, webcam(scene))
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
    assert strict.compare(chip_portrait, webcam(Scene.HOLDER)).decision is Decision.DOUBTFUL


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
        comparison = matcher.compare(card, picture)
        assert (comparison.decision, comparison.score) == (decision, None)


def test_the_largest_face_is_seen_where_it_is(matcher: SFaceMatcher) -> None:
    sight = matcher.look(webcam(Scene.HOLDER))
    assert sight.count == 1
    assert sight.box is not None
    left, top, width, height = sight.box
    assert 220 < left + width / 2 < 420
    assert 100 < top + height / 2 < 320
    assert 80 < width < 250
    assert sight.quality > 0.8


def test_a_huge_picture_shows_the_same_face_at_its_own_scale(matcher: SFaceMatcher) -> None:
    live = webcam(Scene.HOLDER)
    small = matcher.look(live).box
    huge = matcher.look(cv2.resize(live, None, fx=6, fy=6)).box
    assert small is not None
    assert huge is not None
    assert np.array(huge) / 6 == pytest.approx(np.array(small), abs=10)


def test_two_faces_have_no_quality_and_a_bystander_does_not_count(matcher: SFaceMatcher) -> None:
    live = webcam(Scene.HOLDER)
    two = matcher.look(np.hstack([live, live]))
    assert (two.count, two.quality) == (2, 0.0)
    live[:96, :128] = cv2.resize(webcam(Scene.STRANGER), (128, 96), interpolation=cv2.INTER_AREA)
    assert matcher.look(live[:96, :128]).count == 1
    assert matcher.look(live).count == 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5000, 3), (5000, 1, 3), (3, 3, 3), (0, 9, 3), (33, 47, 3)])
def test_odd_sizes_show_no_face(matcher: SFaceMatcher, shape: tuple[int, int, int]) -> None:
    sight = matcher.look(np.full(shape, 77, np.uint8))
    assert (sight.count, sight.box, sight.quality) == (0, None, 0.0)


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
        matcher.look(picture)
    with pytest.raises(BugError):
        matcher.compare(chip_portrait, picture)
    with pytest.raises(BugError):
        matcher.compare(picture, chip_portrait)
