"""Only regular files are members of a package; nothing else is ever opened."""

import os
from pathlib import Path

import pytest

from hallclient.domain.failures import KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.rule_texts import ShippedRules
from hallclient.storage.package_folder import PackageFolder


def test_files_are_named_and_everything_else_is_marked(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"{}")
    (tmp_path / "holder.record.enc.part").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path / "manifest.json")
    os.mkfifo(tmp_path / "pipe")
    package = PackageFolder(tmp_path)
    assert package.names() == ["elsewhere/", "folder/", "holder.record.enc.part", "manifest.json", "pipe/"]
    with package.open("manifest.json") as file:
        assert file.read() == b"{}"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/etc/hostname")])
def test_what_is_no_file_is_foreign_and_its_name_is_missing(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "manifest.json")  # whoever opened the pipe would wait for ever
    inspection = inspect(PackageFolder(tmp_path), [], ShippedRules())
    assert [(check.file, check.question) for check in inspection.failed] == [("manifest.json", Question.PRESENT)]
    assert inspection.foreign == ("manifest.json/",)


def test_what_cannot_be_opened_has_its_name(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="evidence_damaged"):
        PackageFolder(tmp_path).open("manifest.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(KnownError, match="store_unreadable"):
        PackageFolder(tmp_path).open("folder")
    with pytest.raises(KnownError, match="store_unreadable"):
        PackageFolder(tmp_path / "absent").names()


def test_what_has_become_another_thing_since_it_was_named_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"{}")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(KnownError, match="store_unreadable"):
            PackageFolder(tmp_path).open(name)


def test_more_names_than_any_package_has_are_not_listed(tmp_path: Path) -> None:
    for number in range(10_001):
        (tmp_path / str(number)).touch()
    with pytest.raises(KnownError, match="evidence_damaged: more than 10000 files: foreign ones"):
        PackageFolder(tmp_path).names()
