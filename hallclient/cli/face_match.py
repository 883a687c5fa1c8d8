"""`hallclient face match`: one card's portrait against one photo."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from drivers.face.engines import DEFAULT_ENGINE
from hallclient.cli.given_file import about, given_path
from hallclient.cli.output import JsonOption, answer
from hallclient.cli.picture_file import read_picture, read_portrait
from hallclient.domain.comparison import Decision
from hallclient.wiring.face_engine import chosen_engine


def match(
    card: Annotated[
        Path,
        typer.Argument(parser=given_path, metavar="CARD", help="The card's portrait: a picture, or the chip's bytes."),
    ],
    photo: Annotated[Path, typer.Argument(parser=given_path, metavar="PHOTO", help="A photo of the live person.")],
    engine: Annotated[str, typer.Option(help="The face engine.")] = DEFAULT_ENGINE,
    thresholds: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="PATH", help="Your own thresholds instead of those that ship."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether both show the same person. Exits with 1 for every decision but `matched`."""
    with about("CARD"):  # and not by its name, which may be a person's
        portrait = read_portrait(card)
    with about("PHOTO"):
        live = read_picture(photo)
    comparison = chosen_engine(engine, thresholds).compare(portrait, [live])
    bands = comparison.thresholds
    document = {
        "decision": comparison.decision.value,
        "score": comparison.score,
        "thresholds": asdict(bands),
        "engine": comparison.engine.name,
        "version": comparison.engine.version,
        "model": comparison.engine.models,
    }
    score = "none" if comparison.score is None else f"{comparison.score:.3f}"
    lines = [
        f"decision: {comparison.decision.value}",
        f"score: {score}",
        f"thresholds: match from {bands.match}, doubtful from {bands.doubt}",
        f"false accepts: {bands.false_accept_rate:.1e} on {bands.dataset}",
        f"engine: {comparison.engine.name}, {comparison.engine.version}",
        *(f"model: {name} {sha256}" for name, sha256 in comparison.engine.models.items()),
    ]
    answer(document, lines, as_json, positive=comparison.decision is Decision.MATCHED)
