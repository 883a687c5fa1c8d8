"""`hallclient face liveness-evaluate`: how often the liveness rules believe people, and how often attacks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.camera.video_file import frames_of
from drivers.face.engines import DEFAULT_ENGINE
from drivers.face.relief_eyes import YuNetReliefEyes
from drivers.face.repetition import NumpyRepetitions
from hallclient.cli.given_file import about, given_path
from hallclient.cli.output import JsonOption, answer, remark
from hallclient.domain.liveness import Challenge, Refusal, least_looks
from hallclient.services.liveness_index import read_attacks, read_movements
from hallclient.services.liveness_rates import (
    CONFIDENCE,
    AttackOutcome,
    LivenessEvaluation,
    MovementOutcome,
    interval,
)
from hallclient.services.look_pace import LOOKS_PER_S
from hallclient.services.seen_clip import Asked, ClipEngines, SeenClip
from hallclient.wiring.face_engine import chosen_engine


def liveness_evaluate(
    index: Annotated[
        Path,
        typer.Argument(
            parser=given_path,
            metavar="INDEX",
            help="CSV file with the columns file, challenge, ask_from_s, begin_s and end_s; its videos lie in its "
            "folder or below.",
        ),
    ],
    attacks: Annotated[
        Path | None,
        typer.Option(
            parser=given_path,
            metavar="INDEX",
            help="CSV file of attacks with the columns file and kind; its videos lie in its folder or below.",
        ),
    ] = None,
    looks_per_second: Annotated[
        float, typer.Option(min=1, max=60, help="How many pictures a second are looked at.")
    ] = LOOKS_PER_S,
    engine: Annotated[str, typer.Option(help="The face engine that tells one person from another.")] = DEFAULT_ENGINE,
    as_json: JsonOption = False,
) -> None:
    """Measure the liveness check on videos of people who do what could have been asked, and of attacks.

    A person is asked for the challenge alone every 0.13 s from ask_from_s to begin_s, as the client asks: the check
    begins there. A movement is recognised when more than half of these starts end live. fair are the starts of
    0.3 s before begin_s and earlier: later ones leave no time to see the face at rest. drawn is what the client asks
    for at so many looks a second, and totals are given for that and for all. An attack is asked for every
    pair of challenges that may be drawn at any rate, and for each challenge alone, from every second.

    file is the way from the index's folder, times are seconds from the video's first picture. A row whose begin_s is
    after the video's end is a mistake of the index, and nothing is measured.
    """
    with about("INDEX"):
        genuine = read_movements(index)
    with about("--attacks"):
        attacking = () if attacks is None else read_attacks(attacks)
    engines = ClipEngines(YuNetReliefEyes(), chosen_engine(engine), NumpyRepetitions())

    def watch(video: Path, from_s: float) -> SeenClip:
        return SeenClip(lambda: frames_of(video), engines, looks_per_second, from_s)

    people, attackers = LivenessEvaluation(watch, remark), LivenessEvaluation(watch, remark)
    movements = people.movements(genuine)
    attempts = attackers.attacks(attacking) if attacking else ()
    of_challenge = {
        challenge: [outcome for outcome in movements if outcome.movement.challenge is challenge]
        for challenge in Challenge
    }
    drawn = {challenge for challenge in Challenge if least_looks((challenge,)) <= looks_per_second}
    challenges = [
        {"challenge": challenge.value, "drawn": challenge in drawn} | _counted(outcomes)
        for challenge, outcomes in of_challenge.items()
        if outcomes
    ]
    totals = {
        "drawn": _counted([outcome for outcome in movements if outcome.movement.challenge in drawn]),
        "all": _counted(movements),
    }
    attack_rows = [_attack(attempt) for attempt in attempts]
    document = {
        "looks_per_second": looks_per_second,
        "confidence": CONFIDENCE,
        "models": engines.eyes.models | engines.matcher.identity.models,
        "challenges": challenges,
        "totals": totals,
        "movements": [_movement(outcome) for outcome in movements],
        "attacks": attack_rows,
        "unreadable": list(people.unreadable),
        "unreadable_attacks": list(attackers.unreadable),
    }
    lines = [f"{looks_per_second:g} looks a second", *(line for one in challenges for line in _challenge_lines(one))]
    if totals["drawn"]["movements"] < totals["all"]["movements"]:
        lines += _counted_lines("all that is asked at this rate", totals["drawn"])
    lines += _counted_lines("all", totals["all"])
    lines += [line for one in attack_rows for line in _attack_lines(one)]
    for name, rows in (
        ("no video in the rows", people.unreadable),
        ("no video in the attacks' rows", attackers.unreadable),
    ):
        if rows:
            lines.append(f"{name} {', '.join(map(str, rows))}")
    answer(document, lines, as_json)


def _counted(outcomes: Sequence[MovementOutcome]) -> dict[str, Any]:
    recognised = sum(outcome.recognised for outcome in outcomes)
    starts = [start for outcome in outcomes for start in outcome.starts]
    fair = [start for outcome in outcomes for start in outcome.fair]
    live, fair_live = (sum(start.refusal is None for start in some) for some in (starts, fair))
    return {
        "movements": len(outcomes),
        "recognised": recognised,
        "recognised_interval": interval(recognised, len(outcomes)),
        "starts": len(starts),
        "live": live,
        "live_interval": interval(live, len(starts)),
        "fair_movements": sum(bool(outcome.fair) for outcome in outcomes),
        "fair_recognised": sum(outcome.fairly_recognised for outcome in outcomes),
        "fair_starts": len(fair),
        "fair_live": fair_live,
        "fair_live_interval": interval(fair_live, len(fair)),
        "reasons": _reasons(start.refusal for start in starts),
    }


def _movement(outcome: MovementOutcome) -> dict[str, Any]:
    movement = outcome.movement
    return {
        "row": movement.row,
        "file": movement.file,
        "challenge": movement.challenge.value,
        "recognised": outcome.recognised,
        "fair_recognised": outcome.fairly_recognised,
        "starts": len(outcome.starts),
        "live": outcome.live,
        "fair_starts": len(outcome.fair),
        "fair_live": sum(start.refusal is None for start in outcome.fair),
        "reasons": _reasons(start.refusal for start in outcome.starts),
        "refused": [
            {
                "start_s": round(start.start_s, 3),
                "asked_s": None if start.asked_s is None else round(start.asked_s, 3),
                "reason": start.refusal.value,
            }
            for start in outcome.starts
            if start.refusal is not None
        ],
    }


def _attack(outcome: AttackOutcome) -> dict[str, Any]:
    return {
        "row": outcome.attack.row,
        "file": outcome.attack.file,
        "kind": outcome.attack.kind,
        "pairs": outcome.pairs,
        "accepted": len(outcome.accepted),
        "accepted_interval": interval(len(outcome.accepted), outcome.pairs),
        "singles": outcome.singles,
        "single_accepted": len(outcome.single_accepted),
        "reasons": _reasons(outcome.refusals.elements()),
        "accepted_pairs": [_asked(asked) for asked in outcome.accepted],
        "accepted_singles": [_asked(asked) for asked in outcome.single_accepted],
    }


def _asked(asked: Asked) -> dict[str, Any]:
    return {"start_s": asked.start_s, "challenges": [challenge.value for challenge in asked.challenges]}


def _reasons(refusals: Iterable[Refusal | None]) -> dict[str, int]:
    """How often each, the most frequent first."""
    return dict(Counter(refusal.value for refusal in refusals if refusal is not None).most_common())


def _challenge_lines(row: dict[str, Any]) -> list[str]:
    return _counted_lines(row["challenge"] if row["drawn"] else f"{row['challenge']}, not asked at this rate", row)


def _counted_lines(name: str, row: dict[str, Any]) -> list[str]:
    within = _within(row["recognised_interval"])
    fairly = f"{row['fair_recognised']} of {row['fair_movements']} movements with fair starts"
    lines = [
        f"{name}: {row['recognised']} of {row['movements']} movements recognised from most of their starts{within}",
        f"  {row['live']} of {row['starts']} starts live{_within(row['live_interval'])}",
        f"  {row['fair_live']} of {row['fair_starts']} fair starts live{_within(row['fair_live_interval'])}",
        f"  {fairly} recognised from most of these",
    ]
    return [*lines, f"  refused: {_counts(row['reasons'])}"] if row["reasons"] else lines


def _attack_lines(row: dict[str, Any]) -> list[str]:
    pairs = f"{row['accepted']} of {row['pairs']} pairs accepted{_within(row['accepted_interval'])}"
    return [
        f"{row['file']} ({row['kind']}): {pairs}, {row['single_accepted']} of {row['singles']} single challenges",
        f"  refused: {_counts(row['reasons'])}",
    ]


def _within(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else f"  [{bounds[0]:.3f}, {bounds[1]:.3f}]"


def _counts(reasons: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in reasons.items()) or "-"
