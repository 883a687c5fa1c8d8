"""The tables of a hall, and how an older database becomes a newer one."""

from typing import Any

_VERSION_1 = """
CREATE TABLE session (
  id TEXT PRIMARY KEY,
  scene TEXT NOT NULL,
  service_number TEXT NOT NULL,
  clerk TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  state TEXT NOT NULL,
  elapsed_s REAL NOT NULL,
  facts TEXT NOT NULL,
  device_sequence INTEGER UNIQUE
) STRICT;
CREATE TABLE session_event (
  session TEXT NOT NULL REFERENCES session(id),
  sequence INTEGER NOT NULL,
  move TEXT NOT NULL,
  state TEXT NOT NULL,
  at TEXT NOT NULL,
  elapsed_s REAL NOT NULL,
  PRIMARY KEY (session, sequence)
) STRICT;
CREATE TABLE data_key (session TEXT PRIMARY KEY REFERENCES session(id), wrapped BLOB NOT NULL) STRICT;
CREATE TABLE delivery (
  session TEXT PRIMARY KEY REFERENCES session(id),
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_try_at REAL NOT NULL,
  failure TEXT,
  detail TEXT,
  outcome TEXT
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

# How often an error that nobody foresaw, or the end of the process, cut short the sending of this record.
_VERSION_2 = """
ALTER TABLE delivery ADD COLUMN breakdowns INTEGER NOT NULL DEFAULT 0;
"""

_MIGRATIONS = (_VERSION_1, _VERSION_2)


def migrate(database: Any) -> None:
    """Bring a sqlite-utils `database` to the newest version, each step in a transaction of its own."""
    done = database.execute("PRAGMA user_version").fetchone()[0]
    for version, script in enumerate(_MIGRATIONS[done:], start=done + 1):
        with database.atomic():
            for statement in script.split(";"):
                if statement.strip():
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {version}")
