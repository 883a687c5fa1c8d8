"""The time of the place: the halls are in China, which has one time and no summer time."""

import datetime as dt
import re

# Not the computer's own zone: what is in force on a day must not hang on a setting of Windows, and "today" in UTC would
# begin at eight in the morning.
CHINA_STANDARD_TIME = dt.timezone(dt.timedelta(hours=8), "CST")

CLOCK_CORRECTION = dt.timedelta(minutes=5)  # what a time service may take back in mid-session

# RFC 3339, section 5.6, as far as `datetime` can hold it.
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


def hall_date(moment: dt.datetime) -> dt.date:
    """The date at the counter at `moment`, which has a zone: for validity, texts in force, and every rule of days."""
    return moment.astimezone(CHINA_STANDARD_TIME).date()


def day_begins(moment: dt.datetime) -> dt.datetime:
    """The midnight at the counter with which the day of `moment` began."""
    return dt.datetime.combine(hall_date(moment), dt.time(), CHINA_STANDARD_TIME)


def moment(text: str) -> dt.datetime | None:
    """The time that `text` is, with its zone; None where it is none."""
    if _TIME.fullmatch(text) is None:
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def is_before(earlier: str, later: str) -> bool:
    """Whether the one was before the other, by two clocks, which may differ by `CLOCK_CORRECTION`."""
    first, then = moment(earlier), moment(later)
    return first is not None and then is not None and first - then <= CLOCK_CORRECTION
