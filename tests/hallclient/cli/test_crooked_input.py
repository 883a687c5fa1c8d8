"""Crooked paths, names, ports and passwords are bad input: 2, and never a mistake of ours."""

import base64
import os
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hallclient.domain.totp import code_at
from hallclient.services.access import login
from hallclient.storage import hall_file
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_hall import practice_hall
from hallclient.wiring.practice_staff import practice_login
from tests.command_line import Done, hallclient
from tests.hall_files import write_whole

CREATE = {"name": "hall", "channel": "own", "counter": "3", "device": "device-1", "administrator": "9001"}


def create(folder: Path, password: str = "a long password", **changes: str) -> Done:
    options = [word for name, value in (CREATE | changes).items() for word in (f"--{name}", value)]
    environment = {**os.environ, "HALLCLIENT_PASSWORD": password}
    return hallclient("hall", "create", *options, "--data", str(folder), environment=environment)


@pytest.mark.parametrize(
    "arguments",
    [
        ("rehearse", "--out", "FILE"),
        ("rehearse", "--out", "FILE/inside"),
        ("rehearse", "--out", ""),
        ("verify", "x" * 5000),
        ("verify", ""),
        ("queue", "status", "--data", "x" * 5000),
        ("queue", "status", "--data", ""),
        ("central", "serve", "--data", "CENTRE", "--port", "99999999"),
        ("central", "serve", "--data", "CENTRE", "--port", "-1"),
        ("audit", "show", "--data", "HALL", "--staff", "\udcff"),
        ("queue", "status", "--data", "\udcff"),
        ("verify", "\udcff"),
        ("rehearse", "--out", "b\udcff"),
        ("rehearse", "--out", "FOLDER/b\udcff/inside"),
        ("central", "serve", "--data", "b\udcff"),
        ("\udcff",),
    ],
    ids=lambda arguments: " ".join(arguments)[:60],
)
def test_crooked_paths_and_ports(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = [
        word.replace("FILE", str(tmp_path / "file"))
        .replace("CENTRE", str(tmp_path / "c"))
        .replace("FOLDER", str(tmp_path))
        for word in arguments
    ]
    done = hallclient(*words, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a folder's name is text")
def test_a_current_folder_that_is_no_text_gets_no_practice_hall(tmp_path: Path) -> None:
    here = tmp_path / "b\udcff"
    here.mkdir()
    done = hallclient("rehearse", "--out", "inside", folder=here)
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "input_invalid")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "\udcff\udcfe"},
        {"name": "two\nlines"},
        {"device": "a/b"},
        {"name": "x" * 65},
        {"channel": " "},
        {"counter": "\x1b[2J"},
        {"device": "../up"},
        {"device": "a\\b"},
        {"administrator": ""},
        {"administrator": "../9001"},
        {"password": "\udcff12345678"},
    ],
    ids=repr,
)
def test_crooked_names_make_no_hall(changes: dict[str, str], tmp_path: Path) -> None:
    done = create(tmp_path / "hall", **changes)
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "input_invalid")
    assert not (tmp_path / "hall").exists()


def test_a_good_hall_is_made_and_a_crooked_staff_number_is_not_added(tmp_path: Path) -> None:
    made = create(tmp_path / "hall")
    assert made.returncode == 0
    otpauth = next(line for line in made.stdout.splitlines() if line.startswith("otpauth:"))
    secret = base64.b32decode(parse_qs(urlsplit(otpauth).query)["secret"][0])
    for number in ("", "a/b", "two\nlines"):
        (tmp_path / "hall" / "logins.json").unlink(missing_ok=True)  # a code may be used again, as if 30 s were over
        code = code_at(secret, SystemClock().now())
        done = hallclient(
            *("hall", "invite", number, "--role", "clerk", "--data", str(tmp_path / "hall"), "--staff", "9001"),
            environment={**os.environ, "HALLCLIENT_PASSWORD": "a long password", "HALLCLIENT_CODE": code},
        )
        assert (done.returncode, done.stderr.split(":")[0]) == (2, "input_invalid"), number


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    folder = tmp_path / "practice"
    folder.mkdir()
    return practice_hall(folder, SystemClock(), SystemEntropy())


@pytest.mark.parametrize(("session", "code"), [("\udcff", 2), ("nope", 1), (None, 0)])
@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_session_that_nobody_knows(session: str | None, code: int, as_json: tuple[str, ...], practice: Path) -> None:
    about = () if session is None else ("--session", session)
    done = hallclient("audit", "show", "--data", str(practice), *about, *as_json)
    assert done.returncode == code
    assert (done.stderr == "") is (code == 0)
    if code == 1:
        assert done.stderr.startswith("session_unknown: the audit log of this hall has no event of it\n")


@pytest.mark.parametrize("host", ["\udcff", "x" * 64, "a..b", "no such host"])
def test_hosts_that_are_none(host: str, tmp_path: Path) -> None:
    done = hallclient("central", "serve", "--data", str(tmp_path / "c"), "--host", host, "--port", "0")
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "input_invalid")


@pytest.mark.parametrize("changes", [{"url": "https://[::1"}, {"practice_data": "no\0where"}], ids=repr)
def test_a_centre_that_can_be_none_in_the_halls_file(changes: dict[str, str], practice: Path) -> None:
    file = hall_file.read(practice)
    assert file.centre is not None
    centre = file.centre.model_copy(update={"practice_data": None} | changes)
    clock = SystemClock()
    with closing(login(practice, *practice_login("1001", clock.now()), clock, SystemEntropy())) as hall:
        write_whole(hall, file.model_copy(update={"centre": centre}))
    done = hallclient("queue", "send", "--data", str(practice))
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "store_unreadable")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file")
@pytest.mark.parametrize("name", ["hall.json", "logins.json", "device.key"])
@pytest.mark.parametrize("endless", [True, False], ids=["endless", "pipe"])
def test_files_that_never_end_or_wait(name: str, endless: bool, practice: Path) -> None:
    (practice / name).unlink(missing_ok=True)
    if endless:
        (practice / name).symlink_to("/dev/zero")
    else:
        os.mkfifo(practice / name)
    done = hallclient("queue", "status", "--data", str(practice))
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "store_unreadable")
