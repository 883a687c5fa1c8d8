"""PC/SC: the smart-card service, and SAM frames as escape commands (SCardControl).

Built on pyscard's low level, because the threads of its high level die for good when the service restarts. Nothing
here keeps a thread.
"""

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from smartcard import scard

from drivers.idcard.presence import Presence
from hallclient.domain.failures import FailureCode, KnownError

# The escape of a CCID reader: function 1 in pcsc-lite's drivers (IOCTL_SMARTCARD_VENDOR_IFD_EXCHANGE), 3500 in
# Microsoft's.
ESCAPE_CODE: int = scard.SCARD_CTL_CODE(3500 if sys.platform == "win32" else 1)

# A pseudo-reader whose state changes when readers come and go.
_ANY_READER = "\\\\?PnP?\\Notification"

# Windows passes these through from a driver that has no escape.
_WINDOWS_INVALID_FUNCTION = 0x01
_WINDOWS_NOT_SUPPORTED = 0x32

_FAILURES: dict[int, FailureCode] = {
    scard.SCARD_E_NO_SERVICE: FailureCode.READER_SERVICE_DOWN,
    scard.SCARD_E_SERVICE_STOPPED: FailureCode.READER_SERVICE_DOWN,
    scard.SCARD_E_SYSTEM_CANCELLED: FailureCode.READER_SERVICE_DOWN,
    scard.SCARD_F_COMM_ERROR: FailureCode.READER_SERVICE_DOWN,
    # pcsc-lite's client says this when pcscd hangs up in mid-sentence: it was killed, or polkit refused us.
    scard.SCARD_W_SECURITY_VIOLATION: FailureCode.READER_SERVICE_DOWN,
    scard.SCARD_E_NO_READERS_AVAILABLE: FailureCode.READER_MISSING,
    scard.SCARD_E_UNKNOWN_READER: FailureCode.READER_MISSING,
    scard.SCARD_E_READER_UNAVAILABLE: FailureCode.READER_MISSING,
    scard.SCARD_E_NO_SMARTCARD: FailureCode.CARD_REMOVED,
    scard.SCARD_W_REMOVED_CARD: FailureCode.CARD_REMOVED,
    scard.SCARD_E_SHARING_VIOLATION: FailureCode.READER_BUSY,
    scard.SCARD_W_UNRESPONSIVE_CARD: FailureCode.CARD_UNREADABLE,
    scard.SCARD_W_UNPOWERED_CARD: FailureCode.CARD_UNREADABLE,
    scard.SCARD_W_UNSUPPORTED_CARD: FailureCode.CARD_UNREADABLE,
    scard.SCARD_E_PROTO_MISMATCH: FailureCode.CARD_UNREADABLE,
    scard.SCARD_E_UNSUPPORTED_FEATURE: FailureCode.READER_WITHOUT_SAM,
    _WINDOWS_INVALID_FUNCTION: FailureCode.READER_WITHOUT_SAM,
    _WINDOWS_NOT_SUPPORTED: FailureCode.READER_WITHOUT_SAM,
}


class ReaderLook(NamedTuple):
    """What the service says of a reader: SCARD_STATE_* (0 before the first look), and the ATR of the card on it."""

    state: int = scard.SCARD_STATE_UNAWARE
    atr: bytes = b""

    def presence(self) -> Presence:
        """The same in our terms. The state's upper half counts the card's comings and goings."""
        gone = scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_UNKNOWN
        available = self.state != scard.SCARD_STATE_UNAWARE and not self.state & gone
        return Presence(
            available=available,
            has_card=available and bool(self.state & scard.SCARD_STATE_PRESENT),
            in_use=bool(self.state & scard.SCARD_STATE_INUSE),
            in_use_alone=bool(self.state & scard.SCARD_STATE_EXCLUSIVE),
            moves=self.state >> 16,
            atr=self.atr,
        )


