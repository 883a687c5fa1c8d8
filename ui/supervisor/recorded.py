"""With what and how the customer was taken: cameras, how often the reading was begun again, how long nothing was heard.

What is remarkable of it the domain says; it stands among the reasons to look, too.
"""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from hallclient.domain.equipment import DeviceIdentity
from hallclient.services.review import ReviewCase
from ui import wording
from ui.widgets.text import Text

Line = tuple[str, str]  # tone, words


def cameras_seen(case: ReviewCase) -> list[Line]:
    """What is to be wondered about the cameras: that one looks virtual, or may be, that there were several."""
    return (
        [("stop", wording.Review.VIRTUAL)] * any(camera.virtual for camera in case.cameras)
        + [("look", wording.Review.UNKNOWN)] * any(camera.unknown for camera in case.cameras)
        + [("look", wording.Review.REFUSED)] * bool(case.refused_cameras)
        + [("look", wording.Review.TWO_CAMERAS)] * (len(case.cameras) > 1)
    )


def recording_seen(case: ReviewCase) -> list[Line]:
    """How often the reading was begun again, and the longest silence in it; nothing without a recording."""
    recorded = case.recorded
    if recorded is None:
        return []
    again = wording.Review.RESTARTS.format(count=recorded.restarts) if recorded.restarts else wording.Review.NO_RESTARTS
    silence = wording.Review.SILENCE.format(seconds=recorded.longest_silence_s)
    return [("look" if recorded.often_restarted else "", again), ("look" if recorded.long_silent else "", silence)]


def remarkable(case: ReviewCase) -> list[Line]:
    """What of all that needs the eye."""
    return cameras_seen(case) + [line for line in recording_seen(case) if line[0]]


class RecordedFacts(QWidget):
    """All of it, a line each; the driver below its camera."""

    def __init__(self) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._lines = QVBoxLayout()
        outer.addLayout(self._lines)
        outer.addStretch(1)
        self._lines.setSpacing(2)

    def show_case(self, case: ReviewCase | None) -> None:
        """Show `case`; with None, nothing of the last one."""
        while self._lines.count():
            if widget := self._lines.takeAt(0).widget():
                widget.hide()
                widget.deleteLater()
        if case is None:
            return
        self._add("", wording.Review.RECORDED, "soft")
        for camera in case.cameras:
            self._add_camera(camera, *_camera(camera))
        if not case.cameras:
            self._add("", wording.Review.NO_CAMERA)
        for camera in case.refused_cameras:
            self._add_camera(camera, "look", wording.Review.CAMERA_REFUSED.format(name=_plain(camera.name)))
        for line in recording_seen(case):
            self._add(*line)

    def _add_camera(self, camera: DeviceIdentity, tone: str, words: str) -> None:
        self._add(tone, words)
        self._add("", wording.Review.DRIVER.format(driver=_plain(camera.driver) or wording.NOT_KNOWN))

    def _add(self, tone: str, words: str, kind: str = "small") -> None:
        label = Text("", kind, wrap=True)
        label.say(f"!  {words}" if tone else words, tone)
        self._lines.addWidget(label)


def _camera(camera: DeviceIdentity) -> Line:
    name = _plain(camera.name)
    if camera.virtual:
        return "stop", wording.Review.CAMERA_VIRTUAL.format(name=name)
    if camera.unknown:
        return "look", wording.Review.CAMERA_UNKNOWN.format(name=name)
    words = wording.Review.CAMERA_PRACTICE if camera.practice else wording.Review.CAMERA
    return "", words.format(name=name)


def _plain(text: str) -> str:
    """In one line: a device says of itself what it likes."""
    return " ".join(text.split())
