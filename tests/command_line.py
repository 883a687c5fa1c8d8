"""`hallclient …` in the test's own process: the same answer and exit code without seconds of imports.

That the script itself starts, and what it leaves behind when it ends, is for the tests that run it as a process.
"""

import io
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from hallclient.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def hallclient(*arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> Done:
    """Run a command in `folder` with `environment`, by default this process' own."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["hallclient", *arguments]),
        mock.patch.dict(os.environ, environment or {}, clear=environment is not None),
        chdir(folder or Path.cwd()),
        _own_log(),
        mock.patch("hallclient.cli.forbid_attaching"),
        mock.patch("hallclient.cli.forbid_core_dumps"),  # for good, in a process: tests.hallclient.test_core_dumps
        redirect_stdout(stdout),
        redirect_stderr(stderr),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    assert isinstance(ended.value.code, int)
    return Done(ended.value.code, stdout.getvalue(), stderr.getvalue())


@contextmanager
def _own_log() -> Iterator[None]:
    """What a command sets up for its process, the log's file and what nobody catches, ends with the command."""
    root = logging.getLogger()
    handlers, hooks = root.handlers[:], (sys.excepthook, threading.excepthook)
    try:
        yield
    finally:
        for handler in [one for one in root.handlers if one not in handlers]:
            root.removeHandler(handler)
            handler.close()
        sys.excepthook, threading.excepthook = hooks
