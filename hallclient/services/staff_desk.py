"""What an administrator who has logged in can do about the people of the hall."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass

from hallclient.domain.equipment import Place
from hallclient.domain.permissions import Action, needs_two_to_invite
from hallclient.domain.staff import Role, Staff
from hallclient.services import staff as services
from hallclient.services.access import OpenHall, login
from hallclient.services.hall_key_rotation import remove
from hallclient.services.staff import Invited, KnownStaff


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Another administrator, who agrees with their own login."""

    number: str
    password: str
    code: str

    def __repr__(self) -> str:
        return f"<SecondPerson {self.number}>"


class StaffDesk:
    """All of it blocks, and raises as `hallclient.services.staff` does. Raises not_permitted for anybody else."""

    def __init__(self, hall: OpenHall, let_go: Callable[[], None]) -> None:
        """`let_go`: whoever else in this process has the hall open closes it; called before a removal."""
        hall.must_be_permitted(Action.LOCK_STAFF)
        self._hall, self._let_go = hall, let_go

    @property
    def staff(self) -> Staff:
        return self._hall.staff

    @property
    def place(self) -> Place:
        return self._hall.file.place

    @property
    def practice(self) -> bool:
        return self._hall.file.practice

    def known(self) -> list[KnownStaff]:
        """See `known_staff`; by number."""
        return sorted(services.known_staff(self._hall), key=lambda one: one.staff.number)

    def needs_second(self, role: Role) -> bool:
        """Whether to invite somebody of this role takes another administrator, too."""
        return needs_two_to_invite(role)

    def invite(self, number: str, role: Role, second: SecondPerson | None = None) -> Invited:
        """See `hallclient.services.staff.invite`."""
        with ExitStack() as stack:
            return services.invite(self._hall, number, role, self._opened(stack, second))

    def invite_again(self, number: str, second: SecondPerson) -> Invited:
        """See `hallclient.services.staff.invite_again`."""
        with ExitStack() as stack:
            return services.invite_again(self._hall, number, self._opened(stack, second))

    def lock(self, number: str, locked: bool) -> None:
        """See `hallclient.services.staff.lock`."""
        services.lock(self._hall, number, locked)

    def remove(self, number: str) -> None:
        """See `hallclient.services.hall_key_rotation.remove`: the hall is closed by it, and needs a new login."""
        self._let_go()
        remove(self._hall, number)

    def _opened(self, stack: ExitStack, second: SecondPerson | None) -> OpenHall | None:
        if second is None:
            return None
        hall = self._hall
        opened = login(hall.folder, second.number, second.password, second.code, hall.clock, hall.entropy)
        return stack.enter_context(closing(opened))
