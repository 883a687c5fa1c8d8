"""How every command answers: one JSON document on standard output, or plain lines; failures on standard error.

Exit codes: 0 success, 1 a negative answer, 2 bad input or a failure of the environment, 3 a mistake of ours.
"""

import io
import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.services.bug_log import log_path, report_bug
from hallclient.storage.store_failures import of_os_error

NEGATIVE, FAILED, BUG = 1, 2, 3

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def answer(document: dict[str, Any], lines: list[str], as_json: bool, positive: bool = True) -> None:
    """Print the answer and end the command with 1 when it is a negative one.

    JSON is UTF-8 whatever the console speaks; lines have a "?" for what it cannot show. Raises disk_full and its like.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines)
    if as_json and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise of_os_error(error, Path("stdout")) from None
    if not positive:
        raise typer.Exit(NEGATIVE)


def fail(error: KnownError) -> NoReturn:
    """Print code, remedy and cause on standard error and end with 2."""
    sys.stderr.write(f"{error}\n{error.failure.remedy}\n{error.failure.cause}\n")
    sys.exit(FAILED)


def fail_by_bug(error: Exception) -> NoReturn:
    """Print the number that `error` has in the log, and where the log is, on standard error; end with 3."""
    number = report_bug(error)
    failure = FAILURES[FailureCode.INTERNAL_ERROR]
    code = f"{FailureCode.INTERNAL_ERROR}: {number} ({type(error).__name__})"
    sys.stderr.write(f"{code}\n{failure.remedy}\n{failure.cause}\n{log_path()}\n")
    sys.exit(BUG)
