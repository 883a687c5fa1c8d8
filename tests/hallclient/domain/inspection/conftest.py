"""Packages for the tests of inspections."""

from pathlib import Path

import pytest

from hallclient.domain.comparison import Decision
from tests.hallclient.domain.inspection.world import World, make_world
from tests.packages import BuiltPackage


@pytest.fixture(scope="session")
def world() -> World:
    return make_world()


@pytest.fixture
def package(world: World, tmp_path: Path) -> BuiltPackage:
    return world.build(tmp_path / "package")


@pytest.fixture(scope="session")
def built(world: World, tmp_path_factory: pytest.TempPathFactory) -> BuiltPackage:
    """A genuine package; tests must not change what is on the disk."""
    return world.build(tmp_path_factory.mktemp("built") / "package")


@pytest.fixture(scope="session")
def delivered(world: World, tmp_path_factory: pytest.TempPathFactory) -> BuiltPackage:
    """A package with every file that one can have; tests must not change it."""
    package = world.build(tmp_path_factory.mktemp("delivered") / "package", decision=Decision.DOUBTFUL)
    package.review()
    package.receipt(world.centre)
    return package
