"""Pictures of the windows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from hallclient.domain.failures import BugError

_PNG_QUALITY = 80  # Qt's measure: compressed in half the time, and hardly larger


class Photographs:
    """The pictures of the windows, numbered in their order."""

    def __init__(self, folder: Path, first: int) -> None:
        """`first` is the number in the first picture's name."""
        self._folder = folder
        self._next = first
        self._unwritten: list[tuple[Path, QPixmap]] = []
        self._later = False
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, window: QWidget, name: str) -> Path:
        """What `window` shows now; where the picture is, or soon will be."""
        QApplication.processEvents()
        path = self._folder / f"{self._next:02d}_{name}.png"
        self._next += 1
        self._unwritten.append((path, window.grab()))
        if not self._later:
            self._write()
        return path

    @contextmanager
    def writing_later(self) -> Iterator[None]:
        """To compress a picture keeps every thread of Python waiting: not while a customer is looked at."""
        self._later = True
        try:
            yield
        finally:
            self._later = False
            self._write()

    def _write(self) -> None:
        for path, picture in self._unwritten:
            if not picture.save(str(path), quality=_PNG_QUALITY):
                raise BugError("a screenshot could not be written")
        self._unwritten.clear()
