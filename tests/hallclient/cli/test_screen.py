"""Whether Qt finds a screen is known before it would end the whole process."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from hallclient.cli import rehearse, screen
from hallclient.cli.screen import Screen, must_have_screen
from hallclient.domain.failures import FailureCode, KnownError
from tests.command_line import hallclient

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a screen")

VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def missing() -> str:
    """What is said of the screen that is missing."""
    with pytest.raises(KnownError) as caught:
        must_have_screen()
    assert caught.value.code is FailureCode.SCREEN_MISSING
    return caught.value.detail


@pytest.mark.parametrize("name", [None, *VARIABLES])
def test_an_environment_that_names_none(name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if name is not None:
        monkeypatch.setenv(name, "")
    assert missing() == "none of DISPLAY, WAYLAND_DISPLAY, QT_QPA_PLATFORM"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DISPLAY", ":987", "could not connect to display :987"),
        ("DISPLAY", "no display", "could not connect to display no display"),
        ("WAYLAND_DISPLAY", "no-such-socket", ""),
        ("QT_QPA_PLATFORM", "nonsense", "nonsense"),
    ],
)
def test_one_that_is_named_and_not_there(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    detail = missing()
    assert said in detail
    assert detail


def test_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    must_have_screen()


@pytest.fixture
def silent_display() -> Iterator[str]:
    """A display that takes calls and never answers."""
    with socket.socket() as listener:
        for number in range(500, 600):
            try:
                listener.bind(("127.0.0.1", 6000 + number))
            except OSError:
                continue
            break
        listener.listen()
        yield f"127.0.0.1:{number}"


def test_one_that_never_answers_is_given_up(silent_display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", silent_display)
    monkeypatch.setattr(screen, "_PATIENCE_S", 0.1)
    assert missing() == "no answer in 0.1 s"


def test_nothing_is_left_of_a_question_that_is_dropped(silent_display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*arguments: object, **options: object) -> object:
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setenv("DISPLAY", silent_display)
    monkeypatch.setattr(screen.subprocess, "Popen", noted)
    with closing(Screen()):
        assert len(started) == 1
    assert started[0].returncode is not None


@pytest.mark.parametrize("given", [{}, {"DISPLAY": ""}, {"DISPLAY": ":987"}, {"QT_QPA_PLATFORM": "nonsense"}])
def test_the_application_says_so(given: dict[str, str], tmp_path: object) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "HALLCLIENT_DATA"} | given
    done = hallclient("run", environment=environment | {"XDG_DATA_HOME": str(tmp_path)})
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "screen_missing")


@pytest.mark.parametrize(("display", "virtual"), [(":987", True), ("", True), ("there", False)])
def test_a_rehearsal_takes_a_virtual_screen_instead(
    display: str, virtual: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM" if display == "there" else "DISPLAY", display.replace("there", "offscreen"))
    begun_again: list[str] = []
    monkeypatch.setattr(rehearse.os, "execv", lambda program, _: begun_again.append(program))
    monkeypatch.setattr(rehearse.shutil, "which", lambda name: f"/bin/{name}")
    rehearse._need_screen()
    assert begun_again == ["/bin/xvfb-run"] * virtual
