"""Line drawings from assets/icons, in any colour of the tokens and at any size."""

from importlib.resources import files

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.style import current_tokens


def paint_drawing(painter: QPainter, name: str, area: QRectF, colour: str) -> None:
    """The drawing `name` in the token `colour`, fitted into the middle of `area`, as sharp as what is painted on."""
    source = files("assets").joinpath(f"icons/{name}.svg").read_text("utf-8")
    drawing = QSvgRenderer(QByteArray(source.replace("currentColor", current_tokens().colours[colour]).encode()))
    fitted = QRectF(
        QPointF(0, 0), QSizeF(drawing.defaultSize()).scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    )
    fitted.moveCenter(area.center())
    drawing.render(painter, fitted)


def icon(name: str, size: QSize, colour: str, pixel_ratio: float = 1.0) -> QIcon:
    """The drawing as an icon of a button, or of a window, on a screen of this `pixel_ratio`."""
    picture = QPixmap(size * pixel_ratio)
    picture.setDevicePixelRatio(pixel_ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_drawing(painter, name, QRectF(QPointF(0, 0), QSizeF(size)), colour)
    painter.end()
    return QIcon(picture)
