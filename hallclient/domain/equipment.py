"""Which devices and which place a session was done with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Which camera or microphone it was; goes into the evidence.

    Attributes:
        name: what the device calls itself.
        practice: it is a simulated one.
        bus: the path of the socket that it is plugged into, as the operating system writes it; empty when unknown.
        driver: the operating system's driver for it; empty when unknown.
        virtual: a camera that looks as if a program played its pictures; a hint of its driver, not a proof.
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
