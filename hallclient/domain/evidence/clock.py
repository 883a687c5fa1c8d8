"""What is known of the clock by which the times of a session were written."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hallclient.domain.hall_time import CLOCK_CORRECTION
from hallclient.domain.manifest_part import ManifestPart

_TENTHS = 1  # the question takes some of a second: nothing finer is known


class ClockStatus(ManifestPart):
    """In a manifest.

    Attributes:
        status: "checked" where the centre had said what time it is, and the computer's clock has run evenly since.
        difference_s: that clock minus the centre's at the last contact, seconds; None when unchecked.
        age_s: monotonic seconds from there to the seal; None when unchecked.
    """

    status: Literal["checked", "unchecked"] = "unchecked"
    difference_s: Annotated[float, Field(allow_inf_nan=False)] | None = None
    age_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        checked = self.status == "checked"
        if {self.difference_s is not None, self.age_s is not None} != {checked}:
            raise ValueError("what was checked has its numbers, and nothing else has")
        return self


UNCHECKED = ClockStatus()


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """What the centre said of the time at one contact.

    Attributes:
        difference_s: this computer's clock minus the centre's.
        at, at_s: when that was, by this computer's clock and by its monotonic one.
    """

    difference_s: float
    at: dt.datetime
    at_s: float

    @classmethod
    def of(cls, asked: dt.datetime, answered: dt.datetime, said: dt.datetime, now_s: float) -> "ClockCheck":
        """The centre `said` its time between `asked` and `answered` of this computer's: in the middle, as far as can be
        known. `now_s` is monotonic, of the answer.
        """
        middle = asked + (answered - asked) / 2
        return cls(round((middle - said).total_seconds(), _TENTHS) + 0.0, answered, now_s)  # no -0.0

    @property
    def is_wrong(self) -> bool:
        """By more than a time service takes back: what is sealed now will not pass at the centre."""
        return abs(self.difference_s) > CLOCK_CORRECTION.total_seconds()

    def status(self, now: dt.datetime, now_s: float) -> ClockStatus:
        """What a session that is sealed now may say.

        Where the two clocks of this computer have gone apart since, nothing: it slept, or somebody has set the one that
        tells the time.
        """
        age_s = now_s - self.at_s
        apart = abs((now - self.at).total_seconds() - age_s) > CLOCK_CORRECTION.total_seconds()
        if apart or age_s < 0:
            return UNCHECKED
        return ClockStatus(status="checked", difference_s=self.difference_s, age_s=round(age_s, _TENTHS))
