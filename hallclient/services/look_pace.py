"""At which pictures of a camera to look: evenly, at most so many a second, by the pictures' own times."""

LOOKS_PER_S = 15
"""Enough to see a blink, and leaves the screen and the recorder their time."""

_CLOCK_SLACK_S = 0.002  # times of pictures are rounded


class LookPace:
    """Says of one picture after the other whether its turn has come.

    A picture that comes a little late does not put off all that follow: cameras of 25 or 30 pictures a second are
    looked at 15 times a second, and not 12.5 times. What was missed for longer is not made up for.
    """

    def __init__(self, looks_per_s: float = LOOKS_PER_S) -> None:
        self._interval_s = 1 / looks_per_s
        self._due_s: float | None = None  # anything is, at first

    def due(self, time_s: float) -> bool:
        """Whether to look at the picture of this time; if so, the next turn is an interval later."""
        due_s = time_s if self._due_s is None else self._due_s
        if time_s < due_s - _CLOCK_SLACK_S:
            return False
        self._due_s = max(due_s, time_s - self._interval_s) + self._interval_s
        return True
