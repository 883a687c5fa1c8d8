"""The middle of the review desk: both faces, the score, the recording, the signature, on one screen."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hallclient.services.review import ReviewCase
from ui import wording
from ui.scale import fix_size
from ui.supervisor.headline import headline
from ui.supervisor.recorded import RecordedFacts
from ui.widgets.key_button import KeyButton, action
from ui.widgets.picture import Picture
from ui.widgets.score_band import ScoreBand
from ui.widgets.scroll import Scroll
from ui.widgets.signature_view import SignatureView
from ui.widgets.surface import Surface
from ui.widgets.text import Text
from ui.widgets.video_player import VideoPlayer

_PHOTO, _LEAST_PHOTO = QSize(142, 175), QSize(65, 80)  # pixels


class EvidenceView(Surface):
    """Shows one case; keeps nothing of it after `clear`."""

    def __init__(self) -> None:
        super().__init__(margin=24)
        self.portrait = Picture(size=_PHOTO, least=_LEAST_PHOTO)
        self.live = Picture(size=_PHOTO, least=_LEAST_PHOTO)
        self.decision = Text("", "headline", wrap=True)
        self.band = ScoreBand()
        self._who, self._engine = Text(""), Text("", "small")
        score = QVBoxLayout()
        score.setSpacing(8)
        for widget in (self.decision, self._who, self.band, self._engine):
            score.addWidget(widget)
        score.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addLayout(_captioned(wording.Review.CHIP_PHOTO, self.portrait))
        top.addLayout(_captioned(wording.Review.LIVE_PHOTO, self.live))
        top.addLayout(score, 1)
        self.video = VideoPlayer()
        self.play = action(self, wording.Review.PLAY, Qt.Key.Key_Space)
        self.play.setEnabled(False)
        self.play.triggered.connect(self.video.toggle)
        self.video.playing_changed.connect(self._name_play)
        self.signature = SignatureView()
        play = KeyButton(self.play)
        play.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(Text(wording.Review.SIGNATURE, "soft"))
        fix_size(self.signature, width=252, height=84)
        side.addWidget(self.signature)
        self.recorded = RecordedFacts()
        side.addWidget(Scroll(self.recorded), 1)
        side.addWidget(play)
        bottom = QHBoxLayout()
        bottom.setSpacing(16)
        bottom.addLayout(_captioned(wording.Review.VIDEO, self.video), 1)
        bottom.addLayout(side)
        self.column.setSpacing(16)
        self.column.addLayout(top)
        self.column.addLayout(bottom, 1)

    def show_case(self, case: ReviewCase, recording: bytes | None) -> None:
        self._say_empty(wording.Portrait.NO_PORTRAIT, wording.Review.NO_VIDEO)
        self.portrait.show_image(case.portrait)
        self.live.show_image(case.live_photo)
        comparison = case.comparison
        if comparison is not None and comparison.score is None:
            comparison = None  # nothing was compared: no engine, no rate
        tone, why = headline(case.item)
        self.decision.say(why, tone)
        self._who.setText(wording.Review.CUSTOMER.format(name=case.person.name, number=case.person.number))
        self.band.show_comparison(comparison)
        self._engine.setText(
            wording.Review.ENGINE.format(
                name=comparison.engine.name,
                version=comparison.engine.version,
                rate=comparison.thresholds.false_accept_rate,
            )
            if comparison
            else ""
        )
        recorded = case.recorded
        self.video.load(recording, recorded.line_starts_s if recorded else (), recorded.duration_s if recorded else 0.0)
        self.play.setEnabled(recording is not None)
        self.signature.show_strokes(case.strokes)
        self.recorded.show_case(case)

    def clear(self, words: str) -> None:
        """Let go of everything of the last case and say `words`."""
        self.video.unload()
        self._say_empty("", "")  # without a case nothing is missing from it
        self.play.setEnabled(False)
        self.portrait.show_image(None)
        self.live.show_image(None)
        self.band.show_comparison(None)
        self.signature.show_strokes(())
        self.recorded.show_case(None)
        self._who.setText("")
        self._engine.setText("")
        self.decision.say(words)

    def _say_empty(self, photo: str, video: str) -> None:
        for picture in (self.portrait, self.live):
            picture.say_empty(photo)
        self.video.picture.say_empty(video)

    @Slot(bool)
    def _name_play(self, playing: bool) -> None:
        self.play.setText(wording.Review.PAUSE if playing else wording.Review.PLAY)


def _captioned(caption: str, widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(Text(caption, "soft"))
    column.addWidget(widget)
    return column
