"""Which sizes can be asked for."""

import sys

import pytest

from tests import screenshots


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("1024x768", (1024, 768, 1.0)),
        ("1366x768@1", (1366, 768, 1.0)),
        ("1366x768@1.5", (1366, 768, 1.5)),
        ("1600x900@1.25", (1600, 900, 1.25)),
    ],
)
def test_what_is_asked_for_is_drawn(monkeypatch, capsys, tmp_path, typed, size) -> None:
    drawn: list[tuple[object, ...]] = []
    monkeypatch.setattr(sys, "argv", ["screenshots", str(tmp_path), "--size", typed, "--here"])
    monkeypatch.setattr(screenshots, "draw", lambda *asked: drawn.append(asked))
    screenshots.main()
    assert drawn == [(tmp_path / screenshots.name_of(*size), *size)]


@pytest.mark.parametrize("typed", ["bogus", "1366", "1366x768@", "1366x768@big", "x768", "1366x768@0", ""])
def test_a_malformed_size_is_an_error(monkeypatch, capsys, tmp_path, typed) -> None:
    monkeypatch.setattr(sys, "argv", ["screenshots", str(tmp_path), "--size", typed])
    with pytest.raises(SystemExit) as ended:
        screenshots.main()
    assert ended.value.code == 2
    assert "--size" in capsys.readouterr().err
