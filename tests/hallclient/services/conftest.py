"""A hall, a clock and a clerk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.devices import Camera, Clock
from hallclient.services.access import OpenHall
from hallclient.services.camera_feed import CameraFeed
from tests.clock import HandClock
from tests.genuine_sessions import attempts_of_genuine_sessions_hold
from tests.halls import TestCentre, make_hall, open_hall

__all__ = ["attempts_of_genuine_sessions_hold", "centre", "clock", "hall", "no_camera_outlives_its_test"]


@pytest.fixture(autouse=True)
def no_camera_outlives_its_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session that a test lets go of like a program that is gone has its camera's thread in this process."""
    feeds: list[CameraFeed] = []
    make = CameraFeed.__init__

    def made(feed: CameraFeed, camera: Camera, clock: Clock) -> None:
        make(feed, camera, clock)
        feeds.append(feed)

    monkeypatch.setattr(CameraFeed, "__init__", made)
    yield
    for feed in feeds:
        feed.close()


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
