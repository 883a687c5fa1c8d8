"""`hallclient face evaluate`: every genuine and impostor pair of a collection of faces, for each engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from drivers.face.engines import installed_engines
from drivers.face.template_matcher import Template, TemplateMatcher
from hallclient.cli.given_file import about, given_path
from hallclient.cli.output import JsonOption, answer, remark
from hallclient.cli.picture_file import read_picture, read_portrait
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.face_index import IndexRow, PictureRole, of_groups, read_index
from hallclient.services.face_rates import CONFIDENCE, FALSE_MATCH_RATES, Measurement, Rates, ScoredPairs, measure
from hallclient.wiring.face_engine import chosen_engine

_SEED = 20261122  # of the resampling: two runs print the same intervals
_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class _Result:
    engine: str
    group: str
    pictures: int
    no_face: int
    unreadable: tuple[int, ...]
    measured: Measurement


def evaluate(
    index: Annotated[
        Path,
        typer.Argument(
            parser=given_path,
            metavar="INDEX",
            help="CSV file with the columns group, identity, role and file; its pictures lie in its folder or below.",
        ),
    ],
    engine: Annotated[
        list[str] | None, typer.Option(help="An engine to measure; without, every installed one.")
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group to measure; without, every one.")] = None,
    rounds: Annotated[int, typer.Option(min=0, help="Resamples of the people, for the intervals.")] = _ROUNDS,
    as_json: JsonOption = False,
) -> None:
    """Measure how well engines tell people apart: each card against each photo of its group.

    A genuine pair without two faces counts as not matched; such an impostor pair is left out. no_face counts pictures;
    unreadable names the rows among them whose file is no picture.
    With several faces in a picture the largest is taken: nobody can be asked to step aside any more.
    """
    with about("INDEX"):
        groups = of_groups(read_index(index), group or ())
    engines = {name: chosen_engine(name) for name in engine or installed_engines()}
    results = [result for name, rows in groups.items() for result in _measured(name, rows, engines, rounds)]
    document = {
        "confidence": CONFIDENCE,
        "resamples": rounds,
        "engines": {
            name: {"version": matcher.identity.version, "model": matcher.identity.models}
            for name, matcher in engines.items()
        },
        "results": [_document(result) for result in results],
    }
    answer(document, [line for result in results for line in _lines(result)], as_json)


def _measured(group: str, rows: Sequence[IndexRow], engines: dict[str, TemplateMatcher], rounds: int) -> list[_Result]:
    numbers = {identity: number for number, identity in enumerate(dict.fromkeys(row.identity for row in rows))}
    cards = [row for row in rows if row.role is PictureRole.CARD]
    photos = [row for row in rows if row.role is not PictureRole.CARD]
    if not cards or not photos:
        raise KnownError(FailureCode.INPUT_INVALID, f"group {group}: no {'photo' if cards else 'card'}")
    templates: dict[str, list[Template | None]] = {name: [] for name in engines}
    unreadable: list[int] = []
    for row in (*cards, *photos):
        try:
            found_in_row = _templates(row, engines)
        except KnownError as error:  # one bad file among thousands must not end hours of measuring
            found_in_row = dict.fromkeys(engines)
            unreadable.append(row.row)
            remark(f"row {row.row}: {error}")
        for name, template in found_in_row.items():
            templates[name].append(template)
    if len(unreadable) == len(rows):
        raise KnownError(
            FailureCode.PICTURE_UNREADABLE, f"group {group}: no row is a picture, from row {unreadable[0]}"
        )
    results = []
    for name, matcher in engines.items():
        found = templates[name]
        pairs = ScoredPairs(
            scores=_scores(matcher, found[: len(cards)], found[len(cards) :]),
            card_people=np.array([numbers[row.identity] for row in cards]),
            photo_people=np.array([numbers[row.identity] for row in photos]),
            own_card=np.array([row.role is PictureRole.PHOTO_OF_CARD for row in photos]),
        )
        try:
            measured = measure(pairs, np.random.default_rng(_SEED), rounds)
        except KnownError as error:
            raise KnownError(error.code, f"group {group}: {error.detail}") from None
        results.append(
            _Result(name, group, len(found), sum(template is None for template in found), tuple(unreadable), measured)
        )
    return results


def _templates(row: IndexRow, engines: dict[str, TemplateMatcher]) -> dict[str, Template | None]:
    """What each engine makes of one picture, which is read once. Raises picture_unreadable, portrait_unreadable."""
    is_card = row.role is PictureRole.CARD
    picture = read_portrait(row.path) if is_card else read_picture(row.path)
    if picture is None:
        raise KnownError(FailureCode.PORTRAIT_UNREADABLE, "no portrait, or none this computer decodes")
    return {
        name: matcher.portrait_template(picture) if is_card else matcher.template(picture)
        for name, matcher in engines.items()
    }


def _scores(
    matcher: TemplateMatcher, cards: Sequence[Template | None], photos: Sequence[Template | None]
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Each card against each photo; NaN where one has no face."""
    scores = np.full((len(cards), len(photos)), np.nan)
    with_face = [[place for place, one in enumerate(side) if one is not None] for side in (cards, photos)]
    if all(with_face):
        scores[np.ix_(*with_face)] = matcher.scores(
            [one for one in cards if one is not None], [one for one in photos if one is not None]
        )
    return scores


