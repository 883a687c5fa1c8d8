"""The camera's picture, the chip's portrait beside the live one, and where the score stands."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from hallclient.devices import Image
from hallclient.domain.comparison import Comparison
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from ui import wording
from ui.widgets.camera_view import CameraView
from ui.widgets.picture import Picture
from ui.widgets.score_band import TONES, ScoreBand
from ui.widgets.text import Text

_PHOTO, _LEAST_PHOTO = QSize(142, 175), QSize(65, 80)  # pixels of the design


class ComparisonPanel(QHBoxLayout):
    """What the portrait's page shows. The pictures give way first: the words stay in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.view = CameraView(guided=True)
        self.portrait = Picture(wording.Portrait.NO_PORTRAIT, _PHOTO, least=_LEAST_PHOTO)
        self.live = Picture(wording.Portrait.NOT_TAKEN, _PHOTO, least=_LEAST_PHOTO)
        self.decision = Text(wording.Portrait.WAITING, "headline")
        self.band = ScoreBand()
        self.point = Text("", "small")
        self.liveness = Text("")
        self._words = self._lay_out_words()
        self._right = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._right.setSpacing(24)
        self._right.addLayout(self._lay_out_pictures())
        self._right.addLayout(self._words, 1)
        self.setSpacing(24)
        self.addWidget(self.view, 1)
        self.addLayout(self._right)

    def arrange(self, factor: float, *, flat: bool) -> None:
        """In a flat window the photos stand beside the score and not above it."""
        directions = QBoxLayout.Direction
        self._right.setDirection(directions.LeftToRight if flat else directions.TopToBottom)
        self._words.setSpacing(round((4 if flat else 8) * factor))

    def show_comparison(self, comparison: Comparison, liveness: LivenessFacts, live: Image | None) -> None:
        """What was found, and the picture that was compared; None where there is none."""
        if comparison.score is not None:
            rate = comparison.thresholds.false_accept_rate
            self.point.setText(wording.Portrait.FALSE_ACCEPT.format(rate=rate))
            self.band.show_comparison(comparison)
        self.decision.say(found_words(comparison), TONES[comparison.decision])
        tone, words = wording.liveness(liveness)
        self.liveness.say(words, tone)
        self.live.show_image(live)
        if live is None:
            self.view.say_empty(wording.Portrait.NO_PICTURE_TAKEN)
            self.live.say_empty(wording.Portrait.NO_PORTRAIT)
        else:
            self.view.still = True
            self.view.show_image(live)

    def _lay_out_pictures(self) -> QHBoxLayout:
        pictures = QHBoxLayout()
        pictures.setSpacing(16)
        for caption, picture in (
            (wording.Portrait.CHIP_PHOTO, self.portrait),
            (wording.Portrait.LIVE_PHOTO, self.live),
        ):
            column = QVBoxLayout()
            column.addWidget(Text(caption, "soft"))
            column.addWidget(picture)
            column.addStretch(1)
            pictures.addLayout(column)
        return pictures

    def _lay_out_words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        for widget in (Text(wording.Portrait.COMPARISON, "soft"), self.decision, self.band, self.point, self.liveness):
            words.addWidget(widget)
        words.addStretch(1)
        return words


def found_words(comparison: Comparison) -> str:
    """The decision, and the score where there is one."""
    words = wording.DECISIONS[comparison.decision]
    if comparison.score is None:
        return words
    return wording.Portrait.FOUND.format(decision=words, score=comparison.score)
