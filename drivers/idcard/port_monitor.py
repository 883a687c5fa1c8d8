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
        report_bug: Callable[[BaseException], str],
    ) -> None:
        """Start watching; everything is called on the monitor's thread.

        Args:
            ports: lists the ports.
            seen: takes what `ports` says, at first and at each change.
            ended: the thread ends, because it was closed.
            report_bug: keeps an error that nobody foresaw; then the ports are listed anew, and `seen` is told again.
        """
        self._ports = ports
        self._seen = seen
        self._ended = ended
        self._report_bug = report_bug
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serial-port-monitor", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self._thread.name

    def end(self) -> None:
        """Stop watching; does not wait."""
        self._closing.set()

    def join(self, within_s: float) -> bool:
        """Whether the thread ends in time: not while the operating system keeps it listing the ports."""
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        known: list[SerialPort] | None = None
        try:
            while not self._closing.is_set():
                try:
                    ports = self._ports()
                    if ports != known:
                        known = None  # until it is told
                        self._seen(ports)
                        known = ports
                except Exception as error:  # noqa: BLE001  # without this thread no port is ever seen again
                    self._report_bug(error)
                self._closing.wait(_RELIST_INTERVAL_S)
        finally:
            self._ended()
