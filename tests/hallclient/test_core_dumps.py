"""A process of ours that crashes leaves nothing of its memory, whoever collects core dumps."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import drivers
import hallclient
import ui

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="core dumps of Linux")

# A program whose memory holds a secret that its source does not spell out, under `ulimit -c unlimited`.
_CRASHES = """
import os, resource, signal
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from hallclient.core_dumps import forbid_core_dumps
{told}
secret = b"".join([b"11010519", b"491231002X"] * 1000)
os.kill(os.getpid(), signal.SIGSEGV)
"""
_SECRET = b"11010519491231002X" * 1000
_UNLIMITED = "resource.setrlimit = lambda *_: None; forbid_core_dumps()"  # a handler that asks for no limit


def crashed(folder: Path, told: str) -> list[bytes]:
    """The core dumps of the program once it was `told`."""
    done = subprocess.run([sys.executable, "-c", _CRASHES.format(told=told)], cwd=folder, check=False, timeout=60)
    assert done.returncode == -signal.SIGSEGV
    return [path.read_bytes() for path in folder.iterdir()]


@pytest.fixture
def dumping(tmp_path: Path) -> Path:
    """A folder where a crash leaves a core dump with the secret. Skips where this machine writes none there."""
    folder = tmp_path / "undefended"
    folder.mkdir()
    if not any(_SECRET in core for core in crashed(folder, "")):
        pytest.skip("this machine's core dumps go elsewhere, or nowhere")
    defended = tmp_path / "defended"
    defended.mkdir()
    return defended


@pytest.mark.attack("minor", "a crash is to leave the keys in a core dump", answer="no core dump")
def test_a_crash_leaves_no_core_dump(dumping: Path) -> None:
    assert crashed(dumping, "forbid_core_dumps()") == []


def test_a_core_dump_that_a_handler_takes_without_a_limit_holds_no_memory(dumping: Path) -> None:
    (core,) = crashed(dumping, _UNLIMITED)
    assert b"ELF" in core
    assert _SECRET[:18] not in core


_PARENT = """
import os, resource, signal
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from drivers.recorder.process_recorder import ProcessRecorder
from hallclient.domain.failures import KnownError
from hallclient.system import SystemEntropy
recorder = ProcessRecorder(SystemEntropy())
recorder.await_ready()
process = recorder._warm
os.kill(recorder.pid, signal.SIGSEGV)
try:
    process.take(60)
except KnownError as error:
    print(error.detail)
"""


def test_a_child_whose_parent_forbids_nothing_leaves_no_core_dump(dumping: Path) -> None:
    command = [sys.executable, "-c", _PARENT]
    done = subprocess.run(command, cwd=dumping, check=True, stdout=subprocess.PIPE, text=True, timeout=120)
    assert done.stdout == f"exit -{signal.SIGSEGV:d}\n"
    assert list(dumping.iterdir()) == []


@pytest.mark.parametrize(
    ("before", "kept"), [("-1, -1", "1"), ("0, -1", "1"), ("0, 0", "0"), ("1, 1", "1"), ("4096, 8192", "1")]
)
def test_the_limits_hold_for_all_that_is_started_and_say_so(before: str, kept: str) -> None:
    import resource  # noqa: PLC0415  # Windows has none

    if before != "0, 0" and resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this machine forbids core dumps by itself")
    program = (
        f"import os, resource; resource.setrlimit(resource.RLIMIT_CORE, ({before}))\n"
        "from hallclient.core_dumps import forbid_core_dumps\n"
        "forbid_core_dumps(); forbid_core_dumps()\n"
        "os.execvp('cat', ['cat', '/proc/self/limits', '/proc/self/coredump_filter'])"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    lines = told.stdout.splitlines()
    assert [line.split()[4:6] for line in lines if line.startswith("Max core file size")] == [[kept, kept]]
    assert int(lines[-1], 16) == 0


_OF_THE_MAKEFILE = {"hallclient.central.contract", "hallclient.domain.session"}  # print a page of our documentation


def programs() -> list[str]:
    """The modules of the product that are run as programs and may hold data."""
    modules = [
        f"{package.__name__}.{'.'.join(path.relative_to(folder).with_suffix('').parts)}"
        for package in (drivers, hallclient, ui)
        for folder in [Path(package.__path__[0])]
        for path in sorted(folder.rglob("*.py"))
        if 'if __name__ == "__main__":' in path.read_text("utf-8")
    ]
    return [module for module in modules if module not in _OF_THE_MAKEFILE]


# Whatever a program does before it forbids core dumps would be told as another error: it has no argument and no input.
_RUN = """
import runpy, sys
from hallclient import core_dumps
def called():
    sys.exit(77)
core_dumps.forbid_core_dumps = called
sys.argv[1:] = []
runpy.run_module(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("module", programs())
def test_each_program_forbids_it_first_of_all(module: str) -> None:
    code = _RUN.replace("sys.argv[0]", repr(module))
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (77, b"", b"")


def test_the_programs_are_found() -> None:
    assert {"hallclient.__main__", "drivers.recorder.process", "drivers.idcard.vendor_portrait_process"} < {*programs()}


_ATTACKED = """
import os, sys, time
from hallclient.core_dumps import forbid_attaching
os.setuid(65534)
{told}
print("ready", flush=True)
time.sleep(600)
"""
_ATTACKER = """
import os, sys
os.setuid(65534)
try:
    os.close(os.open(f"/proc/{sys.argv[1]}/mem", os.O_RDONLY))
except PermissionError:
    sys.exit(13)
"""


def reads_memory(told: str) -> bool:
    """Whether a program of the same user may read the memory of one that was `told`."""
    command = [sys.executable, "-c", _ATTACKED.format(told=told)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as attacked:
        try:
            assert attacked.stdout is not None
            if attacked.stdout.readline() != "ready\n":
                pytest.skip("another user cannot run this program here")
            attack = [sys.executable, "-c", _ATTACKER, str(attacked.pid)]
            code = subprocess.run(attack, stderr=subprocess.DEVNULL, check=False, timeout=60).returncode
        finally:
            attacked.kill()
    assert code in (0, 13)
    return code == 0


@pytest.mark.attack("minor", "another program of the same user reads the memory", answer="the system refuses")
def test_no_other_program_of_the_same_user_reads_the_memory() -> None:
    if os.getuid() != 0:
        pytest.skip("cannot become another user")
    # setuid alone makes a process that cannot be looked into: it is undone first, to be attacked at all.
    undone = "import ctypes; ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)"
    if not reads_memory(undone):
        pytest.skip("this machine forbids it by itself")
    assert not reads_memory(f"{undone}; forbid_attaching()")


@pytest.mark.parametrize("command", [["verify", "--help"], ["central", "--help"], ["face", "--help"]], ids=" ".join)
def test_commands_without_a_desktop_forbid_it(command: list[str]) -> None:
    program = (
        "import ctypes, sys\nfrom hallclient.cli import main\n"
        f"sys.argv[1:] = {command!r}\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit(40 + ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL, check=False, timeout=120)
    assert done.returncode == (41 if command[0] == "face" else 40)
