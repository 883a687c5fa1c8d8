"""Who works in a hall, and what each may do."""

from dataclasses import dataclass
from enum import StrEnum

from hallclient.domain.failures import FailureCode, KnownError


class Role(StrEnum):
    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Staff:
    """A person with a login. `number` is the staff number (工号); names of staff are not kept."""

    number: str
    role: Role

    def must_be(self, role: Role) -> None:
        """Raise not_permitted unless this person has `role`."""
        if self.role is not role:
            raise KnownError(FailureCode.NOT_PERMITTED, f"needs {role}")
