"""A second start shows the windows of the first: it asks over a local socket, named after the hall's folder."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QWidget

_RAISE = b"raise\n"  # the question, and the answer when a window came forward
_NO_WINDOW = b"none\n"
_TIMEOUT_MS = 2000


class RaiseRequests(QObject):
    """Listens while this process has the hall; whoever asks sees its windows.

    Only the holder of the hall's lock may make one: it takes away the socket that a killed holder has left behind.
    """

    def __init__(self, folder: Path, windows: Callable[[], Iterable[QWidget | None]], parent: QObject | None = None):
        """`windows` gives those to be shown, the one that gets the keyboard last; None and hidden ones are left out."""
        super().__init__(parent)
        self._windows = windows
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)  # nobody else's programs may ask
        self._server.newConnection.connect(self._answer)
        name = _name(folder)
        QLocalServer.removeServer(name)
        self._server.listen(name)

    def close(self) -> None:
        self._server.close()

    @Slot()
    def _answer(self) -> None:
        while self._server.hasPendingConnections():
            connection = self._server.nextPendingConnection()
            connection.disconnected.connect(connection.deleteLater)
            connection.readyRead.connect(lambda connection=connection: self._read(connection))
            self._read(connection)

    def _read(self, connection: QLocalSocket) -> None:
        if connection.canReadLine():
            if bytes(connection.readLine(len(_RAISE) + 1).data()) == _RAISE:
                windows = [window for window in self._windows() if window is not None and window.isVisible()]
                for window in windows:
                    come_forward(window)
                connection.write(_RAISE if windows else _NO_WINDOW)
                connection.flush()
            connection.disconnectFromServer()
        elif connection.bytesAvailable() > len(_RAISE):
            connection.abort()


def come_forward(window: QWidget) -> None:
    """Before all others and, as far as the desktop lets us, with the keyboard; no longer minimised."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()


def raise_first(folder: Path) -> bool:
    """Ask the process that has the hall in `folder` to show its windows; whether it said that it showed one."""
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    if not socket.waitForConnected(_TIMEOUT_MS):
        return False
    socket.write(_RAISE)
    answered = socket.waitForBytesWritten(_TIMEOUT_MS) and socket.waitForReadyRead(_TIMEOUT_MS)
    answer = bytes(socket.readLine(len(_RAISE) + 1).data()) if answered else b""
    socket.abort()
    return answer == _RAISE


def _name(folder: Path) -> str:
    return f"hallclient-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]}"
