"""The suite itself: no line of the findings is without an attack, and one that gets through is counted as that."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.__main__ import TESTS, attacking_files
from tests.attacks.findings import FINDINGS

_MARK = re.compile(r'mark\.attack\(\s*"([^"]+)",\s*"([^"]+)"')
_ATTACKS = """
import pytest
from hallclient.domain.failures import FailureCode, KnownError
from tests.attacks.answers import answered

@pytest.mark.attack("T1", "what is refused")
@pytest.mark.parametrize("by", ["code"])
def test_refused(by):
    with pytest.raises(KnownError):
        raise KnownError(FailureCode.NOT_PERMITTED)

@pytest.mark.attack("T2", "what is hung up on")
def test_told():
    answered("hung up")

@pytest.mark.attack("T3", "what gets through")
def test_through():
    assert not "passed"

@pytest.mark.attack("T4", "what nobody answers")
def test_silent():
    pass

@pytest.fixture
def trouble():
    raise ValueError

@pytest.mark.attack("T5", "what breaks before")
def test_broken(trouble):
    pass

def test_of_something_else():
    assert not "tried"
"""


@pytest.fixture(scope="module")
def marked() -> dict[str, list[str]]:
    """By line, the texts of the files with an attack on it."""
    texts: dict[str, list[str]] = {}
    for path in attacking_files():
        text = path.read_text("utf-8")
        for line in {line for line, _ in _MARK.findall(text)}:
            texts.setdefault(line, []).append(text)
    return texts


def test_every_attack_names_a_line_of_the_findings(marked: dict[str, list[str]]) -> None:
    assert {f"T{number}" for number in range(1, 17)} | {"minor", "held"} == FINDINGS.keys()
    assert marked.keys() == FINDINGS.keys()


@pytest.mark.parametrize("line", FINDINGS)
def test_every_case_is_tried(line: str, marked: dict[str, list[str]]) -> None:
    """As far as words can tell without a run: `python -m tests.attacks` says what was tried indeed."""
    missing = [case for case in FINDINGS[line] if not any(case in text for text in marked[line])]
    assert not missing


def test_what_gets_through_is_counted_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "def pytest_configure(config):\n    config.addinivalue_line('markers', 'attack(line, tried): one')\n"
    )
    (tmp_path / "test_attacks.py").write_text(_ATTACKS)
    run = (
        "import sys; from pathlib import Path; from tests.attacks.__main__ import main;"
        "sys.exit(main(['--numprocesses=0', f'--rootdir={sys.argv[1]}'], [Path(sys.argv[1])]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        cwd=TESTS.parent,
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[-1]) == (1, "attacks 4, refused 3"), done.stdout + done.stderr
    assert "T1     what is refused [code] -> not_permitted" in lines
    assert "T2     what is hung up on -> hung up" in lines
    assert "T3     what gets through -> GOT THROUGH" in lines
    broken = [line.rpartition("::")[2] for line in lines if line.startswith("broken: ")]
    assert broken == ["test_silent: nobody knows what answered", "test_broken"]
    assert "not tried: T9: PAX: size 1e14" in lines
