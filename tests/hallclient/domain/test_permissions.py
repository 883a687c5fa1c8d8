"""Every action has its row, and nobody but an administrator gives or takes logins."""

import pytest

from hallclient.domain.failures import KnownError
from hallclient.domain.permissions import PERMISSIONS, Action, may, must_be_permitted
from hallclient.domain.staff import Role


def test_every_action_has_somebody_who_may() -> None:
    assert set(PERMISSIONS) == set(Action)
    assert all(PERMISSIONS.values())


@pytest.mark.parametrize("action", [Action.ENROL_HALL, Action.INVITE_STAFF, Action.LOCK_STAFF, Action.REMOVE_STAFF])
def test_administrators_alone_decide_who_works_here(action: Action) -> None:
    assert {role for role in Role if may(role, action)} == {Role.ADMINISTRATOR}


def test_nobody_serves_and_reviews() -> None:
    assert not PERMISSIONS[Action.SERVE_CUSTOMERS] & PERMISSIONS[Action.REVIEW]
    with pytest.raises(KnownError, match="not_permitted"):
        must_be_permitted(Role.ADMINISTRATOR, Action.REVIEW)
