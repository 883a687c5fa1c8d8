"""`revocations.crl` in a hall's folder: what the centre had revoked when this counter last heard of it."""

import logging
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from hallclient.domain.failures import KnownError
from hallclient.domain.revocations import LARGEST_REVOCATIONS_BYTES, Revocations, newest
from hallclient.regular_file import read_regular
from hallclient.storage.durable import replacing
from hallclient.storage.tables import Tables

NAME = "revocations.crl"
_SETTING = "newest_revocations"

_log = logging.getLogger(__name__)


def held_revocations(folder: Path, roots: Sequence[x509.Certificate]) -> Revocations | None:
    """The list that is kept, examined anew each time; None before the first contact.

    One that is damaged, or that `roots` do not vouch for, is none, and is said: the next contact brings another. Nobody
    wins by that more than by deleting the file.
    """
    try:
        held = Revocations.from_pem(read_regular(folder / NAME, LARGEST_REVOCATIONS_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, KnownError) as error:
        _log.warning("%s cannot be read: %s", NAME, type(error).__name__)
        return None
    if not held.is_trusted(roots):
        _log.warning("%s is not of this hall's centre", NAME)
        return None
    return held


def newest_known(tables: Tables) -> int:
    """The number of the newest list that was ever kept here; 0 before the first."""
    row = tables.execute("SELECT value FROM setting WHERE name = ?", [_SETTING]).fetchone()
    return 0 if row is None else int(row[0])


def note_newest(tables: Tables, number: int) -> None:
    """Whoever exchanges or deletes the file cannot take back that there was one."""
    if number > newest_known(tables):
        tables.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", [_SETTING, str(number)])


def keep_revocations(folder: Path, roots: Sequence[x509.Certificate], given: Revocations) -> bool:
    """Keep a list of which `is_trusted` is known, unless a newer one is there; whether it was kept.

    Raises disk_full, store_read_only, store_busy, store_unreadable.
    """
    if newest(held_revocations(folder, roots), given) is not given:
        return False
    with replacing(folder / NAME) as file:
        file.write(given.to_pem())
    return True
