"""The second start shows the windows of the first."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.one_window import RaiseRequests, _name, raise_first

ASK = """
import sys
from pathlib import Path
from ui.one_window import raise_first
sys.exit(not raise_first(Path(sys.argv[1])))
"""
ROOT = Path(__file__).parents[2]
GENEROUS_MS = 60_000


class Window(QWidget):
    """Notes that it was brought forward: an offscreen desktop has no order of windows."""

    def __init__(self) -> None:
        super().__init__()
        self.raised = 0

    def raise_(self) -> None:
        self.raised += 1
        super().raise_()


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    window.showMinimized()
    return window


@pytest.fixture
def listening(tmp_path: Path, window: Window) -> Iterator[RaiseRequests]:
    hidden = Window()
    requests = RaiseRequests(tmp_path, lambda: (None, hidden, window))
    yield requests
    requests.close()
    assert hidden.raised == 0


def test_another_process_brings_the_windows_forward(
    qtbot: QtBot, tmp_path: Path, window: Window, listening: RaiseRequests
) -> None:
    for times in (1, 2):
        with subprocess.Popen([sys.executable, "-c", ASK, tmp_path], cwd=ROOT) as second:
            qtbot.waitUntil(lambda times=times: window.raised == times, timeout=GENEROUS_MS)
            qtbot.waitUntil(lambda second=second: second.poll() is not None, timeout=GENEROUS_MS)
        assert second.returncode == 0
    assert not window.windowState() & Qt.WindowState.WindowMinimized


def test_without_a_window_nobody_is_told_that_one_came_forward(qtbot: QtBot, tmp_path: Path, window: Window) -> None:
    """The first start is closing: its windows are gone, and it still lets go of the devices."""
    window.hide()
    requests = RaiseRequests(tmp_path, lambda: (None, window))
    with subprocess.Popen([sys.executable, "-c", ASK, tmp_path], cwd=ROOT) as second:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=GENEROUS_MS)
    assert second.returncode == 1
    assert window.raised == 0
    requests.close()


@pytest.mark.parametrize("said", [b"something else\n", b"x" * 100])
def test_whoever_says_something_else_is_cut_off(
    qtbot: QtBot, tmp_path: Path, window: Window, listening: RaiseRequests, said: bytes
) -> None:
    socket = QLocalSocket()
    socket.connectToServer(_name(tmp_path))
    with qtbot.waitSignal(socket.disconnected, timeout=GENEROUS_MS):
        socket.write(said)
    assert window.raised == 0


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a folder's name is text")
def test_a_folder_whose_name_is_no_text_is_asked_all_the_same(qtbot: QtBot, tmp_path: Path) -> None:
    assert not raise_first(tmp_path / "b\udcff")


def test_where_nobody_listens_nobody_is_raised_and_a_stale_socket_is_taken_over(
    qtbot: QtBot, tmp_path: Path, window: Window
) -> None:
    assert not raise_first(tmp_path)
    assert not raise_first(tmp_path / "absent")
    killed = (
        "import sys, os; from pathlib import Path; from PySide6.QtCore import QCoreApplication;"
        "from ui.one_window import RaiseRequests; app = QCoreApplication([]);"
        "requests = RaiseRequests(Path(sys.argv[1]), tuple); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", killed, tmp_path], cwd=ROOT, check=False).returncode == 9
    assert not raise_first(tmp_path)
    requests = RaiseRequests(tmp_path, lambda: (window,))
    with subprocess.Popen([sys.executable, "-c", ASK, tmp_path], cwd=ROOT) as second:
        qtbot.waitUntil(lambda: window.raised == 1, timeout=GENEROUS_MS)
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=GENEROUS_MS)
    assert second.returncode == 0
    requests.close()
