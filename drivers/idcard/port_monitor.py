"""Watches which serial ports there are."""

import threading
from collections.abc import Callable

from drivers.idcard.transports.serial_port import SerialPort

# No system tells pyserial of a new port. Listing them takes a few milliseconds.
_RELIST_INTERVAL_S = 1.0


class PortMonitor:
    """One thread that lists the serial ports again and again, and tells when they have changed."""

    def __init__(
        self,
        ports: Callable[[], list[SerialPort]],
        seen: Callable[[list[SerialPort]], None],
        ended: Callable[[], None],
    ) -> None:
        """Start watching; everything is called on the monitor's thread.

        Args:
            ports: lists the ports.
            seen: takes what `ports` says, at first and at each change.
            ended: the thread ends, because it was closed or by a mistake of ours.
        """
        self._ports = ports
        self._seen = seen
        self._ended = ended
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serial-port-monitor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching and wait for the thread."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        known: list[SerialPort] | None = None
        try:
            while not self._closing.is_set():
                ports = self._ports()
                if ports != known:
                    known = ports
                    self._seen(ports)
                self._closing.wait(_RELIST_INTERVAL_S)
        finally:
            self._ended()
