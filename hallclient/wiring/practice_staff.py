"""Who works in a practice hall. Their secrets are known to all, because nothing in it is real."""

import datetime as dt
import hashlib

from hallclient.domain.staff import Role
from hallclient.domain.totp import SECRET_BYTES, code_at

PRACTICE_STAFF = {Role.CLERK: "1001", Role.SUPERVISOR: "2001", Role.ADMINISTRATOR: "9001"}


def practice_password(number: str) -> str:
    """The password of one of the practice staff."""
    return next(f"practice {role}" for role, of in PRACTICE_STAFF.items() if of == number)


def practice_totp_secret(number: str) -> bytes:
    """What the second factor of one of the practice staff is made from."""
    return hashlib.sha256(f"practice {number}".encode()).digest()[:SECRET_BYTES]


def practice_code(number: str, now: dt.datetime) -> str:
    """The code that an authenticator of theirs would show."""
    return code_at(practice_totp_secret(number), now)


def practice_login(number: str, now: dt.datetime) -> tuple[str, str, str]:
    """Number, password and code, as `hallclient.services.access.login` takes them."""
    return number, practice_password(number), practice_code(number, now)
