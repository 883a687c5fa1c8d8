"""Where a comparison's score stands between its two borders."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from hallclient.domain.comparison import Comparison, Decision
from ui import wording
from ui.style import current_tokens

TONES: dict[Decision, str] = {
    Decision.MATCHED: "good",
    Decision.DOUBTFUL: "look",
    Decision.MISMATCHED: "stop",
    Decision.NO_FACE: "look",
    Decision.SEVERAL_FACES: "look",
    Decision.NO_PORTRAIT: "look",
    Decision.CONSENT_REFUSED: "look",
}

_HEIGHT, _LEAST = 46, 220


class ScoreBand(QWidget):
    """Three bands from 0 to 1 (a cosine below 0 stands at 0), the borders in figures, and a mark at the score."""

    def __init__(self) -> None:
        super().__init__()
        self._factor = 1.0
        self.rescale(1.0)
        self._comparison: Comparison | None = None

    def rescale(self, factor: float) -> None:
        self._factor = factor
        self.setFixedHeight(round(_HEIGHT * factor))
        self.setMinimumWidth(round(_LEAST * factor))

    def show_comparison(self, comparison: Comparison | None) -> None:
        self._comparison = comparison
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        tokens, comparison = current_tokens(), self._comparison
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._factor, self._factor)
        width = self.width() / self._factor
        painter.setPen(Qt.PenStyle.NoPen)
        band = QRectF(0, 8, width, 12)
        if comparison is None:
            painter.setBrush(tokens.colour("hover"))
            painter.drawRoundedRect(band, 4, 4)
            return
        thresholds = comparison.thresholds
        borders = (0.0, thresholds.doubt, thresholds.match, 1.0)
        for tone, left, right in zip(("stop_tint", "look_tint", "good_tint"), borders, borders[1:], strict=False):
            painter.setBrush(tokens.colour(tone))
            painter.drawRect(QRectF(left * width, 8, (right - left) * width, 12))
        font = self.font()
        font.setPixelSize(tokens.sizes["small"])
        painter.setFont(font)
        painter.setPen(tokens.colour("soft"))
        words = QRectF(0, 26, width, 18)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, wording.Band.MISMATCHED)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, wording.Band.MATCHED)
        for border in borders[1:3]:
            figure = QRectF(border * width - 24, 26, 48, 18)
            painter.drawText(figure, Qt.AlignmentFlag.AlignHCenter, f"{border:.2f}")
        if comparison.score is None:
            return
        at = min(max(comparison.score, 0.0), 1.0) * width
        mark = QRectF(0, 0, 6, 24)
        mark.moveCenter(QPointF(min(max(at, 3.0), width - 3.0), 14))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.colour(TONES[comparison.decision]))
        painter.drawRoundedRect(mark, 3, 3)
