"""Opens a session with a reader as its profile declares it: the one place that joins transports and protocols."""

from collections.abc import Iterator
from contextlib import contextmanager

from drivers.idcard.profiles import ReaderProfile, Transport
from drivers.idcard.pseudo_apdu import PseudoApduSession
from drivers.idcard.sam_session import SamSession
from drivers.idcard.session import Session
from drivers.idcard.traffic import LoggedConnection
from drivers.idcard.transports.pcsc import PcscService
from drivers.idcard.transports.pcsc_pseudo_apdu import PseudoApduConnection
from drivers.idcard.transports.serial_port import SerialConnection
from hallclient.devices import Clock
from hallclient.domain.failures import BugError


@contextmanager
def open_session(
    profile: ReaderProfile, reader: str, clock: Clock, service: PcscService | None = None
) -> Iterator[Session]:
    """Open `reader` for as long as the context lasts.

    Args:
        profile: how to speak to it.
        reader: its PC/SC name, or the name of its serial port.
        clock: for deadlines.
        service: the conversation to use; needed for PC/SC only.

    Raises KnownError: reader_missing, reader_busy, reader_failed (serial: no module answers), card_removed,
    card_unreadable and reader_service_down (PC/SC).
    """
    match profile.transport:
        case Transport.PCSC_ESCAPE:
            with _needed(service).connect(reader) as escape:
                yield SamSession(LoggedConnection(escape, reader), new_address=profile.new_address)
        case Transport.PCSC_PSEUDO_APDU:
            with _needed(service).open(reader, PseudoApduConnection) as apdus:
                yield PseudoApduSession(apdus)
        case Transport.SERIAL:
            rates, higher = profile.baud_rates, profile.raise_baud_rate_to
            with SerialConnection(reader, clock, baud_rates=rates, raise_to=higher) as port:
                yield SamSession(LoggedConnection(port, reader), presence_known=False, new_address=profile.new_address)


def _needed(service: PcscService | None) -> PcscService:
    if service is None:
        raise BugError("a PC/SC reader needs a conversation with the service")
    return service
