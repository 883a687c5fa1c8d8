"""Waiting for another thread or process without guessing how long it takes."""

import time
from collections.abc import Callable
from threading import Event


def eventually(condition: Callable[[], object], deadline_s: float = 60.0) -> None:
    """Return as soon as `condition` holds; fail after `deadline_s`."""
    end_s = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end_s, "it did not happen in time"
        Event().wait(0.005)
