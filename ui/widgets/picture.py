"""A still picture, or words in its place."""

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from hallclient.devices import Image
from ui.pictures import to_qimage
from ui.style import current_tokens


class Picture(QWidget):
    """Fills its frame with the picture, cut to the frame's shape or fitted whole into it; corners rounded.

    `size` and `least` in pixels of the design. A picture with a `least` gives way down to it where room is short, and
    keeps the shape of `size`.
    """

    def __init__(
        self, empty: str = "", size: QSize | None = None, *, whole: bool = False, least: QSize | None = None
    ) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._empty = empty
        self._whole = whole
        self.mirrored = False
        self._ringed = False
        self._wanted, self._least, self._factor = size, least or size, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.rescale(1.0)

    def rescale(self, factor: float) -> None:
        self._factor = factor
        if self._wanted is not None and self._least is not None:
            self.setMinimumSize(self._least * factor)
            self.setMaximumSize(self._wanted * factor)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return super().sizeHint() if self._wanted is None else self._wanted * self._factor

    def show_image(self, image: Image | QImage | None) -> None:
        """Show a BGR array or a QImage; None shows the words again."""
        self._image = image if image is None or isinstance(image, QImage) else to_qimage(image)
        self.update()

    def wear_ring(self, ringed: bool) -> None:
        """Show that it has the focus."""
        self._ringed = ringed
        self.update()

    def say_empty(self, words: str) -> None:
        """What stands in the picture's place while there is none."""
        self._empty = words
        self.update()

    @property
    def words(self) -> str:
        """What is read in the picture's place now."""
        return "" if self.shows_image else self._empty

    @property
    def shows_image(self) -> bool:
        return self._image is not None

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect())
        if self._wanted is not None:
            shape = QSizeF(self._wanted).scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            frame = QRectF(frame.topLeft(), shape)
        if self._image is None:
            painter.fillPath(self._rounded(frame), tokens.colour("ground"))
            painter.setPen(tokens.colour("soft"))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, self._empty)
            self._paint_ring(painter, frame)
            return
        mode = Qt.AspectRatioMode.KeepAspectRatio if self._whole else Qt.AspectRatioMode.KeepAspectRatioByExpanding
        size = self._image.size().scaled(frame.size().toSize(), mode)
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(frame.center())
        painter.setClipPath(self._rounded(target & frame))
        painter.save()
        if self.mirrored:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        painter.drawImage(target, self._image)
        painter.restore()
        self.paint_over(painter, target)
        self._paint_ring(painter, target & frame)

    def _paint_ring(self, painter: QPainter, frame: QRectF) -> None:
        if self._ringed:
            width = max(2.0, 2 * self._factor)
            painter.setPen(QPen(current_tokens().colour("accent"), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self._rounded(frame.adjusted(width / 2, width / 2, -width / 2, -width / 2)))

    def paint_over(self, painter: QPainter, target: QRectF) -> None:
        """For what lies on the picture; `target` is where the whole picture lies."""

    def _rounded(self, frame: QRectF) -> QPainterPath:
        path, corner = QPainterPath(), current_tokens().sizes["corner_surface"] * self._factor
        path.addRoundedRect(frame, corner, corner)
        return path
