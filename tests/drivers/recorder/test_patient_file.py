"""A disk that is slow, hangs, or is full, under a file that waits for it only where it says so."""

import errno
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from drivers.recorder.patient_file import PatientFile, WholeFile
from tests.drivers.clocks import FakeClock
from tests.drivers.waiting import eventually

PATIENCE_S = 10.0


class Disk(WholeFile):
    """Brings nothing to the disk until it is `awake`; fails over `error`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.awake = Event()
        self.awake.set()
        self.error: OSError | None = None
        self.syncs = 0

    def sync(self) -> None:
        assert self.awake.wait(60)
        if self.error is not None:
            raise self.error
        super().sync()
        self.syncs += 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "file")
    yield made
    made.awake.set()
    made.close()


def test_all_of_it_arrives_in_its_order_and_durable(disk: Disk, tmp_path: Path) -> None:
    file = PatientFile(disk)
    for number in range(500):
        assert file.write(b"%d," % number) == len(b"%d," % number)
    file.settle()
    assert (tmp_path / "file").read_bytes() == b"".join(b"%d," % number for number in range(500))
    assert disk.syncs >= 1
    file.write(b"end")
    file.close()
    file.close()
    assert (tmp_path / "file").read_bytes().endswith(b",499,end")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_slow_disk_keeps_nobody_waiting_and_many_syncs_become_one(disk: Disk, tmp_path: Path) -> None:
    clock = FakeClock()
    file = PatientFile(disk, PATIENCE_S, clock.monotonic)
    disk.awake.clear()
    file.write(b"a")
    file.sync()
    eventually(lambda: file._busy and not file._sync_owed)
    for _ in range(9):
        clock.advance(1.0)
        file.write(b"b")
        file.sync()
    disk.awake.set()
    file.settle()
    assert (tmp_path / "file").read_bytes() == b"abbbbbbbbb"
    assert disk.syncs == 2
    clock.advance(1000.0)
    file.write(b"c")  # nobody waits for a disk that owes nothing
    file.close()


def test_whoever_waits_for_a_slow_disk_is_asked_meanwhile_and_is_told_when_it_hangs(disk: Disk) -> None:
    clock = FakeClock()
    file = PatientFile(disk, PATIENCE_S, clock.monotonic)
    disk.awake.clear()
    asked = []

    def still() -> None:
        asked.append(clock.monotonic())
        if len(asked) == 3:
            disk.awake.set()

    file.settle(still)
    assert len(asked) >= 3
    disk.awake.clear()
    with pytest.raises(TimeoutError):
        file.settle(lambda: clock.advance(PATIENCE_S / 2 + 0.1))
    disk.awake.set()
    file.close()


def test_a_disk_that_hangs_is_told(disk: Disk) -> None:
    clock = FakeClock()
    file = PatientFile(disk, PATIENCE_S, clock.monotonic)
    disk.awake.clear()
    file.sync()
    eventually(lambda: file._busy and not file._sync_owed)
    clock.advance(PATIENCE_S)
    file.write(b"still within its time")
    clock.advance(0.1)
    for late in (lambda: file.write(b""), file.sync):
        with pytest.raises(TimeoutError):
            late()
    disk.awake.set()
    file.close()


def test_a_full_disk_is_told_by_the_next_call_and_by_whoever_waits(disk: Disk) -> None:
    file = PatientFile(disk)
    disk.error = OSError(errno.ENOSPC, "full")
    file.sync()
    eventually(lambda: file._failure)
    for ask in (lambda: file.write(b"more"), file.sync, file.settle):
        with pytest.raises(OSError, match="full") as caught:
            ask()
        assert caught.value.errno == errno.ENOSPC
    file.close()
