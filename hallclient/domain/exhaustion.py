"""When the operating system has no room left for what was asked: that is neither a missing tool nor a damaged file."""

import errno
import signal

from hallclient.domain.failures import FailureCode, KnownError

# Open files of this process and of the whole computer, memory, and processes (fork(2) answers EAGAIN).
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
# What ends a program that needs more than it may have, or than there is. Windows has none of them.
_ENDS_THE_GREEDY = ("SIGKILL", "SIGXCPU", "SIGXFSZ")


def exhaustion(error: OSError) -> KnownError | None:
    """computer_exhausted, where `error` is the system's word for it; None for any other."""
    if error.errno not in _EXHAUSTED:
        return None
    return KnownError(FailureCode.COMPUTER_EXHAUSTED, errno.errorcode[error.errno])


def exhaustion_of(program: str, returncode: int) -> KnownError | None:
    """computer_exhausted, where the system ended `program` for what it needed; None when it ended otherwise.

    Args:
        returncode: as `subprocess` has it: the negative number of a signal.
    """
    for name in _ENDS_THE_GREEDY:
        if returncode == -getattr(signal, name, 0) != 0:
            return KnownError(FailureCode.COMPUTER_EXHAUSTED, f"{program}: {name}")
    return None
