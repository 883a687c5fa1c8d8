"""The vault: private files that are whole or absent, and never in the clear."""

import errno
import os
from pathlib import Path

import pytest

from hallclient import durable
from hallclient.domain.failures import KnownError
from hallclient.storage.vault import Vault
from tests.clock import CountingEntropy

KEY = bytes(range(32))
SESSION = "01930000-0000-7000-8000-000000000000"
RECORD, RECORDING, NOTICE = "holder.record", "recording", "notice"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "evidence", CountingEntropy())
    made.prepare(SESSION)
    return made


def test_what_is_put_comes_back_and_is_described(vault: Vault) -> None:
    entry = vault.put(SESSION, RECORD, KEY, b"a record")
    assert vault.get(SESSION, RECORD, KEY) == b"a record"
    assert (entry.id, entry.file_name) == (RECORD, "holder.record.enc")
    assert entry.plain_bytes == 8
    assert entry.sealed_bytes == vault.path(SESSION, RECORD).stat().st_size


def test_files_are_private_and_encrypted(vault: Vault) -> None:
    vault.put(SESSION, RECORD, KEY, b"a record that nobody may read")
    path = vault.path(SESSION, RECORD)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert b"nobody" not in path.read_bytes()


def test_a_second_put_takes_the_place_of_the_first(vault: Vault) -> None:
    vault.put(SESSION, RECORD, KEY, b"first")
    vault.put(SESSION, RECORD, KEY, b"second")
    assert vault.get(SESSION, RECORD, KEY) == b"second"
    assert vault.package(SESSION).names() == ["holder.record.enc"]


def test_a_full_disk_keeps_the_old_file(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.put(SESSION, RECORD, KEY, b"first")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(KnownError, match="disk_full"):
        vault.put(SESSION, RECORD, KEY, b"second")
    monkeypatch.undo()
    assert vault.get(SESSION, RECORD, KEY) == b"first"
    assert vault.package(SESSION).names() == ["holder.record.enc"]


def test_an_unfinished_file_is_no_member_and_is_cleared(vault: Vault) -> None:
    part = vault.part_path(SESSION, RECORDING)
    part.write_bytes(b"half")
    assert vault.package(SESSION).names() == [part.name]  # which no manifest lists
    vault.prepare(SESSION)
    assert not part.exists()


def test_a_new_recording_does_not_meet_an_older_one(vault: Vault) -> None:
    vault.part_path(SESSION, RECORDING).write_bytes(b"finished, but not adopted")
    assert not vault.new_part_path(SESSION, RECORDING).exists()


def test_a_missing_or_damaged_file_is_said(vault: Vault) -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        vault.get(SESSION, NOTICE, KEY)
    vault.put(SESSION, NOTICE, KEY, b"a notice")
    with pytest.raises(KnownError, match="evidence_damaged"):
        vault.get(SESSION, NOTICE, bytes(32))


def test_discarding_leaves_nothing(vault: Vault) -> None:
    vault.put(SESSION, RECORD, KEY, b"a record")
    vault.discard(SESSION)
    vault.discard(SESSION)
    assert not vault.package(SESSION).folder.exists()


def test_what_crashed_sessions_left_half_written_is_cleared(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "evidence", CountingEntropy())
    vault.prepare("one")
    vault.prepare("opened, or never committed")
    kept = ("recording.enc", "receipt.json.part")
    for name in (*kept, "recording.enc.part", "holder.record.enc.part"):
        (tmp_path / "evidence" / "one" / name).touch()
    vault.clear_unfinished()
    assert vault.sessions() == {"one"}
    assert sorted(path.name for path in (tmp_path / "evidence" / "one").iterdir()) == sorted(kept)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_in_a_package_is_not_waited_for(vault: Vault) -> None:
    path = vault.path("s", RECORDING)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(KnownError, match="store_unreadable"):
        vault.open("s", RECORDING, bytes(32))


@pytest.mark.parametrize(
    "an_id", ["../x", "a/b", "a\\b", "c:x", "", ".", "..", "nul", "com1.x", "UPPER", "x.", "a.b.c"]
)
def test_an_id_that_could_be_a_path_names_no_file(vault: Vault, tmp_path: Path, an_id: str) -> None:
    for ask in (
        lambda: vault.put(SESSION, an_id, KEY, b"a record"),
        lambda: vault.get(SESSION, an_id, KEY),
        lambda: vault.new_part_path(SESSION, an_id),
        lambda: vault.forget(SESSION, an_id),
        lambda: vault.adopt(SESSION, an_id, 1, "ab" * 32),
    ):
        with pytest.raises(KnownError, match="file_id_invalid"):
            ask()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_that_nothing_lists_are_cleared_and_documents_stay(vault: Vault) -> None:
    """What was written, and whose commit never came."""
    vault.put(SESSION, RECORD, KEY, b"listed")
    vault.put(SESSION, NOTICE, KEY, b"not listed")
    vault.part_path(SESSION, RECORDING).write_bytes(b"half")
    vault.put_document(SESSION, "manifest", b"{}", b"signature")
    vault.clear_unlisted(SESSION, [RECORD])
    assert vault.package(SESSION).names() == ["holder.record.enc", "manifest.json", "manifest.sig"]
    assert not vault.part_path(SESSION, RECORDING).exists()


def test_a_forgotten_file_is_gone_whole_or_half_written(vault: Vault) -> None:
    vault.put(SESSION, RECORD, KEY, b"a record")
    vault.part_path(SESSION, RECORD).write_bytes(b"half")
    vault.put(SESSION, NOTICE, KEY, b"a notice")
    vault.forget(SESSION, RECORD)
    vault.forget(SESSION, RECORD)
    assert vault.package(SESSION).names() == ["notice.enc"]
    assert not vault.part_path(SESSION, RECORD).exists()


def test_a_finished_part_is_adopted_once_or_twice(vault: Vault) -> None:
    """The second time it has its name already: a commit that failed after the first is made again."""
    vault.put(SESSION, RECORDING, KEY, b"a recording")
    vault.path(SESSION, RECORDING).replace(vault.part_path(SESSION, RECORDING))
    once = vault.adopt(SESSION, RECORDING, 11, "ab" * 32)
    assert vault.adopt(SESSION, RECORDING, 11, "ab" * 32) == once
    assert (once.id, once.sealed_bytes) == (RECORDING, vault.path(SESSION, RECORDING).stat().st_size)
    assert vault.get(SESSION, RECORDING, KEY) == b"a recording"
    assert vault.sessions() == {SESSION}
