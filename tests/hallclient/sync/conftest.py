"""A hall that is enrolled at a running centre."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.system import SystemClock, SystemEntropy
from tests.hallclient.central.running import Hall, enrol, running
from tests.packages import BuiltPackage, CountedEntropy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("central") / "centre"


@pytest.fixture(scope="module")
def centre(folder: Path) -> Centre:
    return Centre.create(folder, "Test Centre", False, SystemClock(), SystemEntropy())


@pytest.fixture(scope="module")
def url(centre: Centre) -> Iterator[str]:
    with running(centre) as url:
        yield url


@pytest.fixture
def hall(centre: Centre, tmp_path: Path) -> Hall:
    return enrol(centre, tmp_path)


@pytest.fixture(scope="module")
def entropy() -> CountedEntropy:
    return CountedEntropy("deliveries")


@pytest.fixture
def package(hall: Hall, tmp_path: Path, entropy: CountedEntropy) -> BuiltPackage:
    return hall.build(tmp_path / "package", entropy)