class PcscService:
    """A conversation with the smart-card service. Belongs to one thread, except for `cancel`.

    When the service stops, the conversation is over for good: every call raises reader_service_down, and a new one has
    to be begun.
    """

    def __init__(self) -> None:
        """Raises KnownError: reader_service_down."""
        self._context = call_service(scard.SCardEstablishContext, scard.SCARD_SCOPE_USER)

    def reader_names(self) -> list[str]:
        """The readers that are there now. Raises KnownError: reader_service_down."""
        try:
            names: list[str] = call_service(scard.SCardListReaders, self._context, [])
        except KnownError as error:
            if error.code is not FailureCode.READER_MISSING:
                raise
            names = []
        return names

    def wait(self, known: Mapping[str, ReaderLook], timeout_s: float) -> dict[str, ReaderLook] | None:
        """Wait until a reader differs from what is `known` of it, or readers come or go.

        Returns each reader's look, which is `known` after the timeout; None when cancelled.
        Raises KnownError: reader_service_down, reader_missing when one was unplugged.
        """
        asked = [(name, look.state) for name, look in known.items()]
        asked.append((_ANY_READER, scard.SCARD_STATE_UNAWARE))
        result, states = scard.SCardGetStatusChange(self._context, round(timeout_s * 1000), asked)
        if result == scard.SCARD_E_CANCELLED:
            return None
        if result == scard.SCARD_E_TIMEOUT:
            return dict(known)
        _check(scard.SCardGetStatusChange, result)
        return {name: ReaderLook(state, bytes(atr)) for name, state, atr in states if name != _ANY_READER}

    def cancel(self) -> None:
        """End a `wait` from another thread. A wait that begins later is not affected."""
        # The result does not matter: a service that has gone has ended the wait as well.
        scard.SCardCancel(self._context)

    def open(self, reader: str, kind: "type[Opened]") -> "Opened":
        """Open a reader with a card on it, alone if possible.

        Exclusive use keeps others from speaking in between; a reader that another program already shares is shared.
        Raises KnownError: reader_busy, reader_missing, card_removed, card_unreadable, reader_service_down.
        """
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        try:
            card = call_service(scard.SCardConnect, self._context, reader, scard.SCARD_SHARE_EXCLUSIVE, protocols)
        except KnownError as error:
            if error.code is not FailureCode.READER_BUSY:
                raise
            card = call_service(scard.SCardConnect, self._context, reader, scard.SCARD_SHARE_SHARED, protocols)
        handle, protocol = card
        return kind(handle, protocol)

    def close(self) -> None:
        """End the conversation; harmless when the service has gone."""
        scard.SCardReleaseContext(self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class PcscConnection:
    """An open reader with a card on it."""

    def __init__(self, card: int, protocol: int) -> None:
        """`card` is the service's handle, `protocol` the negotiated SCARD_PROTOCOL_*."""
        self._card = card
        self._protocol = protocol

    def close(self) -> None:
        """Let go of the reader and leave the card as it is; harmless when either has gone."""
        scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class EscapeConnection(PcscConnection):
    """An open reader that takes frames as escape commands."""

    def exchange(self, frame: bytes) -> bytes:
        """Send one frame and return the answer. The driver limits how long it waits.

        Raises KnownError: reader_without_sam when the driver refuses the escape, card_removed, reader_missing,
        reader_service_down, reader_failed.
        """
        return bytes(call_service(scard.SCardControl, self._card, ESCAPE_CODE, list(frame)))


Opened = TypeVar("Opened", bound=PcscConnection)


def call_service(function: Any, *arguments: object) -> Any:
    """What a PC/SC function returns behind its result code: one value, or a list of several. Raises KnownError."""
    result, *values = function(*arguments)
    _check(function, result)
    return values[0] if len(values) == 1 else values


def _check(function: Any, result: int) -> None:
    if result != scard.SCARD_S_SUCCESS:
        code = _FAILURES.get(result & 0xFFFFFFFF, FailureCode.READER_FAILED)
        raise KnownError(code, f"{function.__name__} 0x{result & 0xFFFFFFFF:08X}")
