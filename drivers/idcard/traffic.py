"""What is said to a security module, in the log: which command, how long, which status. Never a byte of a person's."""

import logging

from drivers.idcard import sam
from drivers.idcard.session import Connection

# A level of its own below DEBUG, so that nobody gets the traffic by asking for details of the program.
TRAFFIC = 5

logging.addLevelName(TRAFFIC, "TRAFFIC")
_log = logging.getLogger(__name__)


class LoggedConnection:
    """A connection that writes each frame's command, lengths and status at the level `TRAFFIC`, and nothing else."""

    def __init__(self, connection: Connection, reader: str) -> None:
        """`reader` is its name, for the log's reader."""
        self._connection = connection
        self._reader = reader

    def exchange(self, frame: bytes) -> bytes:
        """As the wrapped connection's."""
        if not _log.isEnabledFor(TRAFFIC):
            return self._connection.exchange(frame)
        _log.log(TRAFFIC, "%s > %s, %d bytes", self._reader, _command_name(frame), len(frame))
        answer = self._connection.exchange(frame)
        _log.log(TRAFFIC, "%s < %s, %d bytes", self._reader, _status_name(answer), len(answer))
        return answer


def _command_name(frame: bytes) -> str:
    code = frame[len(sam.PREAMBLE) + 2 : len(sam.PREAMBLE) + 4]
    try:
        return sam.Command(code).name
    except ValueError:
        return "unknown command"


def _status_name(answer: bytes) -> str:
    try:
        status = sam.decode_reply(answer).status
    except sam.FrameError as error:  # carries no bytes
        return f"no frame ({error})"
    try:
        return sam.Status(status).name
    except ValueError:
        return f"SW3 {status:02X}"
