import math

import cv2
import numpy as np
import pytest

from drivers.face import engines
from drivers.face.engines import installed_engines, open_engine
from drivers.face.template_matcher import TemplateMatcher
from drivers.practice.idcard.portrait_encoder import encode_portrait
from drivers.practice.pictures import Scene, live_picture, portrait
from hallclient.devices import Image
from hallclient.domain.comparison import Decision, Thresholds
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.picture_decoding import decode_picture

WALL = np.full((480, 640, 3), 90, np.uint8)


@pytest.fixture(scope="module", params=installed_engines())
def matcher(request: pytest.FixtureRequest) -> TemplateMatcher:
    return open_engine(request.param)


@pytest.fixture(scope="module")
def chip_portrait() -> Image:
    """As a practice card's chip gives it back: 102x126, WebP of at most 1,024 bytes."""
    return decode_picture(encode_portrait(portrait()))


def webcam(scene: Scene) -> Image:
    return np.asarray(cv2.resize(live_picture(scene), (640, 480), interpolation=cv2.INTER_AREA), np.uint8)


def crowd(count: int) -> Image:
    """`count` faces in rows of five."""
    face = cv2.resize(live_picture(Scene.HOLDER), (320, 240), interpolation=cv2.INTER_AREA)
    columns = min(count, 5)
    return np.vstack([np.hstack([face] * columns)] * (count // columns))


def test_every_engine_of_the_project_is_installed_here() -> None:
    assert installed_engines() == ("sface", "dlib")


def test_an_engine_that_nobody_knows() -> None:
    with pytest.raises(KnownError) as caught:
        open_engine("another")
    assert caught.value.code is FailureCode.FACE_ENGINE_MISSING


def test_an_engine_whose_package_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda package: None)
    assert installed_engines() == ("sface",)
    with pytest.raises(KnownError) as caught:
        open_engine("dlib")
    assert caught.value.code is FailureCode.FACE_ENGINE_MISSING
    assert "face_recognition_models" in caught.value.detail


def test_the_holder_scores_above_a_stranger(matcher: TemplateMatcher, chip_portrait: Image) -> None:
    holder, stranger = (matcher.compare(chip_portrait, [webcam(scene)]) for scene in (Scene.HOLDER, Scene.STRANGER))
    assert holder.score is not None
    assert stranger.score is not None
    clearly = 0.1
    assert -1 <= stranger.score < holder.score - clearly < holder.score <= 1
    assert stranger.decision is Decision.MISMATCHED
    assert holder.engine == matcher.identity
    assert holder.thresholds == matcher.thresholds
    assert all(len(sha256) == 64 for sha256 in holder.engine.models.values())


def test_thresholds_of_ones_own(matcher: TemplateMatcher, chip_portrait: Image) -> None:
    for match, doubt, decision in ((-1, -1, "matched"), (1, -1, "doubtful"), (1, 1, "mismatched")):
        own = open_engine(matcher.identity.name, Thresholds(match, doubt, 1e-9, "a test", "2026-11-22"))
        assert own.compare(chip_portrait, [webcam(Scene.STRANGER)]).decision == decision


@pytest.mark.parametrize(
    "picture",
    [
        WALL,
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((1, 4000, 3), np.uint8),
        np.zeros((4000, 2, 3), np.uint8),
        np.random.default_rng(1).integers(0, 256, (480, 640, 3)).astype(np.uint8),
    ],
    ids=["wall", "empty", "one pixel", "line", "column", "noise"],
)
def test_without_a_face_there_is_no_score(matcher: TemplateMatcher, chip_portrait: Image, picture: Image) -> None:
    for card, live, decision in (
        (chip_portrait, picture, Decision.NO_FACE),
        (picture, webcam(Scene.HOLDER), Decision.NO_PORTRAIT),
    ):
        comparison = matcher.compare(card, [live])
        assert (comparison.decision, comparison.score) == (decision, None)


@pytest.mark.parametrize("count", [2, 20])
def test_several_faces_are_no_score(matcher: TemplateMatcher, chip_portrait: Image, count: int) -> None:
    comparison = matcher.compare(chip_portrait, [crowd(count)])
    assert (comparison.decision, comparison.score) == (Decision.SEVERAL_FACES, None)
    comparison = matcher.compare(crowd(count), [webcam(Scene.HOLDER)])
    assert (comparison.decision, comparison.score) == (Decision.NO_PORTRAIT, None)


@pytest.mark.parametrize("size", [(102, 126), (178, 220), (358, 441), (2040, 2520)])
def test_a_portrait_of_another_size(matcher: TemplateMatcher, size: tuple[int, int]) -> None:
    card = np.asarray(cv2.resize(portrait(), size, interpolation=cv2.INTER_AREA), np.uint8)
    score = matcher.compare(card, [webcam(Scene.HOLDER)]).score
    assert score is not None
    assert score > matcher.thresholds.doubt


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.uint16),
        np.full((48, 64, 3), math.nan, np.float32),
    ],
    ids=["grey", "with alpha", "16 bit", "NaN"],
)
def test_anything_but_bgr_bytes_is_a_bug(matcher: TemplateMatcher, chip_portrait: Image, picture: Image) -> None:
    for call in (
        lambda: matcher.compare(chip_portrait, [picture]),
        lambda: matcher.compare(picture, [chip_portrait]),
        lambda: matcher.likeness([chip_portrait, picture]),
        lambda: matcher.template(picture),
        lambda: matcher.portrait_template(picture),
    ):
        with pytest.raises(BugError):
            call()


def test_nothing_to_compare_with_is_a_bug(matcher: TemplateMatcher, chip_portrait: Image) -> None:
    with pytest.raises(BugError):
        matcher.compare(chip_portrait, [])


def test_likeness_tells_one_person_from_two(matcher: TemplateMatcher) -> None:
    holder, stranger = webcam(Scene.HOLDER), webcam(Scene.STRANGER)
    same, other = matcher.likeness([holder, holder]), matcher.likeness([holder, holder, stranger])
    assert same == pytest.approx(1, abs=1e-5)
    assert other is not None
    assert other < matcher.thresholds.doubt
    assert matcher.likeness([holder]) is None
    assert matcher.likeness([holder, WALL]) is None


def test_measuring_scores_as_comparing_does(matcher: TemplateMatcher, chip_portrait: Image) -> None:
    live = webcam(Scene.HOLDER)
    of_card, of_live = matcher.portrait_template(chip_portrait), matcher.template(live)
    assert of_card is not None
    assert of_live is not None
    comparison = matcher.compare(chip_portrait, [live])
    assert float(matcher.scores([of_card], [of_live])[0, 0]) == pytest.approx(comparison.score, abs=1e-5)
    assert matcher.template(WALL) is None
    assert matcher.portrait_template(WALL) is None
    assert matcher.scores([of_card] * 2, [of_live] * 3).shape == (2, 3)
