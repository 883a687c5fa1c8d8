"""From the start of the process to the login window, beside a bare window of Qt; and on to the start page.

Each start is a process of its own with a practice hall that exists already. It says itself when its window is painted:
both ends of the measure are on the system's monotonic clock. The clerk of the bench logs in at once.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_hall import practice_hall
from tests.bench.figure import Wanted

_STARTS = 3
_MOST_OVER_BARE_S, _MOST_TO_DEVICES_S = 1.5, 6.0
_PATIENCE_S = 120.0


def figures(starts: int = _STARTS) -> list[Wanted]:
    """Medians of `starts`; the bare window and the application take turns."""
    environment = dict(os.environ) | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    bare, logins, devices = [], [], []
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hallclient" / "practice").mkdir(parents=True)
        practice_hall(folder / "hallclient" / "practice", SystemClock(), SystemEntropy())
        environment["XDG_DATA_HOME"] = name
        for _ in range(starts):
            bare.append(_started("bare", environment)["window"])
            times = _started("application", environment)
            logins.append(times["window"])
            devices.append(times["devices"] - times["window"])
    bare_s, login_s = statistics.median(bare), statistics.median(logins)
    wanted = Wanted("start to login window", login_s, "s", bare_s + _MOST_OVER_BARE_S)
    return [
        Wanted("start to a bare window of Qt", bare_s, "s", bare_s),
        wanted,
        Wanted(
            "login window to start page with the devices ready", statistics.median(devices), "s", _MOST_TO_DEVICES_S
        ),
    ]


def _started(what: str, environment: dict[str, str]) -> dict[str, float]:
    """When things were there, in seconds after the process was started."""
    began = time.monotonic()
    command = (sys.executable, "-m", "tests.bench.started", what)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=_PATIENCE_S)
    return {name: at - began for name, at in json.loads(done.stdout).items()}


if __name__ == "__main__":
    for figure in figures():
        print(figure)  # noqa: T201
