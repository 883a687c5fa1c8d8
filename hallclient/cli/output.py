"""How every command answers: one JSON document on standard output, or plain lines; failures on standard error.

Exit codes: 0 success, 1 a negative answer, 2 bad input or a failure of the environment, 3 a mistake of ours. Who reads
our streams, or does not, never turns one code into another.
"""

import io
import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import typer

from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.services.bug_log import log_path, report_bug
from hallclient.storage.store_failures import of_os_error

NEGATIVE, FAILED, BUG = 1, 2, 3

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


# Controls, formats (bidi overrides, zero-width characters), halves of characters, and separators that end a line.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shown(text: str) -> str:
    r"""`text` on one line, as it is: what would move a cursor, end the line or turn it round is escaped as in JSON.

    Names come from outside (a folder, a reader, an enrolment) and shall not print a verdict of their own. In JSON text
    the escapes mean the same characters. An unassigned or private character is left: it may be a rare name's.
    """
    if text.isprintable():
        return text
    return "".join(json.dumps(sign)[1:-1] if unicodedata.category(sign) in _UNSHOWN else sign for sign in text)


def answer(document: dict[str, Any], lines: list[str], as_json: bool, positive: bool = True) -> None:
    """Print the answer and end the command with 1 when it is a negative one.

    Each of `lines` is printed as one line, see `shown`.

    JSON is UTF-8 whatever the console speaks; lines have a "?" for what it cannot show. A reader who went away changes
    nothing. Raises disk_full and its like.
    """
    if as_json:
        lines = json.dumps(document, ensure_ascii=False, indent=2).split("\n")
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
    text = "\n".join(map(shown, lines))
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        to_nobody(sys.stdout)
    except OSError as error:
        to_nobody(sys.stdout)
        raise of_os_error(error, Path("stdout")) from None
    if not positive:
        raise typer.Exit(NEGATIVE)


def remark(*lines: str) -> None:
    """Print `lines` on standard error, each as one line (see `shown`), where that can be written."""
    try:
        sys.stderr.write("".join(f"{shown(line)}\n" for line in lines))
        sys.stderr.flush()
    except OSError:  # there is no third stream to say it on
        to_nobody(sys.stderr)


def to_nobody(stream: TextIO) -> None:
    """Let what is left in `stream`, which cannot be written, go nowhere: Python ends with 120 when it cannot either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def stand_in_for_closed_streams() -> None:
    """Give a process that was started without standard output or error one that goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def fail(error: KnownError, *hints: str) -> NoReturn:
    """Print code, remedy, cause and `hints` on standard error and end with 2."""
    remark(str(error), error.failure.remedy, error.failure.cause, *hints)
    sys.exit(FAILED)


def fail_by_bug(error: Exception) -> NoReturn:
    """Print the number that `error` has in the log, and where the log is, on standard error; end with 3."""
    number = report_bug(error)
    failure = FAILURES[FailureCode.INTERNAL_ERROR]
    code = f"{FailureCode.INTERNAL_ERROR}: {number} ({type(error).__name__})"
    remark(code, failure.remedy, failure.cause, str(log_path()))
    sys.exit(BUG)
