"""A practice counter for as long as a soak lasts."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hallclient.services.preparation import Preparation
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.practice_centre import running_practice_centre
from hallclient.wiring.practice_counter import PracticeCounter, practice_counter
from hallclient.wiring.practice_hall import practice_hall


@dataclass(frozen=True, slots=True)
class Running:
    """The hall's folder, its devices, and where its centre answers."""

    hall: Path
    counter: PracticeCounter
    centre_url: str
    preparation: Preparation


@contextmanager
def running_counter(folder: Path) -> Iterator[Running]:
    """The practice hall in `folder` with its devices and its centre, all ready."""
    clock, entropy = SystemClock(), SystemEntropy()
    hall = practice_hall(folder, clock, entropy)
    with (
        practice_counter(clock, entropy, folder / "copy.pdf") as counter,
        running_practice_centre(folder / "central") as url,
        closing(Preparation.of(counter.equipment)) as preparation,
    ):
        preparation.start()
        preparation.wait()
        yield Running(hall, counter, url, preparation)
