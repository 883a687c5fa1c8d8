"""A counter that nobody touches is locked until its person comes back; what is under way stays as it is."""

from hallclient.domain.staff import Staff
from hallclient.services import staff as services
from hallclient.services.access import OpenHall

IDLE_LOCK_S = 300  # what the operator has not set
_AT_WORK_FACTOR, _AT_WORK_LEAST_S = 4, 1200  # a customer reads and thinks for long; who has left comes back no more


class IdleLock:
    """The lock of one login.

    Attributes:
        staff: who alone opens it.
        after_s: seconds without a key, a pointer or a card until the windows lock themselves.
    """

    def __init__(self, hall: OpenHall) -> None:
        self._hall = hall
        self.staff: Staff = hall.staff
        enrolled = hall.file.centre
        said = enrolled.settings.idle_lock_s if enrolled is not None else None
        self.after_s = IDLE_LOCK_S if said is None else said

    @property
    def at_work_after_s(self) -> int:
        """The same while a customer reads, signs or is before the camera."""
        return max(_AT_WORK_FACTOR * self.after_s, _AT_WORK_LEAST_S)

    def note(self) -> None:
        """It is locked from now on, says the audit log. Raises disk_full, store_busy."""
        services.note_idle_lock(self._hall)

    def unlock(self, password: str, code: str) -> None:
        """Blocks. Raises as `hallclient.services.access.login` does for a wrong password and code."""
        services.unlock_idle(self._hall, password, code)
