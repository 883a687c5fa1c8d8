"""Who works in a practice hall."""

from hallclient.domain.staff import Role

PRACTICE_STAFF = {Role.CLERK: "1001", Role.SUPERVISOR: "2001", Role.ADMINISTRATOR: "9001"}


def practice_password(number: str) -> str:
    """The password of everybody in a practice hall: known to all, because nothing in it is real."""
    return f"practice-{number}"
