"""The machine's own time and randomness, as the product is given them outside of tests."""

import datetime as dt
import secrets
import time


class SystemClock:
    """`hallclient.devices.Clock` of this machine."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """`hallclient.devices.Entropy` of this machine."""

    def token(self, length: int) -> bytes:
        return secrets.token_bytes(length)
