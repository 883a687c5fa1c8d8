"""One whole session through the real windows, by real clicks, with a practice customer at the devices.

It waits for conditions with deadlines, never for a time, and photographs every page of both windows.
"""

from ui.rehearsal.cast import Cast, Login, PracticeCustomer, RehearsalReport
from ui.rehearsal.clerk_and_customer import Rehearsal, has_ended
from ui.rehearsal.windows import rehearse_windows

__all__ = ["Cast", "Login", "PracticeCustomer", "Rehearsal", "RehearsalReport", "has_ended", "rehearse_windows"]
