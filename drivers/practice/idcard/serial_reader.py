"""A virtual serial reader's own process: `python -m drivers.practice.idcard.serial_reader LINK BAUD_RATE`.

Opens a pseudo-terminal and makes LINK point to its port. A pseudo-terminal carries bytes at any rate, but it remembers
the rate that the other side has set: at a rate other than its own the reader hears garbage and says nothing. Orders
arrive on stdin (`orders.py`) and are answered by their names on stdout; the end of stdin ends the process.
"""

import os
import select
import sys
import termios
import tty
from pathlib import Path

from drivers.idcard import sam
from drivers.idcard.sam import BAUD_RATES, Command, FrameParser, Status
from drivers.practice.idcard.orders import LISTENING, carry_out
from drivers.practice.idcard.virtual_sam import Trouble, VirtualSam
from hallclient.core_dumps import forbid_core_dumps

_CHUNK = 4096
_OUTPUT_SPEED = 5  # in the list of tcgetattr
# After this pause a half frame is given up, in seconds; within a frame bytes follow each other at once.
_PAUSE_S = 0.02


class SerialReader:
    """Serves one port, in one thread."""

    def __init__(self, link: Path, baud_rate: int) -> None:
        self._sam = VirtualSam()
        self._baud_rate = baud_rate
        self._parser = FrameParser()
        self._orders = b""
        self._ended = False
        # The port stays open on this side, or reading would fail whenever no program has it open.
        self._line, self._port = os.openpty()
        tty.setraw(self._port)
        link.unlink(missing_ok=True)  # of one that died
        link.symlink_to(os.ttyname(self._port))

    def serve(self) -> None:
        """Work until stdin ends or the reader is pulled."""
        _say(LISTENING)
        waiting = (sys.stdin.fileno(), self._line)
        pause_s: float | None = None
        while not self._ended:
            ready, _, _ = select.select(waiting, (), (), pause_s)
            pause_s = _PAUSE_S if self._line in ready else None
            if not ready:
                while self._parser.give_up():
                    self._answer_frames()
            if self._line in ready:
                self._listen()
            if sys.stdin.fileno() in ready:
                self._take_orders()

    def _take_orders(self) -> None:
        chunk = os.read(sys.stdin.fileno(), _CHUNK)
        self._ended = self._ended or not chunk
        *lines, self._orders = (self._orders + chunk).split(b"\n")
        for line in lines:
            _say(carry_out(line, self._sam))

    def _listen(self) -> None:
        arrived = os.read(self._line, _CHUNK)
        speed = termios.tcgetattr(self._line)[_OUTPUT_SPEED]
        if speed == getattr(termios, f"B{self._baud_rate}"):
            self._parser.feed(arrived)
            self._answer_frames()

    def _answer_frames(self) -> None:
        while not self._ended:
            try:
                body = self._parser.next_body()
            except sam.FrameLengthError:
                self._say_on_line(sam.encode_reply(Status.LENGTH_WRONG))
                continue
            except sam.FrameChecksumError:
                self._say_on_line(sam.encode_reply(Status.CHECKSUM_WRONG))
                continue
            if body is None:
                return
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        trouble = self._sam.trouble
        if trouble is Trouble.UNPLUGGED_MID_READ and body == Command.READ.value:
            self._ended = True
            return
        # A silent reader and one without a module are told apart by the module's status only.
        if trouble is Trouble.SAM_MISSING or (trouble is Trouble.SILENT and body != Command.STATUS.value):
            return
        self._say_on_line(self._sam.answer(body))
        for command, rate in BAUD_RATES.items():
            if body == command.value:
                self._baud_rate = rate

    def _say_on_line(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._line, data) :]


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    forbid_core_dumps()
    SerialReader(Path(sys.argv[1]), int(sys.argv[2])).serve()
