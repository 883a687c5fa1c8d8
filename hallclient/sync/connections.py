"""The sockets below a client's requests: how they are kept alive, and how they are cut off."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakSet

# A line that is cut while nothing is on its way: asked by the system after 2 s of silence, given up 3 s later. Nothing
# of the sort for what is on its way: a slow line would fail.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 2, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3}  # seconds, seconds, unanswered questions
_UNSENT_BYTES = 32 * 1024  # may wait in the system's buffer, which would otherwise take minutes of a slow line at once


class Connections:
    """The sockets of one client, so that another thread can end what waits on them. `are_cut` never ends."""

    def __init__(self) -> None:
        self.are_cut = False
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpcore calls while it works on a request, on that thread."""
        if event == "connection.start_tls.complete":
            with self._lock:
                self._sockets.add(info["return_value"].get_extra_info("socket"))
                if self.are_cut:
                    self._shut_down()

    def cut_off(self) -> None:
        with self._lock:
            self.are_cut = True
            self._shut_down()

    def _shut_down(self) -> None:
        for one in self._sockets:
            with suppress(OSError):  # closed before
                # Not the TLS socket's own `shutdown`, which takes away under the other thread what it reads with.
                socket.socket.shutdown(one, socket.SHUT_RDWR)


def socket_options() -> list[tuple[int, int, int]]:
    """To keep a connection alive: what this system knows of it."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in {**_KEEP_ALIVE, "TCP_NOTSENT_LOWAT": _UNSENT_BYTES}.items():
        if (option := getattr(socket, name, None)) is not None:
            options.append((socket.IPPROTO_TCP, option, value))
    return options
