"""Lets the windows live until something has come."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

_LOOK_MS = 10


def comes_true(condition: Callable[[], bool], within_s: float) -> bool:
    """Handle events until `condition` holds; whether it does in time."""
    loop = QEventLoop()
    look = QTimer(interval=_LOOK_MS)
    latest = time.monotonic() + within_s
    look.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > latest else None)
    if not condition():
        look.start()
        loop.exec()
    look.stop()
    return condition()
