"""The tables of a hall, and how an older database becomes a newer one."""

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage.tables import Tables

_VERSION_3 = """
CREATE TABLE session (
  id TEXT PRIMARY KEY,
  plan TEXT NOT NULL,
  corrects TEXT,
  service_number TEXT NOT NULL,
  clerk TEXT NOT NULL,
  earlier_clerks TEXT NOT NULL DEFAULT '[]',
  opened_at TEXT NOT NULL,
  state TEXT NOT NULL,
  elapsed_s REAL NOT NULL,
  device_sequence INTEGER UNIQUE,
  manifest_sha256 TEXT
) STRICT;
CREATE TABLE session_step (
  session TEXT NOT NULL REFERENCES session(id),
  step TEXT NOT NULL,
  facts TEXT,
  files TEXT NOT NULL,
  done_at TEXT,
  elapsed_s REAL,
  done_by TEXT,
  PRIMARY KEY (session, step)
) STRICT;
CREATE TABLE data_key (session TEXT PRIMARY KEY REFERENCES session(id), wrapped BLOB NOT NULL) STRICT;
CREATE TABLE delivery (
  session TEXT PRIMARY KEY REFERENCES session(id),
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_try_at REAL NOT NULL,
  failure TEXT,
  detail TEXT,
  outcome TEXT,
  breakdowns INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE review (
  session TEXT PRIMARY KEY REFERENCES session(id),
  state TEXT NOT NULL,
  reviewer TEXT,
  claimed_until REAL
) STRICT;
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  event TEXT NOT NULL,
  session TEXT NOT NULL,
  detail TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

# Versions 1 and 2 kept no plans. Nothing of them was ever in the field.
_FIRST = 3
_MIGRATIONS = (_VERSION_3,)


def migrate(database: Tables) -> None:
    """Bring a sqlite-utils `database` to the newest version, each step in a transaction of its own.

    Raises store_too_old for one of before the first version that is known here.
    """
    done = database.execute("PRAGMA user_version").fetchone()[0]
    if 0 < done < _FIRST:
        raise KnownError(FailureCode.STORE_TOO_OLD, f"version {done}")
    for version, script in enumerate(_MIGRATIONS, start=_FIRST):
        if version <= done:
            continue
        with database.atomic():
            for statement in script.split(";"):
                if statement.strip():
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {version}")
