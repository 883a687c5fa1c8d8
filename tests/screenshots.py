"""Pictures of every page and every trouble at every size that a hall has: `python -m tests.screenshots OUT`.

`--size 1366x768@1.5` draws one size alone. Each scale needs a process of its own: Qt reads it once.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

# Width x height of the screen in its own pixels, and the desktop's scale.
SIZES = [
    (width, height, scale)
    for width, height in ((1024, 768), (1366, 768), (1920, 1080), (3840, 2160))
    for scale in (1.0, 1.5, 2.0)
]


def size_of(text: str) -> tuple[int, int, float]:
    """A size as it is typed: 1366x768@1.5; without @ it is at 100 %. Raises ValueError for anything else."""
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})(?:@(\d(?:\.\d+)?))?", text)
    if found is None or float(found[3] or 1) < 1:
        raise ValueError(text)
    return int(found[1]), int(found[2]), float(found[3] or 1)


def name_of(width: int, height: int, scale: float) -> str:
    return f"{width}x{height}@{scale:g}"


def draw(out: Path, width: int, height: int, scale: float) -> None:
    """All pages in this process; QT_SCALE_FACTOR is `scale` already."""
    from PySide6.QtCore import QSize  # noqa: PLC0415  # after the environment is set

    from tests.acted import acted  # noqa: PLC0415
    from tests.ui.pages import (  # noqa: PLC0415
        Counter,
        access_pages,
        locked_counter,
        login_window,
        review_window,
        staff_pages,
        staff_window,
    )
    from tests.ui.review_doubles import review_case  # noqa: PLC0415
    from tests.ui.troubled_pages import refused_consent, tried_case, troubles  # noqa: PLC0415
    from ui.app import create_application  # noqa: PLC0415

    application = create_application(dark=False)
    size = QSize(round(width / scale), round(height / scale))
    out.mkdir(parents=True, exist_ok=True)

    def keep(window: object, name: str) -> None:
        application.processEvents()
        picture = window.grab()  # type: ignore[attr-defined]
        assert picture.save(str(out / f"{name}.png"))

    for name, window in (
        ("login", login_window(size)),
        ("review", review_window(size, first=review_case(draw=acted))),
        ("review_attempts", review_window(size, first=tried_case(draw=acted))),
    ):
        keep(window, name)
        window.close()
    window = review_window(size, first=tried_case(draw=acted))
    window.evidence.enlarge.trigger()
    keep(window, "review_enlarged")
    window.close()
    login, people = login_window(size), staff_window(size)
    for window, pages in ((login, access_pages(login)), (people, staff_pages(people))):
        for name in pages:
            keep(window, name)
        window.close()
    locked = locked_counter(size)
    keep(locked.clerk, "clerk_locked")
    keep(locked.customer, "customer_locked")
    locked.close()
    for walk in (Counter.walk, troubles, refused_consent):
        two = Counter(size)
        for name in walk(two):
            two.customer.changed.emit()
            keep(two.clerk, f"clerk_{name}")
            keep(two.customer, f"customer_{name}")
        two.close()
        one = Counter(size, shared=True)
        for name in walk(one):
            keep(one.clerk, f"one_screen_{name}")
        one.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--size", action="append", type=size_of, help="as 1366x768@1.5, or 1366x768 for 100 %%; all without it"
    )
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    for width, height, scale in asked.size or SIZES:
        name = name_of(width, height, scale)
        if asked.here:
            draw(asked.out / name, width, height, scale)
            continue
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)}
        again = [sys.executable, "-m", "tests.screenshots", str(asked.out), "--size", name, "--here"]
        subprocess.run(again, env=environment, check=True)
        sys.stdout.write(f"{asked.out / name}\n")


if __name__ == "__main__":
    main()
