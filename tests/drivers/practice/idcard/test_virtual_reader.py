"""The processes behind the virtual reader. Each test has a process of its own, because a process has one daemon."""

import os
import select
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from drivers.practice.idcard.daemon import PcscDaemon
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.reader_process import ReaderProcess, SerialReaderProcess
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.waiting import eventually
from tests.pcsc_daemon import BUILD_CACHE, ROOT

# Starts a virtual reader on a thread that ends, then waits. Says which processes there are, and which folder.
OWNER = """
import sys, threading
from pathlib import Path
from drivers.practice.idcard.daemon import daemon_folder
from drivers.practice.idcard.virtual_reader import VirtualReader

readers = []
starter = threading.Thread(target=lambda: readers.append(VirtualReader(Path(sys.argv[1]))))
starter.start()
starter.join()
reader = readers[0]
print(daemon_folder(), reader.daemon.pid, reader.process.pid, flush=True)
sys.stdin.readline()
assert reader.daemon.running and reader.process.running
reader.close()
reader.close()
with VirtualReader(Path(sys.argv[1])) as second:  # one after the other, in the same folder
    assert second.daemon.running and (daemon_folder() / "owner.lock").exists()
"""


def ends_within_s(process_id: int, timeout_s: float) -> bool:
    try:
        descriptor = os.pidfd_open(process_id)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], timeout_s)[0])
    finally:
        os.close(descriptor)


def own(**options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (sys.executable, "-c", OWNER, str(BUILD_CACHE)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def test_both_processes_end_with_their_owner_however_it_ends() -> None:
    with own() as owner:
        assert owner.stdout is not None
        folder, *process_ids = owner.stdout.readline().split()
        try:
            owner.send_signal(signal.SIGKILL)
            assert all(ends_within_s(int(process_id), 5.0) for process_id in process_ids)
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # whoever else starts one removes it, too


def test_what_a_killed_owner_left_is_removed_at_the_next_start_and_nothing_of_a_living_one() -> None:
    with own() as living, own() as killed:
        assert living.stdout is not None
        assert killed.stdout is not None
        kept, left = (Path(owner.stdout.readline().split()[0]) for owner in (living, killed) if owner.stdout)
        killed.kill()
        killed.wait()
        assert left.exists()
        with own() as third:
            assert third.stdout is not None
            third.stdout.readline()
            assert (kept.exists(), left.exists()) == (True, False)
            third.communicate("\n", timeout=120)
        living.communicate("\n", timeout=120)  # it still has both of its processes
    assert (living.returncode, third.returncode) == (0, 0)
    assert not kept.exists()


def test_closing_leaves_nothing_and_the_starting_thread_may_end_first() -> None:
    with own() as owner:
        assert owner.stdout is not None
        folder, *process_ids = owner.stdout.readline().split()
        owner.communicate("\n", timeout=120)
    assert owner.returncode == 0
    assert all(ends_within_s(int(process_id), 5.0) for process_id in process_ids)
    assert not Path(folder).exists()


def test_a_missing_pcscd_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("drivers.practice.idcard.daemon.shutil.which", lambda *arguments, **options: None)
    with pytest.raises(KnownError) as caught:
        PcscDaemon(tmp_path / "handler.so", {}).start()
    assert (caught.value.code, caught.value.detail) == (FailureCode.PRACTICE_TOOL_MISSING, "pcscd")


def test_orders_to_a_reader_that_does_not_run(tmp_path: Path) -> None:
    process = ReaderProcess(tmp_path / "r")
    process.stop()
    with pytest.raises(KnownError) as caught:
        process.insert(PracticeCard.resident())
    assert caught.value.code is FailureCode.READER_MISSING


def test_a_reader_that_is_stopped_is_not_waited_for_for_ever_and_goes_on_afterwards(tmp_path: Path) -> None:
    process = ReaderProcess(tmp_path / "r")
    process.start()
    try:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        process._order_patience_s = 0.1
        for order in (lambda: process.insert(PracticeCard.resident()), process.remove):
            with pytest.raises(KnownError) as caught:
                order()
            assert caught.value.code is FailureCode.READER_FAILED
        os.kill(process.pid, signal.SIGCONT)
        process._order_patience_s = 60.0
        process.remove()  # what was given up is answered first
        process.insert(PracticeCard.resident())
    finally:
        process.stop()


@pytest.mark.may_log("the practice reader's process ended with -9 and is started again")
def test_an_order_to_a_reader_that_has_just_died_is_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And the cable that is pulled stays pulled, the reader that is stopped stopped."""
    monkeypatch.setattr("drivers.practice.idcard.reader_process._RESTART_PAUSES_S", (0.0,))
    path = tmp_path / "r"
    process = ReaderProcess(path)
    process.start()
    try:
        for order in (lambda: process.insert(PracticeCard.resident()), process.remove, process.unplug):
            dead = process.pid or 0
            os.kill(dead, signal.SIGKILL)
            order()
            assert process.pid != dead
        os.kill(process.pid or 0, signal.SIGKILL)
        process.remove()
        assert not path.exists()
        process.plug()
        assert path.exists()
        os.kill(process.pid or 0, signal.SIGKILL)
    finally:
        process.stop()
    assert not process.running


@pytest.mark.may_log("the practice reader's process (ended with|did not start again)")
def test_a_serial_reader_that_dies_is_replaced_and_one_that_is_pulled_is_not(tmp_path: Path) -> None:
    process = SerialReaderProcess(tmp_path / "port")
    process.start()
    try:
        dead = process.pid or 0
        os.kill(dead, signal.SIGKILL)
        process.insert(PracticeCard.resident())
        assert process.pid != dead
        assert process.path.exists()
        life = process._life
        assert life is not None
        assert life.process.stdin is not None
        life.process.stdin.close()  # it ends in order
        eventually(lambda: not process.running)
        with pytest.raises(KnownError) as caught:
            process.remove()
        assert caught.value.code is FailureCode.READER_MISSING
    finally:
        process.stop()


def test_stopping_does_not_wait_for_an_order_that_is_not_answered(tmp_path: Path) -> None:
    process = ReaderProcess(tmp_path / "r")
    process.start()
    os.kill(process.pid or 0, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        order = pool.submit(process.remove)
        process.stop()
        assert isinstance(order.exception(60.0), KnownError)


def test_a_reader_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    process = ReaderProcess(tmp_path / "r")
    with pytest.raises(KnownError) as caught:
        process.start()
    assert caught.value.code is FailureCode.READER_MISSING
    eventually(lambda: not process.running)


def test_ctrl_c_in_a_terminal_is_for_who_started_the_reader() -> None:
    """It goes to the whole group of processes; the reader's own are ended by their owner and say nothing."""
    owner = own(stderr=subprocess.PIPE, start_new_session=True)
    assert owner.stdout is not None
    _, *processes = owner.stdout.readline().split()
    os.killpg(owner.pid, signal.SIGINT)
    _, said = owner.communicate(timeout=60)
    assert "KeyboardInterrupt" in said  # the owner's own
    assert "card_process" not in said
    for process_id in processes:
        assert ends_within_s(int(process_id), 60)
