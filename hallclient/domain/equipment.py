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
        virtual: whether a camera looks as if a program played its pictures; a hint of its driver, not a proof. None
            when nothing was told that would tell: it may be either.
    """

    name: str
    practice: bool
    bus: str = ""
    driver: str = ""
    virtual: bool | None = None

    @property
    def unknown(self) -> bool:
        """A camera of which nobody can say what its pictures come from. It may be used: some drivers say nothing."""
        return self.virtual is None and not self.practice


@dataclass(frozen=True, slots=True)
class Place:
    """Where: who opens a number is responsible for it (谁开卡、谁负责; MIIT notices 2016-11 and 2021-133).

    A hall has many counters; its channel is whose hall it is, the operator's own or an agent's.
    """

    hall: str
    channel: str
    counter: str


@dataclass(frozen=True, slots=True)
class Workstation:
    """The computer of one counter, as the centre certified it; a counter that gets another one gets another device."""

    place: Place
    device: str
