from datetime import date

import pytest

from drivers.face.thresholds import load_thresholds


def test_the_thresholds_that_ship_say_where_they_come_from() -> None:
    thresholds = load_thresholds("sface")
    assert (thresholds.match, thresholds.doubt) == (0.44, 0.30)
    assert 0 < thresholds.false_accept_rate < 1e-3
    assert "LFW" in thresholds.dataset
    assert date.fromisoformat(thresholds.measured_on) >= date(2026, 11, 22)


def test_an_engine_without_thresholds_is_not_loaded() -> None:
    with pytest.raises(FileNotFoundError):
        load_thresholds("unmeasured")
