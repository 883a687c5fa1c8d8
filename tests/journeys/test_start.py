"""`hallclient run --practice` on a computer without a hall: the login comes first, then the hall and the devices."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hallclient.storage import hall_file

PATIENCE_S = 240


@pytest.mark.timeout(PATIENCE_S + 30)
def test_the_first_start_makes_the_practice_hall_behind_the_login_window(tmp_path: Path) -> None:
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("HALLCLIENT_DATA", None)
    command = (sys.executable, "-m", "tests.bench.started", "application")
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=PATIENCE_S)
    times = json.loads(done.stdout)
    hall = tmp_path / "hallclient" / "practice" / "hall"
    assert hall_file.read(hall).practice
    made_s = times["window_wall"]
    assert (hall / "device.key").stat().st_mtime > made_s  # the window was there before the hall
    assert times["window"] < times["login"] <= times["devices"]
