from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge
from hallclient.services.liveness_index import Attack, GenuineMovement, read_attacks, read_movements

HEADER = "file,challenge,ask_from_s,begin_s,end_s"


def index(folder: Path, *lines: str) -> Path:
    (folder / "a.mp4").touch()
    path = folder / "index.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_movement_says_from_when_it_may_be_asked_for(tmp_path: Path) -> None:
    path = index(tmp_path, HEADER, "a.mp4,turn_left,0,1.8,6.0", "a.mp4,nod,2,2,3")
    assert read_movements(path) == (
        GenuineMovement(2, "a.mp4", tmp_path / "a.mp4", Challenge.TURN_LEFT, 0.0, 1.8, 6.0),
        GenuineMovement(3, "a.mp4", tmp_path / "a.mp4", Challenge.NOD, 2.0, 2.0, 3.0),
    )


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("b.mp4,nod,0,1,2", "file is missing"),
        ("a.mp4,smile,0,1,2", "challenge is none of blink, open_mouth, turn_left, turn_right, nod"),
        ("a.mp4,NOD,0,1,2", "challenge is none of blink, open_mouth, turn_left, turn_right, nod"),
        ("a.mp4,nod,2,1,3", "begin_s is before ask_from_s"),
        ("a.mp4,nod,0,1,0.5", "end_s is not after begin_s"),
        ("a.mp4,nod,0,1,1", "end_s is not after begin_s"),
        ("a.mp4,nod,-1,1,2", "ask_from_s is no number of seconds from 0 to 3600"),
        ("a.mp4,nod,0,soon,2", "begin_s is no number of seconds from 0 to 3600"),
        ("a.mp4,nod,0,1,nan", "end_s is no number of seconds from 0 to 3600"),
        ("a.mp4,nod,0,1,inf", "end_s is no number of seconds from 0 to 3600"),
        ("a.mp4,nod,0,1,1e308", "end_s is no number of seconds from 0 to 3600"),
        ("a.mp4,nod,0,100000,100001", "begin_s is no number of seconds from 0 to 3600"),
        ("a.mp4,nod,0,1", "no end_s"),
    ],
)
def test_a_bad_row_is_named_by_its_number(tmp_path: Path, row: str, what: str) -> None:
    with pytest.raises(KnownError) as caught:
        read_movements(index(tmp_path, HEADER, "a.mp4,nod,0,1,2", row))
    assert (caught.value.code, caught.value.detail) == (FailureCode.INPUT_INVALID, f"row 3: {what}")


def test_an_attack_has_a_kind_in_any_words(tmp_path: Path) -> None:
    path = index(tmp_path, "file,kind", 'a.mp4,"a photograph, held up"')
    assert read_attacks(path) == (Attack(2, "a.mp4", tmp_path / "a.mp4", "a photograph, held up"),)


def test_one_index_is_not_the_other(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="no column kind"):
        read_attacks(index(tmp_path, HEADER, "a.mp4,nod,0,1,2"))
    with pytest.raises(KnownError, match="no column challenge, ask_from_s, begin_s, end_s"):
        read_movements(index(tmp_path, "file,kind", "a.mp4,mask"))
