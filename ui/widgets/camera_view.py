"""The live picture of the camera: the newest frame only."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from hallclient.devices import Frame
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.liveness import Challenge
from ui import wording
from ui.style import current_tokens
from ui.widgets.picture import Picture

# In a mirror the person's left is on the left.
_WAYS: dict[Challenge | None, tuple[int, int]] = {
    Challenge.TURN_LEFT: (-1, 0),
    Challenge.TURN_RIGHT: (1, 0),
    Challenge.NOD: (0, 1),
}
_ARROW, _ARROW_GAP = 28, 24  # pixels of the design, like the pens


class CameraView(Picture):
    """Connect a `LatestValue` to `show_frame`. `guided` draws the oval for the face; the customer's view is mirrored.

    `still`: what is shown is the picture that was taken, and nothing guides any more.
    `warning`: words across the bottom of the picture; none when empty.
    """

    def __init__(self, size: QSize | None = None, *, guided: bool = False, mirrored: bool = False) -> None:
        super().__init__(wording.Portrait.NO_PICTURE, size, whole=guided and mirrored)  # no face may be cut off
        self.mirrored = mirrored
        self._guided = guided
        self._tone = ""
        self._pointing = (0, 0)
        self.still = False
        self.warning = ""

    @Slot(object)
    def show_frame(self, frame: Frame) -> None:
        self.show_image(frame.image)

    def guide(self, tone: str) -> None:
        """The oval's colour: good while nothing is to be changed, look while something is, white for neither."""
        self._tone = tone
        self.update()

    def point(self, challenge: Challenge | None) -> None:
        """An arrow beside the oval, where the head shall go as whoever looks at this view sees it; none otherwise."""
        x, y = _WAYS.get(challenge, (0, 0))
        self._pointing = (x if self.mirrored else -x), y
        self.update()

    def paint_over(self, painter: QPainter, target: QRectF) -> None:
        del target
        if self.warning:
            self._paint_warning(painter)
        if not self._guided or self.still:
            return
        tokens = current_tokens()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        height = self.height() * 0.78
        oval = QRectF(0, 0, height * 0.74, height)
        oval.moveCenter(QRectF(self.rect()).center())
        # The colour on white: it is seen before a dark face and before a light wall.
        painter.setPen(QPen(Qt.GlobalColor.white, (8 if self._tone else 4) * self._factor))
        painter.drawEllipse(oval)
        if self._tone:
            painter.setPen(QPen(tokens.colour(self._tone), 4 * self._factor))
            painter.drawEllipse(oval)
        if self._pointing != (0, 0):
            for colour, width in ((QColor("white"), 14), (tokens.colour("accent"), 9)):
                painter.setPen(_round_pen(colour, width * self._factor))
                painter.drawPolyline(_arrow(oval, *self._pointing, self._factor))

    def tell_origin(self, camera: DeviceIdentity) -> None:
        """Warn on the picture where nobody can say what the camera's pictures come from: only the clerk sees it."""
        words = wording.Portrait.CAMERA_UNKNOWN if camera.unknown else ""
        if words != self.warning:
            self.warning = words
            self.setAccessibleDescription(words)
            self.update()

    def _paint_warning(self, painter: QPainter) -> None:
        height = 2 * painter.fontMetrics().height()
        strip = QRectF(0, self.height() - height, self.width(), height)
        painter.fillRect(strip, current_tokens().colour("look_tint"))
        painter.setPen(current_tokens().colour("look"))
        painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, self.warning)


def _arrow(oval: QRectF, x: int, y: int, factor: float) -> QPolygonF:
    """A chevron just outside of the oval, to the left or right of it or below its middle."""
    gap, size = _ARROW_GAP * factor, _ARROW * factor
    reach = oval.width() / 2 + gap
    tip = oval.center() + QPointF(x * (reach + size), y * (oval.height() / 2 - gap))
    back, across = QPointF(x * size, y * size), QPointF(y * size, x * size)
    return QPolygonF([tip - back - across, tip, tip - back + across])


def _round_pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
