"""Bringing a sealed package to the centre: the delivery's states and when to try again."""

from enum import StrEnum


class DeliveryState(StrEnum):
    """WAITING -> SENDING (lease) -> ACCEPTED | WAITING (next try) | QUARANTINED -> released -> WAITING."""

    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"


LEASE_S = 300.0  # how long one try may take before another courier may make it
MOST_BREAKDOWNS = 5  # a record that broke its sending down this often is set aside
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 900.0


def retry_delay_s(attempt: int, random: float) -> float:
    """Seconds until try `attempt` + 1, with full jitter so that thousands of halls do not come back at once.

    Args:
        attempt: tries made so far, from 1.
        random: evenly spread over 0 to 1.
    """
    ceiling = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempt - 1, 16))
    return max(1.0, ceiling * random)
