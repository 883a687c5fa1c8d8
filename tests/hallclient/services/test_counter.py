"""The customer's copy: a practice printer's file is told, and no real customer's document becomes one."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hallclient.domain.failures import BugError
from hallclient.services.access import OpenHall
from hallclient.services.counter import Counter
from hallclient.services.preparation import Preparation
from tests import doubles
from tests.clock import HandClock
from tests.halls import make_hall, open_hall

FILE = Path("customer_copy.pdf")


@pytest.fixture(params=[True, False], ids=["practice", "real"])
def hall_of_either_kind(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[OpenHall]:
    make_hall(tmp_path / "hall", clock, practice=request.param)
    with closing(open_hall(tmp_path / "hall", clock)) as hall:
        yield hall


@pytest.mark.parametrize("file", [None, FILE], ids=["paper", "file"])
def test_only_a_practice_hall_prints_into_a_file(
    file: Path | None, hall_of_either_kind: OpenHall, clock: HandClock
) -> None:
    printer = doubles.Printer(file)
    counter = Counter(hall_of_either_kind, Preparation.of(doubles.equipment(clock, printer=printer)))
    if file is not None and not counter.practice:
        with pytest.raises(BugError):
            counter.print_copy(b"%PDF-")
        assert printer.printed == []
    else:
        assert counter.print_copy(b"%PDF-") == file
        assert printer.printed == [b"%PDF-"]
