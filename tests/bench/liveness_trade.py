"""What depth costs people and what it keeps out: `python -m tests.bench.liveness_trade CACHE FOLDER [LOOKS_PER_S]`.

The curve of one threshold, the relief that a moved head has to show: as shares of what the rules ask for, how many fair
starts of people are live and how many attacks are accepted, as `hallclient face liveness-evaluate` counts them. FOLDER
has events.csv and attacks.csv of public recordings; CACHE is that of `tests.bench.liveness_rules`, with its warning.
"""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from hallclient.cli import main
from hallclient.domain import liveness_task
from tests.bench.liveness_rules import keep_answers

SHARES = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5)
LOOKS_PER_S = 15.0
_NAMES = ("TURN_RELIEF", "TURN_RELIEF_SHARE", "NOD_RELIEF")


@contextmanager
def asking_for(share: float) -> Iterator[None]:
    """The rules ask for this share of the relief that they ask for otherwise."""
    with pytest.MonkeyPatch.context() as patches:
        for name in _NAMES:
            patches.setattr(liveness_task, name, share * getattr(liveness_task, name))
        yield


def evaluated(folder: Path, looks_per_s: float) -> dict[str, Any]:
    """What the command says of the people and attacks in `folder`. Raises SystemExit where it cannot."""
    said = io.StringIO()
    arguments = [str(folder / "events.csv"), "--attacks", str(folder / "attacks.csv"), "--json"]
    with pytest.MonkeyPatch.context() as patches, redirect_stdout(said), redirect_stderr(io.StringIO()):
        rate = ["--looks-per-second", str(looks_per_s)]
        patches.setattr(sys, "argv", ["hallclient", "face", "liveness-evaluate", *arguments, *rate])
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
    document: dict[str, Any] = json.loads(said.getvalue())
    return document


def line(share: float, document: dict[str, Any]) -> str:
    """One point of the curve."""
    people, attacks = document["totals"]["drawn"], document["attacks"]
    pairs, accepted = sum(one["pairs"] for one in attacks), sum(one["accepted"] for one in attacks)
    single = sum(one["single_accepted"] for one in attacks)
    return (
        f"relief x {share:4.2f}: fair starts live {people['fair_live']} of {people['fair_starts']}, "
        f"attack pairs accepted {accepted} of {pairs}, single challenges accepted {single}"
    )


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    cache, folder, *rate = sys.argv[1:]
    answers = keep_answers(Path(cache))
    try:
        for share in SHARES:
            with asking_for(share):
                print(line(share, evaluated(Path(folder), float(rate[0]) if rate else LOOKS_PER_S)), flush=True)  # noqa: T201
    finally:
        answers.save()
