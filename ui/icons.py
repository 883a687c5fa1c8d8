"""Line drawings from assets/icons, in any colour of the tokens and at any size."""

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from ui.style import current_tokens


def pixmap(name: str, size: QSize, colour: str) -> QPixmap:
    """The drawing `name` in the token `colour`, fitted into `size`, sharp on the screen's pixel ratio."""
    source = files("assets").joinpath(f"icons/{name}.svg").read_text("utf-8")
    drawing = QSvgRenderer(QByteArray(source.replace("currentColor", current_tokens().colours[colour]).encode()))
    ratio = QApplication.primaryScreen().devicePixelRatio()
    picture = QPixmap(size * ratio)
    picture.fill(Qt.GlobalColor.transparent)
    fitted = drawing.defaultSize().scaled(picture.size(), Qt.AspectRatioMode.KeepAspectRatio)
    area = QRectF(0, 0, fitted.width(), fitted.height())
    area.moveCenter(QRectF(picture.rect()).center())
    painter = QPainter(picture)
    drawing.render(painter, area)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, size: QSize, colour: str) -> QIcon:
    """The drawing as an icon of a button."""
    return QIcon(pixmap(name, size, colour))
