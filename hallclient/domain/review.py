"""Review of a flagged session: its states, and who may decide."""

from collections.abc import Set
from enum import StrEnum

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import Action, must_be_permitted
from hallclient.domain.staff import Staff


class ReviewState(StrEnum):
    """NONE | PENDING -> CLAIMED (by, until) -> APPROVED | REJECTED."""

    NONE = "none"
    PENDING = "pending"
    CLAIMED = "claimed"
    APPROVED = "approved"
    REJECTED = "rejected"


CLAIM_S = 900.0  # a reviewer who walked away lets go after this long


def may_review(reviewer: Staff, people: Set[str]) -> None:
    """Raise unless `reviewer` may decide on a session in which these staff numbers did something: nobody on their own.

    Raises not_permitted, own_session.
    """
    must_be_permitted(reviewer.role, Action.REVIEW)
    if reviewer.number in people:
        raise KnownError(FailureCode.OWN_SESSION)
