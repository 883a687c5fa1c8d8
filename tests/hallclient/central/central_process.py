"""Serves a centre: `python -m tests.hallclient.central.central_process FOLDER [DIES_AT]`.

DIES_AT is a method of the ledger or the store, as "Ledger.commit:before": there the process kills itself.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from hallclient.central.ledger import Ledger
from hallclient.central.server import serve
from hallclient.central.store import ObjectStore
from hallclient.system import SystemClock, SystemEntropy


def die_at(place: str) -> None:
    method, when = place.split(":")
    owner, name = method.split(".")
    target = {"Ledger": Ledger, "ObjectStore": ObjectStore}[owner]
    original = getattr(target, name)

    def deadly(*args: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        original(*args)
        return os.kill(os.getpid(), signal.SIGKILL)

    setattr(target, name, deadly)


def announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[2]:
        die_at(sys.argv[2])
    serve(Path(sys.argv[1]), "127.0.0.1", 0, SystemClock(), SystemEntropy(), announce)
