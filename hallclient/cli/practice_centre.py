"""The centre of a practice hall: started when it is needed, in a process of its own, and stopped afterwards."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.hall_file import Centre

_STOP_TIMEOUT_S = 20.0


@contextmanager
def centre_address(centre: Centre) -> Iterator[str]:
    """Where `centre` answers. A practice centre is started for the time of the block."""
    if centre.practice_data is None:
        yield centre.url
        return
    with running_practice_centre(Path(centre.practice_data)) as url:
        yield url


@contextmanager
def running_practice_centre(data: Path) -> Iterator[str]:
    """`hallclient central serve` on a free port. Raises practice_tool_missing when it does not come up.

    Ends with this process, even when that is killed (setpriv is in util-linux, like everything of practice on Linux).
    """
    serve = ("central", "serve", "--data", str(data), "--port", "0", "--json")
    command = ("setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "hallclient", *serve)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _address(process: "subprocess.Popen[str]") -> str:
    document = ""
    for line in process.stdout or ():
        document += line
        if line.rstrip() == "}":
            return str(json.loads(document)["url"])
    raise KnownError(FailureCode.PRACTICE_TOOL_MISSING, "the practice centre did not start")
