"""What somebody can do about their own login before they have logged in."""

from typing import Protocol

from hallclient.services.joining import Joining


class OwnAccess(Protocol):
    """All of it blocks."""

    def join(self, number: str, code: str) -> Joining:
        """Open an invitation. Raises as `Joining` does."""
        ...

    def is_certified(self, number: str) -> bool:
        """Whether the centre has certified the login of `number`, so that it opens."""
        ...

    def change_password(self, number: str, old: str, code: str, new: str) -> None:
        """Raises as `login` and `hallclient.services.staff.change_password` do."""
        ...
