"""A cable to a centre that can be cut: whoever is connected, or connects, then hears nothing, and no end either."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Cable:
    """Carries bytes both ways between whoever connects to `url` and the centre."""

    def __init__(self, centre_url: str) -> None:
        self._centre = (urlsplit(centre_url).hostname, urlsplit(centre_url).port)
        self._whole, self._ended = threading.Event(), False
        self._whole.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """What is on its way, and what comes, waits until the cable is mended."""
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self._ended = True
        self._whole.set()
        for one in tuple(self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(60)

    def _begin(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._ended:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._centre)
                self._sockets += (near, far)
                self._begin(self._carry, near, far)
                self._begin(self._carry, far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                self._whole.wait()
                target.sendall(chunk)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def cable_to(centre_url: str) -> Iterator[Cable]:
    cable = Cable(centre_url)
    try:
        yield cable
    finally:
        cable.close()