def _document(result: _Result) -> dict[str, Any]:
    measured = result.measured
    document: dict[str, Any] = {
        "engine": result.engine,
        "group": result.group,
        "pictures": result.pictures,
        "no_face": result.no_face,
        "unreadable": list(result.unreadable),
        "genuine": measured.genuine,
        "impostor": measured.impostor,
        "genuine_without_face": measured.genuine_without_face,
        "impostor_without_face": measured.impostor_without_face,
        "fmr_resolution": measured.resolution,
        "beyond_resolution": [_power(rate) for rate in measured.beyond_resolution],
    }
    rates, low, high = (_figures(one) for one in (measured.rates, measured.low, measured.high))
    for name, value in rates.items():
        document[name] = value
        document[f"{name}_interval"] = None if low[name] is None else [low[name], high[name]]
    return document


def _figures(rates: Rates | None) -> dict[str, float | None]:
    names = ["auc", "eer"]
    for figure in ("fnmr", "threshold"):
        names += [f"{figure}_at_fmr_{_power(rate)}" for rate in FALSE_MATCH_RATES]
    return dict.fromkeys(names) if rates is None else dict(zip(names, rates.flat().tolist(), strict=True))


def _power(rate: float) -> str:
    """1e-2 for 0.01, as people write it."""
    return f"1e{round(np.log10(rate))}"


def _lines(result: _Result) -> list[str]:
    measured = result.measured
    unscored = f"{measured.genuine_without_face} genuine and {measured.impostor_without_face} impostor pairs not scored"
    lines = [
        f"{result.group}, {result.engine}: {measured.genuine} genuine and {measured.impostor} impostor pairs",
        f"  no face in {result.no_face} of {result.pictures} pictures: {unscored}",
    ]
    if result.unreadable:
        lines.append(f"  no picture in the rows {', '.join(map(str, result.unreadable))}")
    rates, low, high = (_figures(one) for one in (measured.rates, measured.low, measured.high))
    for name, value in rates.items():
        within = "" if low[name] is None else f"  [{low[name]:.4f}, {high[name]:.4f}]"
        lines.append(f"  {name:<22}{'none' if value is None else f'{value:.4f}'}{within}")
    if beyond := [_power(rate) for rate in measured.beyond_resolution]:
        lines.append(f"  too few impostor pairs for FMR {', '.join(beyond)}: there the threshold lets nobody in")
    return lines
