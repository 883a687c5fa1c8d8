"""A secret that was given in the environment is this process' own: no child inherits it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hallclient
from hallclient.cli import secret_variables
from hallclient.cli.secret_variables import SECRET_VARIABLES, secret_variable, take_secret_variables

_SECRET = "shall stay here"


@pytest.mark.skipif(os.name == "nt", reason="a program in place of pcscd")
@pytest.mark.attack("minor", "a child looks for HALLCLIENT_PASSWORD", answer="not there")
def test_no_child_of_a_command_has_it(tmp_path: Path) -> None:
    """`doctor` asks the smart-card service for its version: here it is told what that is given."""
    spy = tmp_path / "pcscd"
    spy.write_text(f"#!/bin/sh\nenv > {tmp_path}/environment\n")
    spy.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "HALLCLIENT_SPY": "seen"}
    command = [sys.executable, "-m", "hallclient", "doctor"]
    given = environment | dict.fromkeys(SECRET_VARIABLES, _SECRET)
    subprocess.run(command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=250)
    inherited = (tmp_path / "environment").read_text()
    assert "HALLCLIENT_SPY=seen" in inherited
    assert _SECRET not in inherited


def test_whoever_asks_has_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRET_VARIABLES:
        monkeypatch.setenv(name, _SECRET)
    take_secret_variables()
    for name in SECRET_VARIABLES:
        assert secret_variable(name) == _SECRET
        assert secret_variable(name) is None
    assert not secret_variables._taken


def test_nothing_looks_for_one_in_the_environment() -> None:
    """Where it is not any more: see `secret_variable`."""
    (folder,) = hallclient.__path__
    read = re.compile(r"environ(\.get\(|\.pop\(|\[)[^)\]]*(PASSWORD|CODE|PASSPHRASE|INVITATION|variable\b|_VARIABLE\b)")
    found = {
        path.name: match.group()
        for path in Path(folder).rglob("*.py")
        for match in [read.search(path.read_text("utf-8"))]
        if match
    }
    assert found.keys() <= {"settings.py", "doctor.py"}, found  # HALLCLIENT_DATA, the socket of pcscd
