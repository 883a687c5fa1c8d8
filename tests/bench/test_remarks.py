"""What is wrong, what is missed, and an index that says so; on numbers and pictures made here."""

from pathlib import Path

import numpy as np
import pytest

from hallclient.devices import Frame
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import FailureCode, KnownError
from tests.bench.remarks import Judged, Span, judge, looked_at, read_spans

FAR, MOUTH = FaceRemark.TOO_FAR, FaceRemark.MOUTH_COVERED
SPANS = [Span(0, 1, frozenset({None})), Span(1, 2, frozenset({FAR})), Span(2, 3, frozenset({FAR, None}))]


@pytest.mark.parametrize(
    ("time_s", "said", "pictures", "wrong", "missed"),
    [
        (0.5, None, 1, 0, 0),
        (0.5, FAR, 1, 1, 0),
        (1.0, FAR, 1, 0, 0),
        (1.5, None, 1, 0, 1),
        (1.5, MOUTH, 1, 1, 0),
        (2.5, None, 1, 0, 0),
        (3.0, MOUTH, 0, 0, 0),
    ],
)
def test_table(time_s: float, said: FaceRemark | None, pictures: int, wrong: int, missed: int) -> None:
    judged = Judged()
    judged.add(SPANS, time_s, said)
    assert (judged.pictures, judged.wrong, judged.missed) == (pictures, wrong, missed)


def test_what_does_not_hold_is_wrong_in_the_picture_and_not_in_what_is_said() -> None:
    frames = [Frame(index / 10, np.full((1, 1, 3), index, np.uint8)) for index in range(10)]
    single, held = judge(frames, SPANS, lambda image: MOUTH if image[0, 0, 0] == 5 else None)
    assert (single.pictures, single.wrong, held.pictures, held.wrong) == (10, 1, 10, 0)
    assert str(single) == "wrong 1 of 10 (10.0%), missed 0 [mouth_covered 1]"


def test_so_many_a_second_are_looked_at() -> None:
    frames = [Frame(index / 30, np.empty((0, 0, 3), np.uint8)) for index in range(60)]
    assert [round(frame.time_s * 30) for frame in looked_at(frames, 5)] == list(range(0, 60, 6))


def index_of(folder: Path, row: str) -> Path:
    (folder / "a.mp4").touch()
    index = folder / "index.csv"
    index.write_text(f"file,from_s,to_s,right\na.mp4,0,1,none too_far\n{row}\n", "utf-8")
    return index


def test_an_index_gives_the_spans_of_each_video(tmp_path: Path) -> None:
    spans = [Span(0, 1, frozenset({None, FAR})), Span(1, 2.5, frozenset({MOUTH}))]
    assert read_spans(index_of(tmp_path, "a.mp4,1,2.5,mouth_covered")) == {(tmp_path / "a.mp4").resolve(): spans}


@pytest.mark.parametrize(
    "row", ["a.mp4,2,1,none", "a.mp4,x,1,none", "a.mp4,0,nan,none", "a.mp4,0,1,ugly", "b,0,1,none"]
)
def test_a_bad_row_is_named(row: str, tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        read_spans(index_of(tmp_path, row))
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert "row 3" in str(caught.value.detail)
