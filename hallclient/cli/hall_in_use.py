"""Which hall an answer is about: somebody may have several, and without `--data` it may be a rehearsal's."""

from dataclasses import dataclass
from pathlib import Path

from hallclient.domain.failures import KnownError
from hallclient.services.access import OpenHall
from hallclient.storage import hall_file


@dataclass(frozen=True, slots=True)
class HallInUse:
    """`name` is None where the folder has no hall, or only parts of one, that says its name."""

    folder: Path
    name: str | None

    @classmethod
    def of(cls, hall: OpenHall) -> "HallInUse":
        """The hall that a command opened."""
        return cls(hall.folder, hall.file.place.hall)

    @classmethod
    def in_folder(cls, folder: Path) -> "HallInUse":
        """The hall of which a command used files and did not open it; a damaged one keeps nobody from its answer."""
        try:
            return cls(folder, hall_file.read(folder).place.hall)
        except KnownError:
            return cls(folder, None)

    @property
    def row(self) -> dict[str, str | None]:
        """For a JSON document, as `hall`."""
        return {"folder": str(self.folder.resolve()), "name": self.name}

    @property
    def words(self) -> str:
        """For a line."""
        return f"{self.name or '-'}, {self.folder.resolve()}"

    @property
    def line(self) -> str:
        return f"hall: {self.words}"
