"""The timestamp service of a hall, if its operator has chosen one."""

from hallclient.devices import Clock, Entropy
from hallclient.domain.timestamp import Stamp
from hallclient.domain.timestamp_settings import TimestampSettings


def stamp_by(settings: TimestampSettings | None, clock: Clock, entropy: Entropy) -> Stamp | None:
    """What asks for timestamps, for as long as a hall is open: a service that is silent is left alone for a while."""
    if settings is None:
        return None
    # Here and not above: an HTTP client, which a hall without a service does not need to log in.
    from hallclient.sync.timestamp_client import TimestampClient  # noqa: PLC0415

    return TimestampClient(settings, entropy, clock.monotonic).stamp
