"""The ways to a reader, each kept open as long as it serves: the one place that joins transports and protocols."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from drivers.idcard.profiles import ReaderProfile, Transport
from drivers.idcard.pseudo_apdu import PseudoApduSession
from drivers.idcard.sam_session import SamSession
from drivers.idcard.session import Session
from drivers.idcard.traffic import LoggedConnection
from drivers.idcard.transports.pcsc import EscapeConnection, PcscService
from drivers.idcard.transports.pcsc_pseudo_apdu import PseudoApduConnection
from drivers.idcard.transports.serial_port import SerialConnection
from hallclient.devices import Clock
from hallclient.domain.failures import FailureCode, KnownError


class ReaderChannel(Protocol):
    """A way to one reader. Belongs to one thread."""

    def prepare(self) -> None:
        """Do ahead of the first card what would cost that card's time. Raises nothing: `session` tries again."""
        ...

    def session(self, profile: ReaderProfile) -> AbstractContextManager[Session]:
        """Open the reader as `profile` declares it, for one card.

        Raises KnownError: reader_missing, reader_busy, reader_failed, card_removed, card_unreadable and
        reader_service_down (PC/SC).
        """
        ...

    def close(self) -> None:
        """Let go of everything; harmless when there is nothing."""
        ...


class PcscChannel:
    """A conversation with the smart-card service. The reader itself is open only while a card is read."""

    def __init__(self, reader: str) -> None:
        """`reader` is its PC/SC name."""
        self._reader = reader
        self._service: PcscService | None = None

    def prepare(self) -> None:
        if self._service is None:
            try:
                self._service = PcscService()
            except KnownError:
                self._service = None  # the monitor tells whoever is interested

    @contextmanager
    def session(self, profile: ReaderProfile) -> Iterator[Session]:
        self.prepare()
        if self._service is None:
            raise KnownError(FailureCode.READER_SERVICE_DOWN)
        try:
            if profile.transport is Transport.PCSC_PSEUDO_APDU:
                with self._service.open(self._reader, PseudoApduConnection) as apdus:
                    yield PseudoApduSession(apdus)
            else:
                with self._service.open(self._reader, EscapeConnection) as escape:
                    yield SamSession(LoggedConnection(escape, self._reader), new_address=profile.new_address)
        except KnownError as error:
            if error.code is FailureCode.READER_SERVICE_DOWN:
                self.close()
            raise

    def close(self) -> None:
        service, self._service = self._service, None
        if service is not None:
            service.close()


class SerialChannel:
    """A serial port, open from the first question on: finding the rate takes longer than reading a card."""

    def __init__(self, port: str, clock: Clock) -> None:
        """`port` is its name, `clock` for deadlines."""
        self._name = port
        self._clock = clock
        self._open: tuple[SerialConnection, SamSession] | None = None

    def prepare(self) -> None:
        """Nothing: opening says something to whatever is behind the port, and is asked for by itself."""

    @contextmanager
    def session(self, profile: ReaderProfile) -> Iterator[Session]:
        if self._open is None:
            rates, higher = profile.baud_rates, profile.raise_baud_rate_to
            port = SerialConnection(self._name, self._clock, baud_rates=rates, raise_to=higher)
            logged = LoggedConnection(port, self._name)
            self._open = port, SamSession(logged, presence_known=False, new_address=profile.new_address)
        try:
            yield self._open[1]
        except KnownError as error:
            if error.code in (FailureCode.READER_FAILED, FailureCode.READER_MISSING):
                self.close()  # another rate, another module or no module: begin anew
            raise

    def close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            opened[0].close()
