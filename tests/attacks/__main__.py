"""`make attacks`: every line of the findings on trust as an attack from outside.

Prints for each attack its line, what it tried and what answered; last `attacks N, refused N`. Ends with 1 when one got
through, when one broke before it could show anything, or when a case of the findings was not tried.
"""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.attacks.tally import Tally

TESTS = Path(__file__).resolve().parent.parent
MARK = "mark.attack("


def attacking_files() -> list[Path]:
    """The files with attacks in them."""
    return sorted(path for path in TESTS.rglob("test_*.py") if MARK in path.read_text("utf-8"))


def main(arguments: Sequence[str], files: Sequence[Path]) -> int:
    """Exit code 0 when all in `files` were refused. `arguments` are pytest's, after the usual ones."""
    tally = Tally()
    options = ("-q", "-m", "attack", "-p", "tests.attacks.plugin", "-p", "no:cacheprovider", "-o", "addopts=")
    processes = ("--numprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
    with contextlib.chdir(TESTS.parent):
        code = pytest.main([*options, *processes, *arguments, *map(str, files)], plugins=[tally])
    for line in tally.lines():
        print(line)  # noqa: T201
    return 0 if code == pytest.ExitCode.OK and tally.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], attacking_files()))
