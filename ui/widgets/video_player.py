"""Plays a recording that stays encrypted on the disk."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoFrame, QVideoSink
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.scale import fix_size
from ui.style import current_tokens
from ui.widgets.picture import Picture

_HEIGHT = 36  # pixels of the design


class Timeline(QWidget):
    """The recording's length with the lines of the notice on it, and where it plays; a click goes there.

    Signals:
        wanted(float): seconds from the start.
    """

    wanted = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._factor = 1.0
        fix_size(self, height=_HEIGHT)
        self._starts: tuple[float, ...] = ()
        self._duration_s = 0.0
        self._at_s = 0.0

    def rescale(self, factor: float) -> None:
        self._factor = factor

    def set_lines(self, starts_s: tuple[float, ...], duration_s: float) -> None:
        self._starts, self._duration_s, self._at_s = starts_s, duration_s, 0.0
        self.update()

    def set_position(self, at_s: float) -> None:
        self._at_s = at_s
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._duration_s:
            self.wanted.emit(min(max(event.position().x() / self.width(), 0.0), 1.0) * self._duration_s)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        tokens = current_tokens()
        painter = QPainter(self)
        painter.scale(self._factor, self._factor)
        width = self.width() / self._factor
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if not self._duration_s:
            painter.setBrush(tokens.colour("hover"))
            painter.drawRoundedRect(QRectF(0, 6, width, 24), 4, 4)
            return
        font = self.font()
        font.setPixelSize(tokens.sizes["body"])
        painter.setFont(font)
        starts = self._starts or (0.0,)
        for number, (start, end) in enumerate(zip(starts, (*starts[1:], self._duration_s), strict=True), 1):
            left, right = (moment / self._duration_s * width for moment in (start, end))
            segment = QRectF(left + 1, 6, max(right - left - 2, 1), 24)
            now = start <= self._at_s < end
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.colour("accent_tint" if now else "hover"))
            painter.drawRoundedRect(segment, 4, 4)
            painter.setPen(tokens.colour("accent" if now else "soft"))
            painter.drawText(segment, Qt.AlignmentFlag.AlignCenter, str(number))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.colour("ink"))
        mark = QRectF(0, 0, 3, 36)
        at = self._at_s / self._duration_s * width
        mark.moveCenter(QPointF(min(max(at, 1.5), width - 1.5), 18))
        painter.drawRect(mark)


class VideoPlayer(QWidget):
    """Picture and time line; frames are painted like any other picture.

    The recording lies decrypted in memory, never on the disk. The player reads it from a thread of its own, and a
    device made in Python asks for the interpreter lock at each read. So whatever makes the player wait for that thread
    (stop, seek, another source) goes to it through the event loop, which does not hold the lock: called directly from
    Python it would wait for ever.

    Signals:
        broken(str): the player cannot play it; the text is the player's, for the operator's IT.
        playing_changed(bool)
    """

    broken = Signal(str)
    playing_changed = Signal(bool)
    _play = Signal()
    _pause = Signal()
    _stop = Signal()
    _seek = Signal("qlonglong")  # type: ignore[arg-type]  # PySide6 takes the names of C++ types, too
    _source = Signal(QUrl)

    def __init__(self, empty: str = "") -> None:
        super().__init__()
        self.picture = Picture(empty, whole=True)
        self.timeline = Timeline()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.picture, 1)
        column.addWidget(self.timeline)
        self._device: QBuffer | None = None
        self._sink = QVideoSink(self)
        self.player = QMediaPlayer(self)
        self.player.setVideoSink(self._sink)
        self.player.setAudioOutput(QAudioOutput(self))
        self._sink.videoFrameChanged.connect(self._show)
        self.player.positionChanged.connect(lambda at_ms: self.timeline.set_position(at_ms / 1000))
        self.player.playingChanged.connect(self.playing_changed)
        self.player.errorOccurred.connect(lambda _, text: self.broken.emit(text))
        self.timeline.wanted.connect(lambda at_s: self._seek.emit(int(at_s * 1000)))
        for order, slot in (
            (self._play, self.player.play),
            (self._pause, self.player.pause),
            (self._stop, self.player.stop),
            (self._seek, self.player.setPosition),
            (self._source, self.player.setSource),
        ):
            order.connect(slot, Qt.ConnectionType.QueuedConnection)

    def load(self, recording: bytes | None, starts_s: tuple[float, ...], duration_s: float) -> None:
        """Show the first picture of `recording` and stand still; None empties the player."""
        self.unload()
        self.timeline.set_lines(starts_s, duration_s)
        if recording is None:
            return
        self._device = QBuffer(self)
        self._device.setData(QByteArray(recording))
        self._device.open(QIODevice.OpenModeFlag.ReadOnly)
        QTimer.singleShot(0, self, self._begin)  # after the old recording was let go of

    @Slot()
    def _begin(self) -> None:
        if self._device is not None:
            self.player.setSourceDevice(self._device)
            self._pause.emit()

    def unload(self) -> None:
        """Let go of the recording."""
        self._stop.emit()
        self._source.emit(QUrl())
        if self._device is not None:
            self._device.deleteLater()
            self._device = None
        self.picture.show_image(None)
        self.timeline.set_lines((), 0.0)

    def pause(self) -> None:
        """Stand still, if it runs."""
        if self.player.isPlaying():
            self._pause.emit()

    @Slot()
    def toggle(self) -> None:
        if self._device is None:
            return
        if self.player.isPlaying():
            self._pause.emit()
        else:
            self._play.emit()

    @Slot(QVideoFrame)
    def _show(self, frame: QVideoFrame) -> None:
        if frame.isValid() and self._device is not None:
            self.picture.show_image(frame.toImage())
