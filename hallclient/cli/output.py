"""How every command answers: one JSON document on standard output, or plain lines; failures on standard error.

Exit codes: 0 success, 1 a negative answer, 2 bad input or a failure of the environment, 3 a mistake of ours. Who reads
our streams, or does not, never turns one code into another.
"""

import io
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import typer

from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.services.bug_log import log_path, report_bug
from hallclient.storage.store_failures import of_os_error

NEGATIVE, FAILED, BUG = 1, 2, 3

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def answer(document: dict[str, Any], lines: list[str], as_json: bool, positive: bool = True) -> None:
    """Print the answer and end the command with 1 when it is a negative one.

    JSON is UTF-8 whatever the console speaks; lines have a "?" for what it cannot show. A reader who went away changes
    nothing. Raises disk_full and its like.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines)
    if as_json and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
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


def remark(text: str) -> None:
    """Print `text` on standard error, where that can be written."""
    try:
        sys.stderr.write(text)
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
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # for the life of the process


def fail(error: KnownError) -> NoReturn:
    """Print code, remedy and cause on standard error and end with 2."""
    remark(f"{error}\n{error.failure.remedy}\n{error.failure.cause}\n")
    sys.exit(FAILED)


def fail_by_bug(error: Exception) -> NoReturn:
    """Print the number that `error` has in the log, and where the log is, on standard error; end with 3."""
    number = report_bug(error)
    failure = FAILURES[FailureCode.INTERNAL_ERROR]
    code = f"{FailureCode.INTERNAL_ERROR}: {number} ({type(error).__name__})"
    remark(f"{code}\n{failure.remedy}\n{failure.cause}\n{log_path()}\n")
    sys.exit(BUG)
