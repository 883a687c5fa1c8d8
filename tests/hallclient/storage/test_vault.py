"""The vault: private files that are whole or absent, and never in the clear."""

import errno
import os
from pathlib import Path

import pytest

from hallclient.domain.evidence import FileKind
from hallclient.domain.failures import KnownError
from hallclient.storage import durable
from hallclient.storage.vault import Vault
from tests.clock import CountingEntropy

KEY = bytes(range(32))
SESSION = "01930000-0000-7000-8000-000000000000"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "evidence", CountingEntropy())
    made.prepare(SESSION)
    return made


def test_what_is_put_comes_back_and_is_described(vault: Vault) -> None:
    entry = vault.put(SESSION, FileKind.RECORD, KEY, b"a record")
    assert vault.get(SESSION, FileKind.RECORD, KEY) == b"a record"
    assert entry.plain_bytes == 8
    assert entry.sealed_bytes == vault.path(SESSION, FileKind.RECORD).stat().st_size


def test_files_are_private_and_encrypted(vault: Vault) -> None:
    vault.put(SESSION, FileKind.RECORD, KEY, b"a record that nobody may read")
    path = vault.path(SESSION, FileKind.RECORD)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert b"nobody" not in path.read_bytes()


def test_a_second_put_takes_the_place_of_the_first(vault: Vault) -> None:
    vault.put(SESSION, FileKind.RECORD, KEY, b"first")
    vault.put(SESSION, FileKind.RECORD, KEY, b"second")
    assert vault.get(SESSION, FileKind.RECORD, KEY) == b"second"
    assert vault.package(SESSION).names() == ["record.enc"]


def test_a_full_disk_keeps_the_old_file(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.put(SESSION, FileKind.RECORD, KEY, b"first")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(KnownError, match="disk_full"):
        vault.put(SESSION, FileKind.RECORD, KEY, b"second")
    monkeypatch.undo()
    assert vault.get(SESSION, FileKind.RECORD, KEY) == b"first"
    assert vault.package(SESSION).names() == ["record.enc"]


def test_an_unfinished_file_is_no_member_and_is_cleared(vault: Vault) -> None:
    part = vault.part_path(SESSION, FileKind.READING)
    part.write_bytes(b"half")
    assert vault.package(SESSION).names() == []
    vault.prepare(SESSION)
    assert not part.exists()


def test_a_new_recording_does_not_meet_an_older_one(vault: Vault) -> None:
    vault.part_path(SESSION, FileKind.READING).write_bytes(b"finished, but not adopted")
    assert not vault.new_part_path(SESSION, FileKind.READING).exists()


def test_a_missing_or_damaged_file_is_said(vault: Vault) -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        vault.get(SESSION, FileKind.NOTICE, KEY)
    vault.put(SESSION, FileKind.NOTICE, KEY, b"a notice")
    with pytest.raises(KnownError, match="evidence_damaged"):
        vault.get(SESSION, FileKind.NOTICE, bytes(32))


def test_discarding_leaves_nothing(vault: Vault) -> None:
    vault.put(SESSION, FileKind.RECORD, KEY, b"a record")
    vault.discard(SESSION)
    vault.discard(SESSION)
    assert not vault.package(SESSION).folder.exists()


def test_what_crashed_sessions_left_half_written_is_cleared(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "evidence", CountingEntropy())
    vault.prepare("one")
    kept = ("reading.enc", "receipt.json.part")
    for name in (*kept, "reading.enc.part", "record.enc.part"):
        (tmp_path / "evidence" / "one" / name).touch()
    vault.clear_unfinished()
    assert sorted(path.name for path in (tmp_path / "evidence" / "one").iterdir()) == sorted(kept)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_in_a_package_is_not_waited_for(vault: Vault) -> None:
    path = vault.path("s", FileKind.READING)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(KnownError, match="store_unreadable"):
        vault.open("s", FileKind.READING, bytes(32))
