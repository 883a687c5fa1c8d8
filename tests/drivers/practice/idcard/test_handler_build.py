import errno
import signal
import subprocess
from pathlib import Path

import pytest

from drivers.practice.idcard import handler_build
from drivers.practice.idcard.handler_build import SOURCE, built_handler
from hallclient.domain.failures import FailureCode, KnownError


def test_is_built_once(tmp_path: Path) -> None:
    library = built_handler(tmp_path / "cache")
    built_at = library.stat().st_mtime_ns
    assert built_handler(tmp_path / "cache") == library
    assert library.stat().st_mtime_ns == built_at
    assert list(library.parent.iterdir()) == [library]


@pytest.mark.expects_log("the cache cannot be written")
def test_without_a_cache_it_is_built_beside_the_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "daemon").mkdir()
    monkeypatch.setattr(handler_build, "daemon_folder", lambda: tmp_path / "daemon")
    assert built_handler(tmp_path / "file" / "cache").parent == tmp_path / "daemon"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.EMFILE, "no room"), FailureCode.COMPUTER_EXHAUSTED),
        (subprocess.CalledProcessError(-signal.SIGKILL, "gcc", stderr=""), FailureCode.COMPUTER_EXHAUSTED),
        (PermissionError(errno.EACCES, "not yours"), FailureCode.PRACTICE_TOOL_MISSING),
        (subprocess.CalledProcessError(1, "gcc", stderr="no header"), FailureCode.PRACTICE_TOOL_MISSING),
    ],
    ids=repr,
)
def test_no_room_for_the_compiler_is_no_missing_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: FailureCode
) -> None:
    def run(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(KnownError) as caught:
        built_handler(tmp_path)
    assert caught.value.code is code


def test_another_source_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "changed.c"
    changed.write_bytes(SOURCE.read_bytes() + b"\n")
    library = built_handler(tmp_path)
    monkeypatch.setattr(handler_build, "SOURCE", changed)
    assert built_handler(tmp_path) != library


def test_the_source_satisfies_the_analyser(tmp_path: Path) -> None:
    flags = subprocess.run(("pkg-config", "--cflags", "libpcsclite"), check=True, capture_output=True, text=True).stdout
    strict = ("-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fanalyzer")
    subprocess.run(("gcc", *strict, *flags.split(), "-c", "-o", tmp_path / "handler.o", SOURCE), check=True)


@pytest.mark.parametrize(
    ("variable", "detail"),
    [("PATH", "pkg-config"), ("PKG_CONFIG_LIBDIR", "libpcsclite")],
)
def test_what_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, detail: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "nothing"))
    with pytest.raises(KnownError) as caught:
        built_handler(tmp_path)
    assert caught.value.code is FailureCode.PRACTICE_TOOL_MISSING
    assert detail in caught.value.detail


def test_a_source_that_does_not_compile_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.c"
    broken.write_text("#error broken\n", encoding="utf-8")
    monkeypatch.setattr(handler_build, "SOURCE", broken)
    with pytest.raises(KnownError) as caught:
        built_handler(tmp_path / "cache")
    assert caught.value.code is FailureCode.PRACTICE_TOOL_MISSING
    assert list((tmp_path / "cache").iterdir()) == []
