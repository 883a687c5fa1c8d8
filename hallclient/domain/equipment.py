"""Which devices and which place a session was done with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Which camera or microphone it was; goes into the evidence. `practice` marks a simulated one."""

    name: str
    practice: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where: who opens a number is responsible for it (谁开卡、谁负责; MIIT notices 2016-11 and 2021-133)."""

    hall: str
    channel: str
    counter: str
