import os
from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.index_file import file_of_row, read_rows


def index(folder: Path, *lines: str) -> Path:
    path = folder / "index.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_values_come_in_the_order_asked_for_with_the_rows_own_numbers(tmp_path: Path) -> None:
    path = index(tmp_path, "file,more,kind", "a.mp4,-, a mask ", "b.mp4,,a photograph")
    assert read_rows(path, ("kind", "file")) == ((2, ("a mask", "a.mp4")), (3, ("a photograph", "b.mp4")))


def test_empty_rows_count_and_are_passed_over(tmp_path: Path) -> None:
    path = index(tmp_path, "file,kind", "", "a.mp4,mask", " ,", "b.mp4,mask,,")
    with pytest.raises(KnownError, match="row 4: no file"):
        read_rows(path, ("file", "kind"))
    path = index(tmp_path, "file,kind", "", "a.mp4,mask", ",", "b.mp4,mask,,")
    assert read_rows(path, ("file",)) == ((3, ("a.mp4",)), (5, ("b.mp4",)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_a_spreadsheet_writes_is_read(tmp_path: Path, end: str, encoding: str) -> None:
    path = tmp_path / "index.csv"
    path.write_bytes(end.join(["file,kind", 'a.mp4,"打印, 弯折"', ""]).encode(encoding))
    assert read_rows(path, ("file", "kind")) == ((2, ("a.mp4", "打印, 弯折")),)


def test_an_index_that_cannot_be_read_is_not_named(tmp_path: Path) -> None:
    person = tmp_path / "王小明.csv"
    with pytest.raises(KnownError) as caught:
        read_rows(person, ("file",))
    assert (caught.value.code, caught.value.detail) == (FailureCode.FILE_MISSING, "No such file or directory")
    os.mkfifo(person)
    for path, what in ((person, "not a regular file"), (tmp_path, "Is a directory")):
        with pytest.raises(KnownError) as caught:
            read_rows(path, ("file",))
        assert (caught.value.code, caught.value.detail) == (FailureCode.INPUT_INVALID, what)


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("file,kind",), "the index is empty"),
        (("file,sort", "a,b"), "the index has no column kind"),
        (("file;kind", "a;b"), "the index has no column file, kind"),
        (("file,kind", "a,b", "a, "), "row 3: no kind"),
        (("file,kind", "a"), "row 2: no kind"),
        (("file,kind", "", ",", "a"), "row 4: no kind"),
        (("file,kind", "a,a replay, on a laptop"), "row 2: more values than columns"),
        (("kind,file,kind", "a,b,c"), "the index has the column kind twice"),
        (("", "file,kind", "a,b"), "the index has no column file, kind"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(tmp_path: Path, lines: tuple[str, ...], what: str) -> None:
    with pytest.raises(KnownError) as caught:
        read_rows(index(tmp_path, *lines), ("file", "kind"))
    assert (caught.value.code, caught.value.detail) == (FailureCode.INPUT_INVALID, what)


def test_a_file_is_inside_the_indexs_folder(tmp_path: Path) -> None:
    inside = tmp_path / "set"
    (inside / "clips").mkdir(parents=True)
    (inside / "clips" / "a.mp4").touch()
    (tmp_path / "b.mp4").touch()
    assert file_of_row(inside, 2, "clips/a.mp4") == inside / "clips" / "a.mp4"
    for file, what in (("../b.mp4", "outside"), ("clips", "missing"), ("a\0b", "cannot be a file's name")):
        with pytest.raises(KnownError, match=what) as caught:
            file_of_row(inside, 7, file)
        assert caught.value.detail.startswith("row 7: ")
