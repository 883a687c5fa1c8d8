"""PC/SC: pseudo-APDUs (class FF), which the reader answers itself (PC/SC part 3)."""

from smartcard import scard

from drivers.idcard.transports.pcsc import PcscConnection, call_service


class PseudoApduConnection(PcscConnection):
    """An open reader that takes pseudo-APDUs."""

    def exchange(self, frame: bytes) -> bytes:
        """Send one APDU and return its answer: data, then SW1 SW2. The driver limits how long it waits.

        Raises KnownError: card_removed, reader_missing, reader_service_down, reader_failed.
        """
        return bytes(call_service(scard.SCardTransmit, self._card, self._protocol, list(frame)))
