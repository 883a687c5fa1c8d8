"""What the system has no room for is told as that, and nothing else is."""

import errno
import signal

import pytest

from hallclient.domain.exhaustion import exhaustion, exhaustion_of
from hallclient.domain.failures import FailureCode


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOMEM", "EAGAIN"])
def test_no_room_has_its_own_name(name: str) -> None:
    known = exhaustion(OSError(getattr(errno, name), "words", "/home/somebody"))
    assert known is not None
    assert (known.code, known.detail) == (FailureCode.COMPUTER_EXHAUSTED, name)


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "words"), OSError(errno.ENOSPC, "words"), TimeoutError()])
def test_other_errors_have_others(error: OSError) -> None:
    assert exhaustion(error) is None


@pytest.mark.parametrize("name", ["SIGKILL", "SIGXCPU", "SIGXFSZ"])
def test_a_program_that_the_system_ends_needed_too_much(name: str) -> None:
    known = exhaustion_of("gcc", -getattr(signal, name))
    assert known is not None
    assert (known.code, known.detail) == (FailureCode.COMPUTER_EXHAUSTED, f"gcc: {name}")


@pytest.mark.parametrize("returncode", [0, 1, 9, -signal.SIGSEGV, -signal.SIGTERM])
def test_a_program_that_ends_otherwise_did_not(returncode: int) -> None:
    assert exhaustion_of("gcc", returncode) is None
