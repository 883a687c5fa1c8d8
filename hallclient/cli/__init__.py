"""The console script. Each command is a file of its own; this one joins them."""

import os
import sys

import click
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


def main() -> None:
    """Run the command line; a known failure becomes a code on standard error and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        fail(KnownError(FailureCode.INPUT_INVALID, error.format_message()))
    except KnownError as error:
        fail(error)
    except BrokenPipeError:  # the reader of our output went away; nothing is left to tell it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
