"""What Linux says of a camera: `/sys/class/video4linux` and VIDIOC_QUERYCAP (linux/videodev2.h).

Never tried on hardware; its tests make a folder like /sys and answer the ioctl as the kernel's documentation says.
"""

import os
import struct
from collections.abc import Callable
from pathlib import Path

_CLASS = Path("/sys/class/video4linux")
_DEVICES = Path("/dev")
# struct v4l2_capability: driver[16], card[32], bus_info[32], version, capabilities, device_caps, reserved[3]
_CAPABILITY = struct.Struct("=16s32s32sIII3I")
_QUERYCAP = 2 << 30 | _CAPABILITY.size << 16 | ord("V") << 8  # _IOR('V', 0, struct v4l2_capability)


def describe(
    index: int, sysfs: Path = _CLASS, query: Callable[[int], bytes] | None = None
) -> tuple[str, str, str] | None:
    """Name, bus path and driver of /dev/video`index`; None when there is no such camera.

    `query` gives the bytes of the camera's `v4l2_capability` or raises OSError: a camera that another program holds may
    still be asked. What only one of the two sources knows is taken from it.
    """
    node = sysfs / f"video{index}"
    name = _text(node / "name")
    device = node / "device"
    try:
        # Without a device behind it, the class's own entry lies below /sys/devices/virtual.
        place = (device if device.exists() else node).resolve()
        bus = _below_devices(place)
        module = (device / "driver").resolve().name if (device / "driver").exists() else ""
    except OSError:
        bus = module = ""
    try:
        driver, card, bus_info = (
            field.split(b"\0")[0].decode(errors="replace") for field in _CAPABILITY.unpack((query or _query)(index))[:3]
        )
    except OSError:
        if not name:
            return None
        return name, bus, module
    return name or card, bus or bus_info, driver or module


def _query(index: int) -> bytes:
    import fcntl  # noqa: PLC0415  # Linux only

    answer = bytearray(_CAPABILITY.size)
    handle = os.open(_DEVICES / f"video{index}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(handle, _QUERYCAP, answer)
    finally:
        os.close(handle)
    return bytes(answer)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""


def _below_devices(path: Path) -> str:
    """The path below /sys/devices: `pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0`, or `virtual/video4linux/video4`."""
    parts = path.parts
    return "/".join(parts[parts.index("devices") + 1 :]) if "devices" in parts else ""
