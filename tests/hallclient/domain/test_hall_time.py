"""The day at the counter begins at midnight in Beijing, wherever the computer thinks it is."""

import datetime as dt

import pytest

from hallclient.domain.hall_time import hall_date

UTC = dt.UTC
NEW_YORK = dt.timezone(dt.timedelta(hours=-5))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (dt.datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC), dt.date(2026, 11, 21)),
        (dt.datetime(2026, 11, 21, 16, 0, tzinfo=UTC), dt.date(2026, 11, 22)),
        (dt.datetime(2026, 11, 21, 11, 0, tzinfo=NEW_YORK), dt.date(2026, 11, 22)),
        (dt.datetime(2026, 11, 22, 23, 59, tzinfo=UTC), dt.date(2026, 11, 23)),
    ],
)
def test_the_day(moment: dt.datetime, day: dt.date) -> None:
    assert hall_date(moment) == day
