"""`make bench`: each figure beside a baseline measured in the same run. Nothing here passes or fails."""

import os
import platform
import sys

from tests.bench import card, card_memory, face, liveness, sealing


def main() -> None:
    sys.stdout.write(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.platform()}\n")
    for bench in (card, card_memory, face, sealing, liveness):
        for figure in bench.figures():
            sys.stdout.write(f"{figure}\n")
            sys.stdout.flush()


main()
