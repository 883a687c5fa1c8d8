from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.face_index import PictureRole, of_groups, read_index

HEADER = "group,identity,role,file"
NAME = "Somebody Known"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "faces"
    inside.mkdir()
    for name in ("a.webp", "b.jpg"):
        (inside / name).write_bytes(b"-")
    (tmp_path / "outside.jpg").write_bytes(b"-")
    return inside


def index(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "index.csv"
    path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(KnownError) as caught:
        read_index(path)
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert NAME not in str(caught.value)
    return caught.value.detail


def test_rows_with_columns_in_any_order(folder: Path) -> None:
    path = index(folder, "b.jpg,photo,x,Anyone,note", "a.webp,card,x,Anyone,", header="file,role,group,identity,more")
    first, second = read_index(path)
    assert (first.row, first.group, first.identity, first.role) == (2, "x", "Anyone", PictureRole.PHOTO)
    assert (second.row, second.role, second.path) == (3, PictureRole.CARD, folder / "a.webp")


def test_a_file_saved_by_a_spreadsheet(folder: Path) -> None:
    path = folder / "index.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\nx,Anyone,card,a.webp\r\n".encode())
    assert len(read_index(path)) == 1


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (f",{NAME},card,a.webp", "no group"),
        ("x,,card,a.webp", "no identity"),
        (f"x,{NAME},,a.webp", "no role"),
        (f"x,{NAME},card", "no file"),
        (f"x,{NAME},selfie,a.webp", "role is none of card, photo, photo-of-card"),
        (f"x,{NAME},card,{NAME}.webp", "file is missing"),
        (f"x,{NAME},card,.", "file is missing"),
        (f"x,{NAME},card,../outside.jpg", "file is outside the index's folder"),
        (f"x,{NAME},card,/etc/hostname", "file is outside the index's folder"),
        (f"x,{NAME},card,{'a' * 5000}", "file cannot be a file's name"),
    ],
)
def test_a_bad_row_is_named_by_its_number(folder: Path, row: str, what: str) -> None:
    assert refusal(index(folder, "x,Anyone,photo,b.jpg", row)) == f"row 3: {what}"


def test_a_link_does_not_lead_outside(folder: Path) -> None:
    (folder / "link.jpg").symlink_to(folder.parent / "outside.jpg")
    assert "outside" in refusal(index(folder, f"x,{NAME},photo,link.jpg"))


@pytest.mark.parametrize("missing", HEADER.split(","))
def test_a_missing_column_is_named(folder: Path, missing: str) -> None:
    header = ",".join(column for column in HEADER.split(",") if column != missing)
    assert missing in refusal(index(folder, header=header))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"\x00\x01", HEADER.encode(), HEADER.encode() + b"\n\n"])
def test_what_is_no_index(folder: Path, data: bytes) -> None:
    path = folder / "index.csv"
    path.write_bytes(data)
    refusal(path)


def test_a_folder_and_nothing_are_no_index(folder: Path) -> None:
    refusal(folder)
    with pytest.raises(KnownError, match="file_missing: No such file"):
        read_index(folder / "missing.csv")


def test_groups_in_the_order_asked_for(folder: Path) -> None:
    rows = read_index(index(folder, "x,Anyone,card,a.webp", "y,Anyone,photo,b.jpg"))
    assert {name: [row.row for row in members] for name, members in of_groups(rows, ()).items()} == {"x": [2], "y": [3]}
    assert list(of_groups(rows, ("y",))) == ["y"]
    with pytest.raises(KnownError) as caught:
        of_groups(rows, ("z",))
    assert caught.value.code is FailureCode.INPUT_INVALID
