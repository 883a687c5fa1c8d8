"""The live picture of the camera: the newest frame only."""

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPen

from hallclient.devices import Frame
from ui import wording
from ui.style import current_tokens
from ui.widgets.picture import Picture


class CameraView(Picture):
    """Connect a `Newest` to `show_frame`. `guided` draws the oval for the face; the customer's own view is mirrored.

    `still`: what is shown is the picture that was taken, and nothing guides any more.
    """

    def __init__(self, size: QSize | None = None, *, guided: bool = False, mirrored: bool = False) -> None:
        super().__init__(wording.Portrait.NO_PICTURE, size, whole=guided and mirrored)  # no face may be cut off
        self.mirrored = mirrored
        self._guided = guided
        self._tone = ""
        self.still = False

    @Slot(object)
    def show_frame(self, frame: Frame) -> None:
        self.show_image(frame.image)

    def guide(self, tone: str) -> None:
        """The oval's colour: good while nothing is to be changed, look while something is, white for neither."""
        self._tone = tone
        self.update()

    def paint_over(self, painter: QPainter, target: QRectF) -> None:
        del target
        if not self._guided or self.still:
            return
        tokens = current_tokens()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        height = self.height() * 0.78
        oval = QRectF(0, 0, height * 0.74, height)
        oval.moveCenter(QRectF(self.rect()).center())
        # The colour on white: it is seen before a dark face and before a light wall.
        painter.setPen(QPen(Qt.GlobalColor.white, 8 if self._tone else 4))
        painter.drawEllipse(oval)
        if self._tone:
            painter.setPen(QPen(tokens.colour(self._tone), 4))
            painter.drawEllipse(oval)
