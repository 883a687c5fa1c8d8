"""Many sessions in one process, through the real services and windows, with the practice devices.

`python -m tests.soak.memory --sessions N [--services]` prints what the process holds after each session, and ends with
1 when memory grew by more than 30 MB after the tenth, or when a thread, a process, a file or a window was left over.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from hallclient.cli.rehearse import SCENE, SERVICE_NUMBER, _walk
from hallclient.domain.staff import Role
from hallclient.services.access import login
from hallclient.services.counter import Counter
from hallclient.services.dispatch import Dispatch
from hallclient.services.rehearsal_report import StepTimes
from hallclient.system import SystemClock, SystemEntropy, share_one_heap
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_login
from tests.soak.left_over import Held, held
from tests.soak.practice import running_counter

_MOST_GROWTH_MB = 30.0
_SETTLED_AFTER = 10  # sessions: by then every cache has what it will have
_CLERK = PRACTICE_STAFF[Role.CLERK]
_SETTLE_S, _SETTLE_LOOK_S = 20.0, 0.25


def main() -> int:
    """Exit code 0 when nothing grows."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.memory", description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--services", action="store_true", help="without windows")
    chosen = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    share_one_heap()  # as `hallclient` does
    with TemporaryDirectory() as name:
        walked = (_services if chosen.services else _windows)(Path(name), chosen.sessions)
        seen = []
        for count, now in enumerate(walked):
            seen.append(now)
            print(f"{count:4d}  {now}", flush=True)  # noqa: T201
    wrong = complaints(seen)
    print("\n".join(wrong) if wrong else "nothing grows")  # noqa: T201
    return 1 if wrong else 0


def complaints(seen: list[Held]) -> list[str]:
    """What grew from the tenth session (in a shorter run: the middle one) to the last."""
    first, last = seen[min(_SETTLED_AFTER, len(seen) // 2)], seen[-1]
    said = []
    if last.memory_mb - first.memory_mb > _MOST_GROWTH_MB:
        said.append(f"memory grew from {first.memory_mb:.0f} to {last.memory_mb:.0f} MB")
    said += [
        f"{name} grew from {getattr(first, name)} to {getattr(last, name)}"
        for name in ("threads", "children", "files", "windows", "widgets")
        if getattr(last, name) > getattr(first, name)
    ]
    if last.threads > first.threads:
        said.append(f"threads of ours at the end: {', '.join(last.names)}")
    return said


def _services(folder: Path, sessions: int) -> Iterator[Held]:
    """Through the services alone."""
    clock, entropy = SystemClock(), SystemEntropy()
    with (
        running_counter(folder) as running,
        closing(login(running.hall, *practice_login(_CLERK, clock.now()), clock, entropy)) as hall,
        closing(Dispatch(hall, running.centre_url)) as dispatch,
    ):
        yield held()
        counter = Counter(hall, running.preparation)
        for _ in range(sessions):
            try:
                _walk(counter.open_session(SCENE, SERVICE_NUMBER), running.counter, dispatch, StepTimes(clock), [])
            finally:
                counter.close_session()
            yield _settled(held, Event().wait)


def _windows(folder: Path, sessions: int) -> Iterator[Held]:
    """Through the windows: one login, then one customer after the other."""
    # Here and not above: Qt only where there are windows.
    from tests.soak.walking import walking_in  # noqa: PLC0415

    with walking_in(folder) as (application, walking):
        yield held(application)
        for _ in range(sessions):
            walking.serve(SCENE, SERVICE_NUMBER)
            yield _settled(lambda: held(application), walking.wait)


def _settled(look: Callable[[], Held], wait: Callable[[float], object]) -> Held:
    """What is held once threads and files that are on their way out have gone."""
    now = look()
    for _ in range(round(_SETTLE_S / _SETTLE_LOOK_S)):
        wait(_SETTLE_LOOK_S)
        before, now = now, look()
        if (before.threads, before.files, before.children) == (now.threads, now.files, now.children):
            break
    return now


if __name__ == "__main__":
    sys.exit(main())
