"""`hallclient face liveness-evaluate`, on people and attacks made by program."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from drivers.practice.actor import Pose
from drivers.practice.performance import Performer
from drivers.practice.pictures import Scene
from hallclient.devices import Image
from hallclient.domain.liveness import Challenge
from tests.attacks.kit import actor
from tests.attacks.video_file import halved, write_video
from tests.command_line import Done, hallclient

pytestmark = pytest.mark.usefixtures("looked_at_once")

RATE_HZ = 15
HEADER = "file,challenge,ask_from_s,begin_s,end_s"


def performance(seconds: float) -> Iterator[Image]:
    """The holder rests, opens the mouth from 1 s on and turns to the left from 3.6 s on; small, to be quick."""
    person = Performer(actor(Scene.HOLDER), 11, Pose(scale=0.95))
    person.perform(Challenge.OPEN_MOUTH, 0.6)
    person.perform(Challenge.TURN_LEFT, 3.2)
    for index in range(round(seconds * RATE_HZ)):
        yield halved(person.picture(index / RATE_HZ))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("liveness")
    write_video(folder / "person.mp4", performance(6), RATE_HZ)
    return folder


def indexed(folder: Path, name: str, *lines: str) -> str:
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return str(folder / name)


def evaluate(*arguments: str) -> Done:
    return hallclient("face", "liveness-evaluate", *arguments)


def document(*arguments: str) -> Any:
    done = evaluate(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_who_does_what_was_asked_is_recognised_and_other_movements_are_not(folder: Path) -> None:
    index = indexed(
        folder,
        "index.csv",
        HEADER,
        "person.mp4,open_mouth,0,0.6,2.6",
        "person.mp4,turn_left,2.4,3.1,5",
        "person.mp4,turn_right,2.4,3.1,5",
    )
    attacks = indexed(folder, "attacks.csv", "file,kind", "person.mp4,a recording that obeys once")
    said = document(index, "--attacks", attacks)
    mouth, left, right = said["challenges"]
    assert (mouth["challenge"], mouth["movements"], mouth["recognised"], mouth["starts"]) == ("open_mouth", 1, 1, 5)
    assert (left["challenge"], left["recognised"], left["starts"]) == ("turn_left", 1, 6)
    assert left["live"] + sum(left["reasons"].values()) == left["starts"]
    assert left["live_interval"][0] < left["live"] / left["starts"] <= left["live_interval"][1]
    assert 0 < left["fair_live"] == left["fair_starts"] < left["starts"]
    assert (right["challenge"], right["recognised"], right["live"]) == ("turn_right", 0, 0)
    assert right["reasons"] == {"wrong_movement": 6}
    assert [(row["row"], row["live"]) for row in said["movements"]] == [
        (2, mouth["live"]),
        (3, left["live"]),
        (4, right["live"]),
    ]
    (attack,) = said["attacks"]
    assert (attack["file"], attack["kind"]) == ("person.mp4", "a recording that obeys once")
    assert attack["pairs"] == 6 * 18
    # What the recording happens to show does pass: the pair by lot is what keeps most of it out.
    assert {"start_s": 0.0, "challenges": ["open_mouth", "turn_left"]} in attack["accepted_pairs"]
    assert attack["accepted"] == len(attack["accepted_pairs"])
    assert attack["single_accepted"] == len(attack["accepted_singles"]) > 0
    assert said["looks_per_second"] == 15


def test_in_words_it_says_the_same_and_how_far_it_is_goes_to_standard_error(folder: Path) -> None:
    index = indexed(folder, "words.csv", HEADER, "person.mp4,turn_right,2.4,2.6,5")
    done = evaluate(index)
    assert done.returncode == 0
    counted = [
        ": 0 of 1 movements recognised from most of their starts  [0.000, 0.793]",
        "  0 of 2 starts live  [0.000, 0.658]",
        "  0 of 0 fair starts live",
        "  0 of 0 movements with fair starts recognised from most of these",
        "  refused: wrong_movement 2",
    ]
    assert done.stdout.splitlines()[1:] == ["turn_right" + counted[0], *counted[1:], "all" + counted[0], *counted[1:]]
    assert done.stderr == "looking at video 1 of 1, row 2\n"


@pytest.mark.parametrize("command", ["liveness-evaluate", "evaluate"])
def test_the_help_says_where_the_files_of_an_index_lie(command: str) -> None:
    said = " ".join(hallclient("face", command, "--help").stdout.replace("│", " ").split())
    assert "lie in its folder or below" in said


@pytest.mark.parametrize(("looks_hz", "asked"), [("11.9", False), ("12", True)])
def test_what_is_not_asked_at_a_rate_is_counted_by_itself(folder: Path, looks_hz: str, asked: bool) -> None:
    index = indexed(folder, "both.csv", HEADER, "person.mp4,blink,0,0.3,2", "person.mp4,turn_left,2.4,3.1,5")
    said = document(index, "--looks-per-second", looks_hz)
    blink, left = said["challenges"]
    assert (blink["drawn"], left["drawn"]) == (asked, True)
    totals = said["totals"]
    for count in (
        "movements",
        "recognised",
        "starts",
        "live",
        "fair_starts",
        "fair_live",
        "fair_movements",
        "fair_recognised",
    ):
        assert totals["all"][count] == blink[count] + left[count]
        assert totals["drawn"][count] == left[count] + asked * blink[count]
    done = evaluate(index, "--looks-per-second", looks_hz).stdout
    assert ("blink, not asked at this rate: " in done) is not asked
    assert ("all that is asked at this rate: " in done) is not asked


def test_three_looks_a_second_are_too_few_and_blame_nobody(folder: Path) -> None:
    index = indexed(folder, "slow.csv", HEADER, "person.mp4,turn_right,2.4,2.6,5")
    (right,) = document(index, "--looks-per-second", "3")["challenges"]
    assert right["reasons"] == {"computer_too_slow": 2}


def wall(seed: int, size: tuple[int, int] = (480, 640)) -> Image:
    return np.random.default_rng(seed).integers(100, 130, (*size, 3), np.uint8)


def two_of_whom_one_leaves() -> Iterator[Image]:
    for number, picture in enumerate(performance(3)):
        half = picture[:, 80:240]
        beside = halved(actor(Scene.STRANGER).picture(Pose()))[:, 80:240]
        yield np.ascontiguousarray(np.hstack([half, beside if number < RATE_HZ else wall(number)[:240, :160]]))


def write_at(path: Path, pictures: Iterator[Image], times: list[int], size: tuple[int, int] = (640, 480)) -> Path:
    """Pictures with times of 1/15 s, as they are given."""
    with av.open(path, "w", format="matroska") as container:
        stream = container.add_stream("mjpeg", rate=RATE_HZ)
        (stream.width, stream.height), stream.pix_fmt = size, "yuvj420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, RATE_HZ)
        packets = []
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE_HZ)
            packets += stream.encode(frame)
        for packet, time in zip([*packets, *stream.encode(None)], times, strict=True):
            # The container takes no decoding times that go back, and none after the time to be shown at.
            packet.pts, packet.dts = time, packet.pts - len(times)
            container.mux(packet)
    return path


def test_a_wall_is_a_lost_face(folder: Path) -> None:
    write_video(folder / "wall.mp4", (wall(number) for number in range(20)), RATE_HZ)
    index = indexed(folder, "wall.csv", HEADER, "wall.mp4,nod,0,0.3,1")
    (nod,) = document(index)["challenges"]
    assert (nod["starts"], nod["live"], nod["reasons"]) == (3, 0, {"face_lost": 3})


def test_one_picture_is_counted(folder: Path) -> None:
    write_video(folder / "one.avi", performance(1 / RATE_HZ), RATE_HZ)
    index = indexed(folder, "one.csv", HEADER, "one.avi,nod,0,0,1")
    attacks = indexed(folder, "one_attack.csv", "file,kind", "one.avi,a picture")
    said = document(index, "--attacks", attacks)
    assert said["challenges"][0]["reasons"] == {"camera_too_slow": 1}
    assert (said["attacks"][0]["pairs"], said["attacks"][0]["accepted"]) == (18, 0)


def test_times_that_go_back_are_left_out(folder: Path) -> None:
    count = 3 * RATE_HZ
    times = [time - 20 if 25 <= time < 30 else time for time in range(count)]
    write_at(folder / "back.mkv", performance(3), times, (320, 240))
    index = indexed(folder, "back.csv", HEADER, "back.mkv,open_mouth,0,0.1,2.6")
    (mouth,) = document(index)["challenges"]
    assert mouth["starts"] == 1
    assert mouth["live"] + sum(mouth["reasons"].values()) == 1


def test_two_people_are_two_faces_until_one_leaves(folder: Path) -> None:
    write_video(folder / "two.mp4", two_of_whom_one_leaves(), RATE_HZ)
    index = indexed(folder, "two.csv", HEADER, "two.mp4,open_mouth,0,0.4,2.6")
    (mouth,) = document(index)["challenges"]
    assert (mouth["starts"], mouth["reasons"]) == (4, {"second_face": 4})


def test_4k_is_measured(folder: Path) -> None:
    pictures = (cv2.resize(picture, (3840, 2160)) for picture in performance(0.4))
    write_at(folder / "4k.mkv", pictures, list(range(6)), (3840, 2160))
    index = indexed(folder, "4k.csv", HEADER, "4k.mkv,nod,0,0.13,1")
    (nod,) = document(index)["challenges"]
    assert nod["reasons"] == {"too_slow": 2}


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ((HEADER,), "INDEX: the index is empty"),
        (("file,challenge", "person.mp4,nod"), "the index has no column ask_from_s, begin_s, end_s"),
        ((HEADER, "person.mp4,nod,0,1,2", "nobody.mp4,nod,0,1,2"), "row 3: file is missing"),
        ((HEADER, "person.mp4,nod,0,2,1"), "row 2: end_s is not after begin_s"),
        ((HEADER, "person.mp4,nod,0,1,2", "person.mp4,nod,0,6.2,7"), "row 3: begin_s is after the video's end"),
        ((HEADER, "person.mp4,smile,0,1,2"), "row 2: challenge is none of"),
        ((HEADER, "index.py,nod,0,1,2"), "no row has a video, from row 2"),
        ((HEADER, "person.mp4,nod,0,1e9,1.1e9"), "row 2: begin_s is no number of seconds"),
        ((HEADER, "empty.mp4,nod,0,1,2", "half.mp4,nod,0,1,2"), "no row has a video, from row 2"),
    ],
)
def test_a_bad_index_is_said_with_its_row(folder: Path, lines: tuple[str, ...], what: str) -> None:
    (folder / "index.py").write_text("no video")
    (folder / "empty.mp4").touch()
    whole = (folder / "person.mp4").read_bytes()
    (folder / "half.mp4").write_bytes(whole[: len(whole) // 2])  # an MP4 has its table at the end
    done = evaluate(indexed(folder, "bad.csv", *lines), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert what in done.stderr
    assert "输入的内容不对" in done.stderr
    assert "nobody" not in done.stderr


def test_a_bad_index_of_attacks_is_said_before_anything_is_measured(folder: Path) -> None:
    index = indexed(folder, "good.csv", HEADER, "person.mp4,nod,0,1,2")
    for attacks, what in (
        (indexed(folder, "none.csv", "file,kind"), "input_invalid: --attacks: the index is empty"),
        (str(folder / "王小明.csv"), "file_missing: --attacks: No such file or directory"),
        ("", "an empty path"),
    ):
        done = evaluate(index, "--attacks", attacks)
        assert (done.returncode, done.stdout) == (2, "")
        assert what in done.stderr.splitlines()[0]
        assert "row 2" not in done.stderr


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "100", "many"])
def test_a_rate_that_is_none(folder: Path, rate: str) -> None:
    index = indexed(folder, "rate.csv", HEADER, "person.mp4,nod,0,0.1,2")
    assert evaluate(index, "--looks-per-second", rate).returncode == 2
