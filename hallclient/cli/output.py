"""How every command answers: one JSON document on standard output, or plain lines; failures on standard error.

Exit codes: 0 success, 1 a negative answer, 2 bad input or a failure of the environment.
"""

import json
import sys
from typing import Annotated, Any, NoReturn

import typer

from hallclient.domain.failures import KnownError

NEGATIVE, FAILED = 1, 2

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def answer(document: dict[str, Any], lines: list[str], as_json: bool, positive: bool = True) -> None:
    """Print the answer and end the command with 1 when it is a negative one."""
    text = json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    if not positive:
        raise typer.Exit(NEGATIVE)


def fail(error: KnownError) -> NoReturn:
    """Print code, remedy and cause on standard error and end with 2."""
    sys.stderr.write(f"{error}\n{error.failure.remedy}\n{error.failure.cause}\n")
    sys.exit(FAILED)
