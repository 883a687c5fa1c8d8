"""The console script. Each command is a file of its own; this one joins them."""

import os
import sys

import typer

from hallclient.cli import audit, central, hall, queue, rehearse, verify
from hallclient.cli.output import fail
from hallclient.domain.failures import FailureCode, KnownError

app = typer.Typer(name="hallclient", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("rehearse")(rehearse.rehearse)
app.command("verify")(verify.verify)
app.add_typer(queue.app, name="queue")
app.add_typer(audit.app, name="audit")
app.add_typer(hall.app, name="hall")
app.add_typer(central.app, name="central")


# Typer brings a Click of its own, whose errors it exports only as the parents of this one.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def main() -> None:
    """Run the command line; a known failure becomes a code on standard error and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except typer.Abort:
        sys.exit(130)
    except _UsageError as error:
        fail(KnownError(FailureCode.INPUT_INVALID, str(error)))
    except KnownError as error:
        fail(error)
    except BrokenPipeError:  # the reader of our output went away; nothing is left to tell it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
