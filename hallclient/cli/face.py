"""`hallclient face`: comparing faces, and measuring how well it is done."""

import typer

from hallclient.cli.face_evaluate import evaluate
from hallclient.cli.face_match import match

app = typer.Typer(no_args_is_help=True, help="Faces: compare two, measure the engines.")
app.command("match")(match)
app.command("evaluate")(evaluate)
