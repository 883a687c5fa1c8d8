"""The windows of journeys are dressed and photographed like those of the screens' own tests."""

from tests.ui.conftest import pictures_folder, qapp, qtbot

__all__ = ["pictures_folder", "qapp", "qtbot"]
