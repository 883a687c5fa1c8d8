"""One start for `tests.bench.start`, in a process of its own: `python -m tests.bench.started bare|application`.

Prints when what was there, on the system's monotonic clock. The application is started as its command starts it; all
that is put in is a look at its windows.
"""

import json
import sys
import time


def bare() -> None:
    """A window of Qt with nothing in it."""
    from PySide6.QtWidgets import QApplication, QWidget  # noqa: PLC0415

    class Window(QWidget):
        def paintEvent(self, event: object) -> None:  # noqa: N802  # Qt's own name
            say(window=time.monotonic())
            qt.quit()

    qt = QApplication([])
    window = Window()
    window.show()
    qt.exec()


def application() -> None:
    """`hallclient run --practice`, until the start page says that the devices are ready."""
    from unittest.mock import patch  # noqa: PLC0415

    from hallclient.cli import main  # noqa: PLC0415
    from tests.bench.first_clerk import FirstClerk  # noqa: PLC0415

    sys.argv = ["hallclient", "run", "--practice"]
    try:
        with patch("ui.app.App", FirstClerk):
            main()
    finally:
        say(**FirstClerk.times)


def say(**times: float) -> None:
    sys.stdout.write(json.dumps(times) + "\n")


if __name__ == "__main__":
    {"bare": bare, "application": application}[sys.argv[1]]()
