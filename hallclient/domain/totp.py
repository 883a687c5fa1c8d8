"""The second factor: a code of six digits that changes every 30 s, as authenticators make it (RFC 6238, SHA-1)."""

import datetime as dt

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20  # RFC 4226, 4: as long as the digest
DIGITS, STEP_S = 6, 30
_TOLERATED_STEPS = (0, -1, 1)  # RFC 6238, 5.2: a clock that is a little off, and a person who types


def code_at(secret: bytes, moment: dt.datetime) -> str:
    """The code of `secret` at `moment`."""
    return _of(secret).generate(int(moment.timestamp())).decode()


def step_of(secret: bytes, code: str, moment: dt.datetime) -> int | None:
    """The step whose code this is, the present one or a neighbour; None for a wrong code.

    Blanks between the digits are as authenticators show them. Whoever asks lets each step pass once.
    """
    given = code.replace(" ", "")
    if len(given) != DIGITS or not (given.isascii() and given.isdecimal()):
        return None
    now = int(moment.timestamp()) // STEP_S
    totp, found = _of(secret), None
    for offset in _TOLERATED_STEPS:  # all of them, whatever is found: the time says nothing
        if bytes_eq(totp.generate((now + offset) * STEP_S), given.encode()) and found is None:
            found = now + offset
    return found


def provisioning_uri(secret: bytes, number: str, hall: str) -> str:
    """What an authenticator takes as a QR code: `otpauth://totp/…`."""
    return _of(secret).get_provisioning_uri(number, hall)


def _of(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303  # HMAC with it is sound, and all authenticators know it
