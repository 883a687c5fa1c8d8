"""The console script. Each command is a file of its own; this one joins them."""

import io
import os
import sys
from importlib import import_module
from typing import Any

import typer

from hallclient.cli.output import FAILED, fail, fail_by_bug, stand_in_for_closed_streams, to_nobody
from hallclient.cli.secret_variables import take_secret_variables
from hallclient.cli.usage import usage_hints
from hallclient.core_dumps import forbid_attaching, forbid_core_dumps
from hallclient.domain.exhaustion import exhaustion
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.bug_log import start_log
from hallclient.system import share_one_heap

_COMMANDS = ("run", "rehearse", "card", "doctor", "verify", "queue", "audit", "hall", "central", "face", "rules")


# They have keys in memory, and speak to no service of the desktop that would look up who they are.
_WITHOUT_DESKTOP = frozenset({"verify", "queue", "audit", "hall", "central"})


def _app(wanted: str | None) -> typer.Typer:
    """The command line. Only the module of the `wanted` command is loaded: the others bring seconds of libraries."""
    app = typer.Typer(name="hallclient", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # with a single command Typer would leave out its name
    for name in (wanted,) if wanted in _COMMANDS else _COMMANDS:
        module = import_module(f"hallclient.cli.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


# Typer brings a Click of its own, whose errors it exports only as the parents of this one.
_UsageError: Any = typer.BadParameter.__mro__[1]


def _is_about_what_was_given(error: OSError) -> bool:
    """Whether the operating system cannot do with a path what was asked, and the path, or its beginning, was given."""
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    return any(path.startswith(word) for word in sys.argv[1:] if len(word) > 1)


def _is_no_text_that_was_given(error: UnicodeEncodeError) -> bool:
    """Whether what cannot be written in UTF-8 are the bytes of an argument that are no text of this computer's."""
    odd = error.object[error.start : error.end]
    return any(odd in word for word in sys.argv[1:])


def main() -> None:
    """Run the command line; a known failure becomes a code on standard error and exit code 2, a bug of ours 3."""
    forbid_core_dumps()
    if len(sys.argv) > 1 and sys.argv[1] in _WITHOUT_DESKTOP:
        forbid_attaching()
    take_secret_variables()
    share_one_heap()
    stand_in_for_closed_streams()
    stdout = sys.stdout
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a rare name must not end a command on a console with few characters
            stream.reconfigure(errors="replace")
    start_log()
    try:
        code = _app(sys.argv[1] if len(sys.argv) > 1 else None)(standalone_mode=False) or 0
    except SystemExit:  # Click's way of saying that the reader of a help text went away, with 1 for a code
        to_nobody(stdout)
        sys.exit(FAILED)
    except typer.Abort:
        sys.exit(130)
    except _UsageError as error:
        said = error.format_message()
        if not said:  # it has other commands behind it and stood alone: Click has shown its help, and that is all
            sys.exit(0)
        fail(KnownError(FailureCode.INPUT_INVALID, said), *usage_hints(error))
    except KnownError as error:
        fail(error)
    except UnicodeEncodeError as error:
        if not _is_no_text_that_was_given(error):
            fail_by_bug(error)
        fail(KnownError(FailureCode.INPUT_INVALID, "an argument is no text"))
    except OSError as error:
        fail(exhaustion(error) or _wrong_input(error))
    except Exception as error:  # noqa: BLE001  # whatever it is: exit code 1 would mean a negative answer
        fail_by_bug(error)
    sys.exit(code)


def _wrong_input(error: OSError) -> KnownError:
    """What the command line's own words lead to; anything else is a bug of ours, and ends the command as one."""
    if not _is_about_what_was_given(error):
        fail_by_bug(error)
    return KnownError(FailureCode.INPUT_INVALID, f"{type(error).__name__}: {error.strerror}")
