"""A decrypting reader as the device that a player reads from."""

import io

from PySide6.QtCore import QIODevice, QObject


class VideoDevice(QIODevice):
    """Hands the bytes of a seekable `io.RawIOBase` to QMediaPlayer; they exist in memory only, never on the disk."""

    def __init__(self, source: io.RawIOBase, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._size = source.seek(0, io.SEEK_END)
        source.seek(0)
        # Unbuffered: Qt's own read-ahead would seek behind our back.
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        return False

    def size(self) -> int:
        return self._size

    def seek(self, position: int) -> bool:
        self._source.seek(position)
        return super().seek(position)

    def readData(self, length: int) -> bytes:
        return self._source.read(length) or b""

    def writeData(self, data: object, length: int) -> int:
        del data, length
        return -1
