"""Who may not log in, in the database: somebody who puts an older file of the hall in its place unlocks nobody."""

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.tables import Tables


def set_lock(tables: Tables, number: str, locked: bool) -> None:
    """Let `number` log in no more, or again."""
    tables.execute("DELETE FROM setting WHERE name = ?", [_name(number)])
    if locked:
        tables.execute("INSERT INTO setting (name, value) VALUES (?, ?)", [_name(number), "locked"])


def must_not_be_locked(tables: Tables, number: str) -> None:
    """Raises staff_locked."""
    if tables.execute("SELECT 1 FROM setting WHERE name = ?", [_name(number)]).fetchone() is not None:
        raise KnownError(FailureCode.STAFF_LOCKED)


def _name(number: str) -> str:
    return f"locked/{number}"
