"""`hallclient face`: comparing faces, measuring how well it is done, and telling a person from a picture."""

import typer

from hallclient.cli.face_evaluate import evaluate
from hallclient.cli.face_liveness import liveness
from hallclient.cli.face_liveness_evaluate import liveness_evaluate
from hallclient.cli.face_match import match

app = typer.Typer(no_args_is_help=True, help="Faces: compare two, measure the engines, judge a video of a live person.")
app.command("match")(match)
app.command("evaluate")(evaluate)
app.command("liveness")(liveness)
app.command("liveness-evaluate")(liveness_evaluate)
