"""The timestamp service of a hall, if its operator has chosen one."""

from pathlib import Path

from cryptography import x509

from hallclient.devices import Clock, Entropy
from hallclient.domain.timestamp import Stamp
from hallclient.domain.timestamp_settings import TimestampSettings
from hallclient.storage import hall_file


def stamp_by(settings: TimestampSettings | None, clock: Clock, entropy: Entropy) -> Stamp | None:
    """What asks for timestamps, for as long as a hall is open: a service that is silent is left alone for a while."""
    if settings is None:
        return None
    # Here and not above: an HTTP client, which a hall without a service does not need to log in.
    from hallclient.sync.timestamp_client import TimestampClient  # noqa: PLC0415

    return TimestampClient(settings, entropy, clock.monotonic).stamp


def roots_in(folder: Path) -> list[x509.Certificate]:
    """Who vouches for the timestamp service of the hall in `folder`; empty where there is no hall, or no service.

    As its file says: nobody has logged in, so that it is believed as far as the roots that lie beside it.
    """
    if not hall_file.exists(folder):
        return []
    centre = hall_file.read(folder).centre
    chosen = centre.settings.timestamps if centre else None
    return chosen.certificates if chosen else []
