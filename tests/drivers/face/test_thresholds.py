from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.face.thresholds import read_thresholds, shipped_thresholds
from hallclient.domain.comparison import Thresholds
from hallclient.domain.failures import BugError, FailureCode, KnownError

GOOD = {
    "engine": '"sface"',
    "match": "0.5",
    "doubt": "0.25",
    "false_accept_rate": "1e-4",
    "dataset": '"our own"',
    "measured_on": '"2026-12-01"',
}


def written(path: Path, **changes: str | None) -> Path:
    lines = [f"{key} = {value}" for key, value in (GOOD | changes).items() if value is not None]
    path.write_text("\n".join(lines), "utf-8")
    return path


def refused(path: Path) -> KnownError:
    with pytest.raises(KnownError) as caught:
        read_thresholds(path, "sface")
    assert caught.value.code is FailureCode.THRESHOLDS_INVALID
    return caught.value


@pytest.mark.parametrize("engine", ["sface", "dlib"])
def test_the_thresholds_that_ship_say_where_they_come_from(engine: str) -> None:
    thresholds = shipped_thresholds(engine)
    assert thresholds.doubt < thresholds.match
    assert 0 < thresholds.false_accept_rate < 1e-3
    assert "LFW" in thresholds.dataset
    assert date.fromisoformat(thresholds.measured_on) >= date(2026, 11, 22)


def test_an_engine_without_thresholds_is_not_loaded() -> None:
    with pytest.raises(BugError):
        shipped_thresholds("unmeasured")


def test_an_operators_own(tmp_path: Path) -> None:
    thresholds = read_thresholds(written(tmp_path / "own.toml"), "sface")
    assert thresholds == Thresholds(0.5, 0.25, 1e-4, "our own", "2026-12-01")


@pytest.mark.parametrize("key", GOOD)
def test_what_is_missing_is_named(tmp_path: Path, key: str) -> None:
    assert key in refused(written(tmp_path / "own.toml", **{key: None})).detail


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("engine", '"dlib"'),
        ("engine", "7"),
        ("match", "nan"),
        ("match", "inf"),
        ("match", "1.01"),
        ("match", "0.2"),
        ("match", "0"),
        ("match", "true"),
        ("match", '"0.5"'),
        ("match", "[0.5]"),
        ("doubt", "nan"),
        ("doubt", "-inf"),
        ("doubt", "-1.01"),
        ("false_accept_rate", "nan"),
        ("false_accept_rate", "-1e-9"),
        ("false_accept_rate", "1.1"),
        ("dataset", '"  "'),
        ("dataset", "1"),
        ("measured_on", '"yesterday"'),
        ("measured_on", "2026-12-01"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, key: str, value: str) -> None:
    refused(written(tmp_path / "own.toml", **{key: value}))


def test_files_that_are_no_thresholds(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    for data in (b"", b"\xff\xfe", b"match = ", b"#" * 70_000):
        path.write_bytes(data)
        refused(path)
    for other in (tmp_path, Path("/dev/zero")):
        refused(other)
    with pytest.raises(KnownError, match=r"file_missing: missing\.toml: "):
        read_thresholds(tmp_path / "missing.toml", "sface")


@given(match=st.floats(), doubt=st.floats())
def test_only_bands_in_order_are_taken(tmp_path_factory: pytest.TempPathFactory, match: float, doubt: float) -> None:
    path = tmp_path_factory.getbasetemp() / "bands.toml"
    written(path, match=repr(match), doubt=repr(doubt))
    if -1 <= doubt <= match <= 1 and match > 0:
        thresholds = read_thresholds(path, "sface")
        assert (thresholds.match, thresholds.doubt) == (match, doubt)
    else:
        refused(path)
