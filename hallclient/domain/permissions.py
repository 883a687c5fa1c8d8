"""Who may do what. One table; services ask it, and windows show what it allows."""

from enum import StrEnum

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role


class Action(StrEnum):
    """What a login opens."""

    SERVE_CUSTOMERS = "serve_customers"
    REVIEW = "review"
    DELIVER = "deliver"
    ENROL_HALL = "enrol_hall"
    INVITE_STAFF = "invite_staff"
    LOCK_STAFF = "lock_staff"
    REMOVE_STAFF = "remove_staff"
    CERTIFY_STAFF = "certify_staff"
    READ_AUDIT = "read_audit"
    CHANGE_OWN_PASSWORD = "change_own_password"  # noqa: S105  # an action, not a password


_ALL = frozenset(Role)

PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.SERVE_CUSTOMERS: frozenset({Role.CLERK}),
    Action.REVIEW: frozenset({Role.SUPERVISOR}),
    Action.DELIVER: _ALL,
    Action.ENROL_HALL: frozenset({Role.ADMINISTRATOR}),
    Action.INVITE_STAFF: frozenset({Role.ADMINISTRATOR}),
    Action.LOCK_STAFF: frozenset({Role.ADMINISTRATOR}),
    Action.REMOVE_STAFF: frozenset({Role.ADMINISTRATOR}),
    Action.CERTIFY_STAFF: _ALL,  # it only carries what an administrator has signed to the centre
    Action.READ_AUDIT: _ALL,
    Action.CHANGE_OWN_PASSWORD: _ALL,
}


def may(role: Role, action: Action) -> bool:
    return role in PERMISSIONS[action]


def must_be_permitted(role: Role, action: Action) -> None:
    """Raises not_permitted."""
    if not may(role, action):
        raise KnownError(FailureCode.NOT_PERMITTED, f"{role} may not {action}")


def needs_two_to_invite(role: Role) -> bool:
    """Whether one administrator alone makes nobody of this role: who could make a clerk and the supervisor who approves
    what that one did would need no colleague.
    """
    return role is not Role.CLERK
