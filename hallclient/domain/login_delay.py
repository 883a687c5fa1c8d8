"""How long a staff number waits after wrong passwords: nobody tries them out, and nobody is shut out for good."""

FREE_TRIES = 2  # wrong ones in a row that cost nothing: everybody mistypes
FIRST_DELAY_S = 5.0
LONGEST_DELAY_S = 900.0


def login_delay_s(wrong: int) -> float:
    """Seconds until the next try after `wrong` wrong passwords in a row: 0, 0, 5, 10, 20 ... at most 900."""
    if wrong <= FREE_TRIES:
        return 0.0
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(wrong - FREE_TRIES - 1, 16))


def remaining_delay_s(wrong: int, since_s: float) -> float:
    """What is left of the delay, `since_s` seconds after the last try; a clock that was set back makes it no longer."""
    delay_s = login_delay_s(wrong)
    return delay_s if since_s < 0 else max(0.0, delay_s - since_s)
