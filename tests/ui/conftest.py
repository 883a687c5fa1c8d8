"""Windows dressed like the product; a warning of Qt fails a test like one of Python."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from hallclient.domain import notice
from ui.app import create_application

# Libraries for hardware decoding that a bare machine does not have, and a window system's own issues.
_NOT_OURS = (
    "PulseAudio",
    "No RHI backend",
    "Could not open media",
    "Couldn't load",
    "Couldn't resolve",
    "propagateSizeHints",
    "XDG_RUNTIME_DIR",
    "This plugin does not support raise()",
)


PATIENCE_MS = 60_000


class PatientQtBot(QtBot):
    """Waits for what happens at once, and on a busy machine a little later."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: object, *, timeout: int = PATIENCE_MS, **options: Any) -> SignalBlocker:
        return super().waitSignal(signal, timeout=timeout, **options)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientQtBot:
    return PatientQtBot(request)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    return create_application(dark=False)


@pytest.fixture
def keep_picture() -> Callable[[QWidget, str], None]:
    """Keeps a picture of a widget under a name, for people; drawn and written only where HALLCLIENT_PICTURES is set."""
    named = os.environ.get("HALLCLIENT_PICTURES")

    def keep(widget: QWidget, name: str) -> None:
        if named:
            folder = Path(named)
            folder.mkdir(parents=True, exist_ok=True)
            assert widget.grab().save(str(folder / f"{name}.png"))

    return keep


@pytest.fixture
def pictures_folder(tmp_path: Path) -> Path:
    """Where pictures of the windows go: a folder that stays when the variable HALLCLIENT_PICTURES names one."""
    folder = Path(os.environ.get("HALLCLIENT_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def fast_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer reads a line in a moment: for tests that are about other things than how long a line is shown."""
    monkeypatch.setattr(notice, "SHORTEST_LINE_S", 0.02)
    monkeypatch.setattr(notice, "_FASTEST_CHARACTERS_PER_S", 1e6)


@pytest.fixture(autouse=True)
def no_qt_warnings(qtlog: Any) -> Iterator[None]:
    yield
    said = [record.message for record in qtlog.records if record.type_name in ("QtWarningMsg", "QtCriticalMsg")]
    assert not [message for message in said if not any(known in message for known in _NOT_OURS)]
