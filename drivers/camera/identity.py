"""Which cameras the operating system has, without opening one."""

import sys

from drivers.camera import media_foundation, v4l2
from drivers.camera.virtual_cameras import looks_virtual
from hallclient.domain.equipment import DeviceIdentity

_MOST = 64  # Linux has no more video devices unless told so, and a hall has one or two


def cameras() -> dict[int, DeviceIdentity]:
    """Every camera that the system names, by the number that `OpenCvCamera` takes; one that is in use, too.

    On Linux a camera may have a second number, under which it tells of its pictures and gives none.
    """
    return {index: camera for index in range(_MOST) if (camera := _named(index)) is not None}


def identify(index: int) -> DeviceIdentity:
    """What the operating system says of camera `index`; an unknown "camera 0" and the like where it says nothing."""
    return _named(index) or DeviceIdentity(f"camera {index}", practice=False)


def _named(index: int) -> DeviceIdentity | None:
    tell = {"linux": v4l2.describe, "win32": media_foundation.describe}.get(sys.platform)
    named = tell(index) if tell is not None else None
    if named is None:
        return None
    name, bus, driver = named
    return DeviceIdentity(name, practice=False, bus=bus, driver=driver, virtual=looks_virtual(name, bus, driver))
