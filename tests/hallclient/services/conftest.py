"""A hall, a clock and a clerk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.services.access import OpenHall
from tests.clock import HandClock
from tests.genuine_sessions import attempts_of_genuine_sessions_hold
from tests.halls import TestCentre, make_hall, open_hall

__all__ = ["attempts_of_genuine_sessions_hold", "centre", "clock", "hall"]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def centre(tmp_path: Path, clock: HandClock) -> TestCentre:
    return make_hall(tmp_path / "hall", clock)


@pytest.fixture
def hall(tmp_path: Path, clock: HandClock, centre: TestCentre) -> Iterator[OpenHall]:
    opened = open_hall(tmp_path / "hall", clock)
    yield opened
    opened.close()
