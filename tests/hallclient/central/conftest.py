"""One running centre for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hallclient.central.centre import Centre
from hallclient.system import SystemClock, SystemEntropy
from tests.hallclient.central.running import Hall, enrol, running
from tests.packages import CountedEntropy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("central")


@pytest.fixture(scope="module")
def centre(folder: Path) -> Centre:
    return Centre.create(folder / "centre", "Test Centre", False, SystemClock(), SystemEntropy())


@pytest.fixture(scope="module")
def url(centre: Centre) -> Iterator[str]:
    with running(centre) as url:
        yield url


@pytest.fixture
def hall(centre: Centre, tmp_path: Path) -> Hall:
    """A new computer, whose sessions count from 1."""
    return enrol(centre, tmp_path)


@pytest.fixture
def http(hall: Hall, url: str) -> Iterator[httpx.Client]:
    with hall.http(url) as http:
        yield http


@pytest.fixture(scope="module")
def entropy() -> CountedEntropy:
    return CountedEntropy("sessions")
