"""The windows of journeys are dressed and photographed like those of the screens' own tests."""

from tests.genuine_sessions import attempts_of_genuine_sessions_hold
from tests.journeys.portrait_screens import clock, hall, lot, screens
from tests.ui.conftest import keep_picture, pictures_folder, qapp, qtbot

__all__ = [
    "attempts_of_genuine_sessions_hold",
    "clock",
    "hall",
    "keep_picture",
    "lot",
    "pictures_folder",
    "qapp",
    "qtbot",
    "screens",
]
