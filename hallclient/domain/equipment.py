"""Which devices and which place a session was done with."""

from dataclasses import dataclass

# Programs that play any file as a camera, by what they call their driver or their camera. Compared without case and
# without blanks, dashes and underscores; part of the driver's or camera's name suffices.
_VIRTUAL_DRIVERS = ("v4l2loopback", "akvcam", "vivid", "vimc", "vcam", "droidcam", "webcamoid")
_VIRTUAL_NAMES = (
    *("obsvirtual", "obscam", "virtualcam", "virtualvideo", "dummyvideodevice", "v4l2loopback", "akvcam"),
    *("manycam", "xsplit", "e2esoft", "droidcam", "iriun", "epoccam", "ivcam", "reincubate", "splitcam", "snapcamera"),
    *("webcamoid", "unitycapture", "altercam", "sparkocam", "youcam", "ndivideo", "ndiwebcam", "newtekndi"),
    *("vmixvideo", "chromacam", "animaze", "facerig", "vtubestudio", "mmhmm"),
    "虚拟",  # "virtual", in the names of most programs made in China
)
# Devices that no bus carries: Linux keeps them below "virtual", Windows lists them as made by software.
_VIRTUAL_BUSES = ("virtual/", "platform:v4l2loopback", "platform:vivid", "root\\", "swd\\")


def looks_virtual(name: str, bus: str, driver: str) -> bool:
    """Whether a camera of this name, on this bus, under this driver plays a program's pictures and not a lens's.

    A hint, not a proof: a program that takes a real camera's name and driver is not seen through.
    """
    name, driver = _plain(name), _plain(driver)
    return (
        any(word in driver for word in _VIRTUAL_DRIVERS)
        or any(word in name for word in _VIRTUAL_NAMES)
        or bus.lower().startswith(_VIRTUAL_BUSES)
    )


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character not in " -_")


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Which camera or microphone it was; goes into the evidence.

    Attributes:
        name: what the device calls itself.
        practice: it is a simulated one.
        bus: the path of the socket that it is plugged into, as the operating system writes it; empty when unknown.
        driver: the operating system's driver for it; empty when unknown.
        virtual: a camera that `looks_virtual`.
    """

    name: str
    practice: bool
    bus: str = ""
    driver: str = ""
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where: who opens a number is responsible for it (谁开卡、谁负责; MIIT notices 2016-11 and 2021-133)."""

    hall: str
    channel: str
    counter: str
