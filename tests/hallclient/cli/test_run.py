"""What `hallclient run` says at a practice hall."""

from hallclient.cli import run
from hallclient.cli.login import PRACTICE_STAFF, practice_password
from hallclient.domain.staff import Role


def test_the_practice_logins_are_of_those_who_have_a_window() -> None:
    said = run._practice_logins()
    for role, number in PRACTICE_STAFF.items():
        has_window = role in (Role.CLERK, Role.SUPERVISOR)
        assert (practice_password(number) in said) is has_window
