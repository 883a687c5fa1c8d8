"""Review of a flagged session: its states, and who may decide."""

from enum import StrEnum

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role, Staff


class ReviewState(StrEnum):
    """NONE | PENDING -> CLAIMED (by, until) -> APPROVED | REJECTED."""

    NONE = "none"
    PENDING = "pending"
    CLAIMED = "claimed"
    APPROVED = "approved"
    REJECTED = "rejected"


CLAIM_S = 900.0  # a reviewer who walked away lets go after this long


def may_review(reviewer: Staff, clerk: str) -> None:
    """Raise unless `reviewer` may decide on a session that staff number `clerk` did: a supervisor, never their own."""
    reviewer.must_be(Role.SUPERVISOR)
    if reviewer.number == clerk:
        raise KnownError(FailureCode.OWN_SESSION)
