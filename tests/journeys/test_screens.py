"""From login to receipt on one 1366x768 screen, and with the customer's screen pulled while they read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def journey(how: str, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.journeys.screens_process", how, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("one", ["in front"] * 7 + ["behind"]),
        ("pulled", ["own screen 1280x800"] * 2 + ["in front"] * 5 + ["behind"]),
    ],
)
def test_a_session_is_finished(how: str, where: list[str], pictures_folder: Path) -> None:
    said = journey(how, pictures_folder / how)
    assert said["outcome"] == "passed"
    assert said["where"] == where
    width, height = said["clerk"]
    assert 1350 <= width <= 1366  # as large as its screen, less a frame, and no larger
    assert 750 <= height <= 768
    assert said["one_screen_said"]
    assert said["lines"] == list(range(7))  # pulled in the middle: no line is lost and none is read twice
    assert said["signed_with"] == "pen"
    assert all((pictures_folder / how / name).stat().st_size > 1000 for name in said["pictures"])
