"""A verification session: open until it is sealed, abandoned or refused. What is done in it is its plan's.

The diagram in the README is drawn from the longest plan by `hallclient rules diagram`.
"""

from dataclasses import dataclass
from enum import StrEnum


class SessionState(StrEnum):
    """Where a session stands; how far an open one came says its plan."""

    OPEN = "open"
    SEALED = "sealed"
    ABANDONED = "abandoned"
    REFUSED = "refused"


class RefusalReason(StrEnum):
    """Why nobody may go on; stands in the audit."""

    CARD_UNUSABLE = "card_unusable"


class AbandonReason(StrEnum):
    """Why a session was given up before its seal; stands in the audit."""

    CUSTOMER_WITHDREW = "customer_withdrew"
    CUSTOMER_UNABLE = "customer_unable"
    WRONG_BUSINESS = "wrong_business"
    EQUIPMENT_FAILED = "equipment_failed"
    REHEARSAL_BROKEN_OFF = "rehearsal_broken_off"


# What a clerk can choose from; the others are the program's own.
CLERKS_REASONS = (
    AbandonReason.CUSTOMER_WITHDREW,
    AbandonReason.CUSTOMER_UNABLE,
    AbandonReason.WRONG_BUSINESS,
    AbandonReason.EQUIPMENT_FAILED,
)


@dataclass(frozen=True, slots=True)
class StepDone:
    """That a step was done.

    Attributes:
        at: wall-clock time, ISO 8601 in UTC.
        elapsed_s: monotonic seconds since the session was opened.
        by: staff number.
    """

    at: str
    elapsed_s: float
    by: str
