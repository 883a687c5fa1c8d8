"""The kit of attacks, many times over: `python -m tests.soak.attacks --runs N`.

Prints APCER of each kind of attack and BPCER of honest people (ISO/IEC 30107-3), with their 95 % intervals, and ends
with 1 when an attack passed or was refused for a reason that does not fit it. Attacks that no rule here can tell from a
person are printed after the others, with the share that passed; it ends with 1 as well when more of a kind passed than
the share that is known of it lets expect.
"""

import argparse
import os
import sys

from tests.attacks.kit import ATTACKS, BEYOND
from tests.attacks.rates import attacked, most_of, served, share_beyond


def main() -> int:
    """Exit code 0 when it holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.attacks", description=__doc__)
    parser.add_argument("--runs", type=int, default=150, help="of each kind of attack and of honest people")
    parser.add_argument("--only", default="", help="kinds of attack with this in their name; then no honest people")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    print("attacks and people are made by program; no human attacked and no camera was there", flush=True)  # noqa: T201
    holds = True
    for outcome in attacked(given.runs, [name for name in ATTACKS if given.only in name], given.processes):
        print(outcome, flush=True)  # noqa: T201
        holds = holds and not outcome.rate.errors and not outcome.unfitting
    beyond = [name for name in BEYOND if given.only in name]
    for name, outcome in zip(beyond, attacked(given.runs, beyond, given.processes), strict=True):
        share, passed = share_beyond(name), outcome.rate.errors
        most = most_of(share, given.runs)
        said = f"known share {share:.1%}: at most {most}{'' if passed <= most else '; MISSED'}"
        print(f"not told from a person: {outcome}; {said}", flush=True)  # noqa: T201
        holds = holds and passed <= most
    if not given.only:
        for outcome in served(given.runs, given.processes):
            print(outcome, flush=True)  # noqa: T201
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
