"""`make bench`: each figure beside a baseline from the same run or beside what is wanted. Nothing passes or fails."""

import os
import platform
import sys

from tests.bench import card, card_memory, face, face_screen, judging, liveness, sealing, session, start


def main() -> None:
    sys.stdout.write(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.platform()}\n")
    for bench in (start, card, card_memory, face, face_screen, liveness, sealing, judging, session):
        for figure in bench.figures():
            sys.stdout.write(f"{figure}\n")
            sys.stdout.flush()


main()
