"""What is made durable, and by which system."""

import errno
from pathlib import Path

import pytest

from hallclient.durable import sync_folder


def test_names_need_no_call_where_the_system_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(errno.EACCES, "a folder is opened by nobody here")

    with monkeypatch.context() as windows:
        windows.setattr("os.open", refused)
        with pytest.raises(PermissionError):  # another disk's refusal is told
            sync_folder(tmp_path)
        windows.setattr("os.name", "nt")
        sync_folder(tmp_path)
