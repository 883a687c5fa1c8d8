"""Who reads a command's output, or does not, never turns one exit code into another.

As a process under a shell: Click, the interpreter's end and closed descriptors are all part of it.
"""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hallclient.cli.given_package import given_package

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="a POSIX shell lends the streams")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What stands for GOOD, BAD and NONE in the commands below."""
    folder = tmp_path_factory.mktemp("given")
    package, roots = given_package(folder)
    changed = shutil.copytree(package, folder / "changed")
    (changed / "manifest.sig").write_bytes(bytes(96))
    verify = shlex.join([sys.executable, "-m", "hallclient", "verify", "--roots", str(roots)])
    help_text = shlex.join([sys.executable, "-m", "hallclient", "--help"])
    return {
        "GOOD": f"{verify} {package}",
        "BAD": f"{verify} {changed}",
        "NONE": f"{verify} {folder / 'nope'}",
        "HELP": help_text,
    }


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("GOOD --json | sleep 0", 0),
        ("BAD --json | sleep 0", 1),
        ("GOOD | sleep 0", 0),
        ("HELP | sleep 0", 2),
        ("GOOD >&-", 0),
        ("BAD --json >&-", 1),
        ("GOOD >&- 2>&- <&-", 0),
        ("GOOD --json >/dev/full", 2),
        ("NONE --json 2>&-", 2),
        ("NONE --json >&- 2>&-", 2),
        ("NONE 2>/dev/full", 2),
        ("NONE 2>&1 | sleep 0", 2),
    ],
)
def test_the_streams_do_not_change_the_code(line: str, code: int, words: dict[str, str]) -> None:
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    for word, command in words.items():
        line = line.replace(word, command)
    done = subprocess.run(
        ("bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"), capture_output=True, check=False, timeout=120
    )
    # The reader of a help text may go away before or after it was written.
    assert done.returncode == code or ("--help" in line and done.returncode == 0), done.stderr
