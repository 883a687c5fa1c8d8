"""What is wrong, what is missed, and the judgements that say so; on numbers and pictures made here."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hallclient.devices import Frame
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.quality_issue import QualityIssue
from hallclient.services.index_file import read_rows
from tests.attacks.video_file import write_video
from tests.bench.quality_issues import JUDGEMENTS, Judged, Span, judge, looked_at, main, measure, read_spans

FAR, MOUTH = QualityIssue.TOO_FAR, QualityIssue.MOUTH_COVERED
RIGHT: list[list[QualityIssue | None]] = [[None], [FAR], [FAR, None]]
SPANS = [Span(row, row, row + 1, frozenset(right)) for row, right in enumerate(RIGHT)]


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
def test_table(time_s: float, said: QualityIssue | None, pictures: int, wrong: int, missed: int) -> None:
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


def judgements_of(folder: Path, row: str) -> Path:
    (folder / "a.mp4").touch()
    judgements = folder / "judgements.csv"
    judgements.write_text(f"file,from_s,to_s,right\na.mp4,0,1,none too_far\n{row}\n", "utf-8")
    return judgements


def test_judgements_give_the_spans_of_each_recording(tmp_path: Path) -> None:
    spans = [Span(2, 0, 1, frozenset({None, FAR})), Span(3, 1, 2.5, frozenset({MOUTH}))]
    judgements = judgements_of(tmp_path, "a.mp4,1,2.5,mouth_covered")
    assert read_spans(judgements, tmp_path) == {(tmp_path / "a.mp4").resolve(): spans}


@pytest.mark.parametrize(
    "row", ["a.mp4,2,1,none", "a.mp4,x,1,none", "a.mp4,0,nan,none", "a.mp4,0,1,ugly", "b,0,1,none"]
)
def test_a_bad_row_is_named(row: str, tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        read_spans(judgements_of(tmp_path, row), tmp_path)
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert "row 3" in caught.value.detail


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Empty files under the names of all recordings that were judged."""
    for _, (file,) in read_rows(JUDGEMENTS, ["file"]):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    return tmp_path


def test_our_own_judgements_leave_no_gap_and_do_not_overlap(recordings: Path) -> None:
    for spans in read_spans(JUDGEMENTS, recordings).values():
        assert spans[0].from_s == 0
        assert all(earlier.to_s == later.from_s for earlier, later in pairwise(spans))


def test_a_recording_that_is_missing_is_said_before_anything_is_measured(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (row, (last,)) = read_rows(JUDGEMENTS, ["file"])[-1]
    (recordings / last).unlink()
    first = next(number for number, (file,) in read_rows(JUDGEMENTS, ["file"]) if file == last)
    assert first <= row
    with pytest.raises(SystemExit) as ended:
        main([str(recordings)])
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"quality_issues.csv: input_invalid: row {first}: file is missing\n")


def test_a_recording_that_cannot_be_decoded_is_said(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(recordings), "5"])
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", "quality_issues.csv: input_invalid: row 2: the video file cannot be decoded\n")


@pytest.mark.parametrize("arguments", [[], ["."], [".", "0"], [".", "-1"], [".", "nan"], [".", "inf"], [".", "many"]])
def test_what_cannot_be_measured_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_a_recording_is_judged_and_must_reach_its_last_span(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    walls = (np.full((240, 320, 3), 90 + index % 2, np.uint8) for index in range(30))
    write_video(tmp_path / "a.avi", walls, 15)
    rows = "file,from_s,to_s,right\na.avi,0,{end},none\na.avi,{end},9,no_face\n"
    judgements = tmp_path / "judgements.csv"
    judgements.write_text(rows.format(end=1.5), "utf-8")
    measure(read_spans(judgements, tmp_path), 5)
    said = "wrong 8 of 10 (80.0%), missed 0 [no_face 8]"
    assert capsys.readouterr().out.splitlines() == [
        f"{name}: single pictures: {said}; said: {said}" for name in ("a.avi", "all")
    ]
    judgements.write_text(rows.format(end=2.5), "utf-8")
    with pytest.raises(KnownError, match="row 3: the recording ends before the span begins"):
        measure(read_spans(judgements, tmp_path), 5)
