"""The virtual reader's own process: `python -m drivers.practice.idcard.card_process SOCKET [DIALECT]`.

pcscd's handler talks to it through SOCKET (see `ifd_handler.c`); DIALECT says what it takes from programs (`Dialect`).
Orders arrive on stdin (`orders.py`). Each is answered by its name on stdout once pcscd's watching thread has looked at
the card again, or at once when there is no pcscd. The end of stdin ends the process, so that it never outlives who
started it.
"""

import os
import selectors
import socket
import struct
import sys
from enum import Enum, StrEnum
from pathlib import Path

from drivers.practice.idcard.orders import LISTENING, PLUG, UNPLUG, carry_out, order_name
from drivers.practice.idcard.virtual_pseudo_apdu import INSTRUCTION_UNKNOWN, VirtualPseudoApdu
from drivers.practice.idcard.virtual_sam import ATR, Trouble, VirtualSam
from hallclient.core_dumps import forbid_core_dumps

_HEADER = struct.Struct(">cI")
_CONTROL_CODE_LENGTH = 4
_CHUNK = 65536


class Dialect(StrEnum):
    """How a program talks to the reader."""

    ESCAPE = "escape"  # SAM frames as escape commands
    PSEUDO_APDU = "pseudo_apdu"


class _Question(Enum):
    PRESENCE = b"P"
    WATCH = b"W"
    POWER_UP = b"U"
    POWER_DOWN = b"D"
    APDU = b"A"
    CONTROL = b"C"


_YES, _NO, _EVENT = b"+", b"-", b"E"


class CardProcess:
    """Serves one reader, in one thread."""

    def __init__(self, path: str, dialect: Dialect) -> None:
        self._dialect = dialect
        self._sam = VirtualSam()
        self._pseudo_apdu = VirtualPseudoApdu(self._sam)
        self._path = Path(path)
        self._listener: socket.socket | None = None
        self._pcscd: socket.socket | None = None
        self._questions = b""
        self._orders = b""
        self._carried_out: str | None = None
        self._owes_answer = False
        self._ended = False
        self._selector = selectors.DefaultSelector()
        self._plug()
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._take_orders)

    def serve(self) -> None:
        """Work until stdin ends."""
        _say(LISTENING)
        while not self._ended:
            for key, _ in self._selector.select():
                key.data()

    def _plug(self) -> None:
        if self._listener is None:
            self._path.unlink(missing_ok=True)
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(os.fspath(self._path))
            self._listener.listen()
            self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def _unplug(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        self._path.unlink(missing_ok=True)
        self._hang_up()

    def _accept(self) -> None:
        if self._listener is None:  # unplugged in the same round
            return
        self._hang_up()
        self._pcscd, _ = self._listener.accept()
        self._selector.register(self._pcscd, selectors.EVENT_READ, self._answer_questions)

    def _hang_up(self) -> None:
        if self._pcscd is not None:
            self._selector.unregister(self._pcscd)
            self._pcscd.close()
        self._pcscd = None
        self._questions = b""
        self._owes_answer = False
        self._acknowledge()

    def _take_orders(self) -> None:
        chunk = os.read(sys.stdin.fileno(), _CHUNK)
        self._ended = not chunk
        *lines, self._orders = (self._orders + chunk).split(b"\n")
        for line in lines:
            order = order_name(line)
            if order == UNPLUG:
                self._unplug()
            elif order == PLUG:
                self._plug()
            else:
                carry_out(line, self._sam)
            self._carried_out = order
            if self._owes_answer:  # the handler asks nothing else before it has one
                self._owes_answer = False
                self._send(_NO)
            self._send(_EVENT)
            if self._pcscd is None:
                self._acknowledge()

    def _acknowledge(self) -> None:
        if self._carried_out is not None:
            _say(self._carried_out)
        self._carried_out = None

    def _answer_questions(self) -> None:
        pcscd = self._pcscd
        if pcscd is None:  # replaced by a newer connection in the same round
            return
        try:
            chunk = pcscd.recv(_CHUNK)
        except OSError:
            chunk = b""
        if not chunk:
            self._hang_up()
        self._questions += chunk
        while len(self._questions) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._questions)
            end = _HEADER.size + length
            if len(self._questions) < end:
                return
            payload, self._questions = self._questions[_HEADER.size : end], self._questions[end:]
            self._answer(_Question(kind), payload)

    def _answer(self, question: _Question, payload: bytes) -> None:
        present = self._sam.card is not None
        match question:
            case _Question.PRESENCE:
                self._send(_YES if present else _NO)
            case _Question.WATCH:
                self._send(_YES if present else _NO)
                self._acknowledge()
            case _Question.POWER_UP:
                self._send(_YES if present else _NO, ATR if present else b"")
            case _Question.POWER_DOWN:
                self._send(_YES)
            case _Question.APDU:
                self._answer_apdu(payload)
            case _Question.CONTROL:
                self._answer_control(payload[_CONTROL_CODE_LENGTH:])
        if present and self._sam.card is None:
            self._send(_EVENT)

    def _answer_apdu(self, apdu: bytes) -> None:
        if self._sam.card is None:
            self._send(_NO)
        elif self._dialect is not Dialect.PSEUDO_APDU or self._sam.trouble is Trouble.SAM_MISSING:
            self._send(_YES, INSTRUCTION_UNKNOWN)
        elif self._sam.trouble is Trouble.SILENT:
            self._owes_answer = True
        else:
            self._send(_YES, self._pseudo_apdu.exchange(apdu))

    def _answer_control(self, frame: bytes) -> None:
        if self._dialect is not Dialect.ESCAPE or self._sam.trouble is Trouble.SAM_MISSING:
            self._send(_NO)
        elif self._sam.trouble is Trouble.SILENT:
            self._owes_answer = True
        else:
            self._send(_YES, self._sam.exchange(frame))

    def _send(self, kind: bytes, payload: bytes = b"") -> None:
        """Without a pcscd there is nobody to tell; it asks for the presence when it comes."""
        if self._pcscd is None:
            return
        try:
            self._pcscd.sendall(_HEADER.pack(kind, len(payload)) + payload)
        except OSError:
            self._hang_up()


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    forbid_core_dumps()
    CardProcess(sys.argv[1], Dialect(sys.argv[2]) if len(sys.argv) > 2 else Dialect.ESCAPE).serve()
