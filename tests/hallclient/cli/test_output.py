"""Names come from outside; what a command prints of them is no line, no colour and no verdict of their own."""

import io
import json
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hallclient.cli.output import answer, fail, shown
from hallclient.domain.failures import FailureCode, KnownError
from tests.command_line import hallclient
from tests.hallclient.cli.given_package import given_package

LIE = "a\n\x1b[2J\x1b[H\u202eyes\u2028\x9bmholds\r\x7f"
UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(st.characters(exclude_categories=())))
@example(LIE)
@example("\udcff\U000e0041")
def test_nothing_that_is_shown_moves_a_cursor(text: str) -> None:
    line = shown(text)
    assert not UNSHOWN & {unicodedata.category(sign) for sign in line}
    assert len(line.splitlines()) <= 1
    line.encode()


@given(st.text())
@example(LIE)
def test_in_json_the_same_text_is_meant(text: str) -> None:
    assert json.loads(shown(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize("text", ["\u5f20\u4e09", "\U0002a6a5\u3000\ue000", "C:\\hall", ""])
def test_a_name_is_left_as_it_is(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize("as_json", [False, True])
def test_an_answer_has_as_many_lines_as_it_was_given(as_json: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    answer({"name": LIE}, ["one", LIE], as_json)
    assert not set("\x1b\u202e\u2028\x9b\r\x7f") & set(stdout.getvalue())
    assert len(stdout.getvalue().splitlines()) == (3 if as_json else 2)
    if as_json:
        assert json.loads(stdout.getvalue()) == {"name": LIE}


def test_an_error_has_three_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    with pytest.raises(SystemExit):
        fail(KnownError(FailureCode.PACKAGE_MISSING, LIE))
    assert len(stderr.getvalue().splitlines()) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_foreign_file_prints_no_verdict(tmp_path: Path) -> None:
    package, roots = given_package(tmp_path)
    copy = shutil.copytree(package, tmp_path / "copy\n\x1b[2J")
    (copy / LIE).touch()
    before = hallclient("verify", str(package), "--roots", str(roots))
    after = hallclient("verify", str(copy), "--roots", str(roots))
    assert after.returncode == before.returncode
    assert len(after.stdout.splitlines()) == len(before.stdout.splitlines()) + 1
    assert "\x1b" not in after.stdout
    missing = hallclient("verify", str(tmp_path / LIE), "--roots", str(roots))
    assert len(missing.stderr.splitlines()) == 3
    assert "\x1b" not in missing.stderr
