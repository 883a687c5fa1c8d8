"""Serial: SAM frames over a serial port, 8N1 (READ: eastcoms, softs.im), with a search for the baud rate."""

import errno
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import serial
from serial.tools import list_ports

from drivers.idcard import sam
from drivers.idcard.sam import BAUD_RATES, Command, FrameParser, Status
from hallclient.devices import Clock
from hallclient.domain.failures import FailureCode, KnownError

# BELIEF: a real SAM needs about one second for the longest command; its answer then takes 1.4 s at 9600 baud.
ANSWER_TIMEOUT_S = 4.0
# A status frame and its answer take 21 ms at 9600 baud.
PROBE_TIMEOUT_S = 0.3
# After a bad frame the good one follows at once or never: so long may the line be quiet.
QUIET_S = 0.05

_CHUNK = 4096
_MISSING = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTTY})
_BUSY = frozenset({errno.EBUSY, errno.EAGAIN})


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A serial port of this computer.

    Attributes:
        name: what the operating system calls it, such as `/dev/ttyUSB0` or `COM3`.
        usb_id: `VVVV:PPPP` in upper-case hexadecimal; None when it is no USB adapter.
    """

    name: str
    usb_id: str | None


def serial_ports() -> list[SerialPort]:
    """The ports that are there now."""
    return [
        SerialPort(port.device, None if port.vid is None else f"{port.vid:04X}:{port.pid:04X}")
        for port in list_ports.comports()
    ]


class SerialConnection:
    """An open port with a security module behind it.

    Attributes:
        baud_rate: the rate at which the module answers, bits per second.
    """

    def __init__(
        self,
        port: str,
        clock: Clock,
        *,
        baud_rates: Sequence[int],
        raise_to: int | None = None,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
        probe_timeout_s: float = PROBE_TIMEOUT_S,
    ) -> None:
        """Open `port` alone and find the rate at which the module answers.

        Args:
            port: name of the port.
            clock: for deadlines.
            baud_rates: rates to try, in this order.
            raise_to: the rate to order afterwards; a module that refuses, or is not heard at it, keeps its own.
            answer_timeout_s: how long one answer may take.
            probe_timeout_s: how long the answer to a status frame may take at each rate.

        Raises KnownError: reader_missing, reader_busy, reader_failed when the module answers at none of the rates.
        """
        self._clock = clock
        self._answer_timeout_s = answer_timeout_s
        self._probe_timeout_s = probe_timeout_s
        try:
            self._port = serial.Serial(
                port, baud_rates[0], timeout=probe_timeout_s, write_timeout=answer_timeout_s, exclusive=True
            )
        except (serial.SerialException, OSError) as error:
            raise _not_opened(error) from error
        try:
            self.baud_rate = self._find_rate(baud_rates)
            if raise_to is not None and raise_to != self.baud_rate:
                self._raise_rate(raise_to)
        except BaseException:
            self.close()
            raise

    def exchange(self, frame: bytes) -> bytes:
        """Send one frame and return the frame of the answer; what else is in the line is skipped.

        Raises KnownError: reader_missing when the port has gone; reader_failed for silence and damaged answers.
        """
        return self._exchange(frame, self._answer_timeout_s)

    def close(self) -> None:
        """Let go of the port; harmless when it has gone."""
        with suppress(OSError):  # serial.SerialException is one
            self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _find_rate(self, rates: Sequence[int]) -> int:
        for rate in rates:
            self._set_rate(rate)
            if self._is_heard():
                return rate
        raise KnownError(FailureCode.READER_FAILED, f"no answer at {', '.join(map(str, rates))} baud")

    def _raise_rate(self, rate: int) -> None:
        """BELIEF: the module confirms at the old rate and then changes."""
        before = self.baud_rate
        (command,) = (command for command, ordered in BAUD_RATES.items() if ordered == rate)
        try:
            confirmed = self._status(command) == Status.OK
        except KnownError as error:
            if error.code is FailureCode.READER_MISSING:
                raise
            confirmed = True  # perhaps its confirmation was lost, or came at the new rate
        if confirmed:
            self._set_rate(rate)
            self.baud_rate = rate if self._is_heard() else self._find_rate((before,))

    def _is_heard(self) -> bool:
        """Whether the module answers a status frame with one, whatever it says."""
        try:
            self._status(Command.STATUS)
        except KnownError as error:
            if error.code is FailureCode.READER_MISSING:
                raise
            return False
        return True

    def _status(self, command: Command) -> int:
        answer = self._exchange(sam.encode_command(command), self._probe_timeout_s)
        try:
            return sam.decode_reply(answer).status
        except sam.FrameError as error:
            raise KnownError(FailureCode.READER_FAILED, str(error)) from None

    def _set_rate(self, rate: int) -> None:
        try:
            self._port.baudrate = rate
        except (OSError, ValueError) as error:
            raise _gone(error) from error

    def _exchange(self, frame: bytes, timeout_s: float) -> bytes:
        try:
            self._port.reset_input_buffer()  # a late answer to an earlier question
            self._port.write(frame)
            return sam.encode_frame(self._next_body(timeout_s))
        except serial.SerialTimeoutException as error:
            raise KnownError(FailureCode.READER_FAILED, "port takes no bytes") from error
        except _PORT_ERRORS as error:
            raise _gone(error) from error

    def _next_body(self, timeout_s: float) -> bytes:
        """The first good frame that arrives. Raises KnownError: reader_failed; and what a port that has gone raises."""
        parser = FrameParser()
        problem = "no answer"
        patience_s = timeout_s
        deadline = self._clock.monotonic() + timeout_s
        while (left_s := deadline - self._clock.monotonic()) > 0:
            self._port.timeout = min(left_s, patience_s)
            arrived = self._port.read(1)  # the first byte may take long, the rest is on its way
            arrived += self._port.read(min(_CHUNK, self._port.in_waiting)) if arrived else b""
            parser.feed(arrived)
            while True:
                try:
                    body = parser.next_body()
                except sam.FrameError as error:
                    problem = str(error)
                    patience_s = QUIET_S
                    continue
                if body is not None:
                    return body
                if arrived or not parser.give_up():
                    break
                problem = "incomplete"
            if not arrived:
                break
        raise KnownError(FailureCode.READER_FAILED, problem)


def _termios_errors() -> tuple[type[Exception], ...]:
    try:
        import termios  # noqa: PLC0415  # not on Windows
    except ImportError:
        return ()
    return (termios.error,)


# pyserial lets termios' own error through when the port goes while it is being set or flushed.
_PORT_ERRORS: tuple[type[Exception], ...] = (OSError, *_termios_errors())


def _not_opened(error: OSError) -> KnownError:
    # On Windows pyserial leaves errno out and puts the system's error into the text.
    if error.errno in _BUSY or (error.errno is None and "PermissionError" in str(error)):
        return KnownError(FailureCode.READER_BUSY, "serial port is in use")
    if error.errno in _MISSING or (error.errno is None and "FileNotFoundError" in str(error)):
        return KnownError(FailureCode.READER_MISSING, "no such serial port")
    return KnownError(FailureCode.READER_FAILED, f"serial port: errno {error.errno}")


def _gone(error: Exception) -> KnownError:
    return KnownError(FailureCode.READER_MISSING, f"serial port has gone: {type(error).__name__}")
