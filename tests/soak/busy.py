"""Rehearsals while both cores are kept busy by two other processes.

`python -m tests.soak.busy --rehearsals N` walks them through the windows and prints how late the event loop came; with
`--services` each is a `hallclient rehearse` of its own. It ends with 1 unless every customer passed and no try before
the camera failed, but for one that was too slow on this computer and repeated, and when the 99th percentile of the
event loop's delay is over 50 ms.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hallclient.cli.rehearse import SCENE, SERVICE_NUMBER
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.system import share_one_heap
from tests.bench.busy_cores import busy_cores
from tests.bench.figure import Wanted

_MOST_DELAY_MS = 50.0
_REHEARSAL_TIMEOUT_S = 600.0
_REPEATED = frozenset({FailureCode.COMPUTER_TOO_SLOW.value})  # and the customer is asked once more


@dataclass(frozen=True, slots=True)
class Served:
    """How a rehearsal ended, by the centre's word or where it broke off; `failures` are the codes of its tries."""

    ended: str
    failures: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """The customer passed by the machine alone, and no try failed but for a busy computer."""
        return self.ended == Outcome.PASSED.value and _REPEATED.issuperset(self.failures)

    def __str__(self) -> str:
        tries = f"; tries that failed: {', '.join(self.failures)}" if self.failures else ""
        return f"{self.ended}{tries}{'' if self.holds else '; MISSED'}"


def main() -> int:
    """Exit code 0 when it holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.busy", description=__doc__)
    parser.add_argument("--rehearsals", type=int, default=20)
    parser.add_argument("--services", action="store_true", help="without windows")
    chosen = parser.parse_args()
    served: list[Served] = []
    late_ms: list[float] = []
    with TemporaryDirectory() as name:
        walked = _services if chosen.services else partial(_windows, late_ms)
        for count, one in enumerate(walked(Path(name), chosen.rehearsals), start=1):
            served.append(one)
            print(f"{count:4d}  {one}", flush=True)  # noqa: T201
    held, tries = sum(one.holds for one in served), sum(len(one.failures) for one in served)
    print(f"passed: {held} of {chosen.rehearsals}; tries before the camera that failed: {tries}")  # noqa: T201
    holds = held == chosen.rehearsals
    if late_ms:
        late_ms.sort()
        delay = Wanted("event loop's delay, p99", late_ms[int(len(late_ms) * 0.99)], "ms", _MOST_DELAY_MS)
        print(f"{delay}; maximum {late_ms[-1]:.0f} ms")  # noqa: T201
        holds = holds and delay.holds
    return 0 if holds else 1


def _services(folder: Path, rehearsals: int) -> Iterator[Served]:
    """Each as a command of its own, with a new hall."""
    with busy_cores():
        for count in range(rehearsals):
            yield _command(folder / str(count))


def _command(out: Path) -> Served:
    command = (sys.executable, "-m", "hallclient", "rehearse", "--out", str(out), "--json")
    # It remembers its hall as the user's last one: of a user of its own.
    environment = os.environ | {"XDG_DATA_HOME": str(out.parent / "data")}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_REHEARSAL_TIMEOUT_S, env=environment, check=False
    )
    try:
        told = json.loads(done.stdout)
        return Served(told["outcome"], told["liveness"]["failures"])
    except (ValueError, KeyError, TypeError):
        return Served(f"failed with {done.returncode}: {done.stderr.strip()[-300:]}")


def _windows(late_ms: list[float], folder: Path, rehearsals: int) -> Iterator[Served]:
    """One customer after the other, in the windows of one login; `late_ms` gets how late the event loop came."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    share_one_heap()  # as `hallclient` does
    # Here and not above: the platform is chosen when Qt is loaded.
    from tests.bench.face_screen import Beat  # noqa: PLC0415
    from tests.soak.walking import walking_in  # noqa: PLC0415

    with walking_in(folder) as (_, walking), busy_cores():
        beat = Beat()
        for _ in range(rehearsals):
            try:
                report = walking.serve(SCENE, SERVICE_NUMBER)
            except KnownError as error:  # elsewhere than before the camera, where the clerk has several tries
                yield Served(f"failed after {len(walking.report.times.rows)} steps: {error}")
                return
            outcome = report.outcome.value if report.outcome else "no outcome"
            yield Served(outcome, [error.code.value for error in report.failures])
        beat.stop()
        late_ms += [late_s * 1000 for _, late_s in beat.late_s]


if __name__ == "__main__":
    sys.exit(main())
