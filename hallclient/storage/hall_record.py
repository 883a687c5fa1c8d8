"""The hall's file in its database: that one is true. `hall.json` is its copy, for whoever has not logged in yet.

A change is in the database first, in one transaction with what the audit log says of it; then the copy is written. What
a crash leaves between, and an older copy that somebody puts in its place, is made good by the next login.
"""

from pathlib import Path

from pydantic import ValidationError

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage import hall_file
from hallclient.storage.database import Database
from hallclient.storage.hall_file import HallFile
from hallclient.storage.tables import Tables

_SETTING = "hall_file"


def held(tables: Tables) -> HallFile:
    """The hall's file. Raises store_unreadable."""
    row = tables.execute("SELECT value FROM setting WHERE name = ?", [_SETTING]).fetchone()
    try:
        return HallFile.model_validate_json("" if row is None else row[0])
    except ValidationError:
        raise KnownError(FailureCode.STORE_UNREADABLE, "the database has no file of the hall") from None


def keep(tables: Tables, file: HallFile, hall_key: bytes) -> HallFile:
    """`file`, authenticated, is the hall's from now on; `publish` it afterwards."""
    kept = hall_file.authenticated(file, hall_key)
    tables.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", [_SETTING, kept.model_dump_json()])
    return kept


def publish(database: Database, folder: Path, busy_timeout_s: float | None = None) -> HallFile:
    """Make `hall.json` the copy of what the database holds. Raises as `Database.transaction` and `hall_file.put`."""
    with database.transaction(busy_timeout_s) as tables:  # one at a time: the newest is the last that is written
        file = held(tables)
        hall_file.put(folder, file)
    return file
