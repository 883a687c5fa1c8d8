"""Notices that one customer's evidence serves for another: by digests of what is inside the files, and of keys.

The digests stay for as long as the ledger does; they tell nothing of a picture, and files with personal data in few
values have a salt in them.
"""

import sqlite3
from dataclasses import dataclass

from hallclient.domain.inspection_question import Question

SCHEMA = """
CREATE TABLE marks (
    mark TEXT NOT NULL,
    session TEXT NOT NULL,
    PRIMARY KEY (mark, session)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Marks:
    """What no two sessions share.

    Attributes:
        files: SHA-256 of each file's content.
        notice_keys: SHA-256 of the public key of each one-time certificate.
    """

    files: tuple[str, ...] = ()
    notice_keys: tuple[str, ...] = ()


def repeated(database: sqlite3.Connection, session: str, marks: Marks) -> tuple[Question, ...]:
    """Which marks another session has."""
    asked = {
        Question.FILE_NEW: _spelled("file", marks.files),
        Question.NOTICE_KEY_NEW: _spelled("key", marks.notice_keys),
    }
    return tuple(question for question, spelled in asked.items() if _known(database, session, spelled))


def keep(database: sqlite3.Connection, session: str, marks: Marks) -> None:
    """Remember the marks of a session."""
    spelled = (*_spelled("file", marks.files), *_spelled("key", marks.notice_keys))
    database.executemany(
        "INSERT OR IGNORE INTO marks (mark, session) VALUES (?, ?)", [(mark, session) for mark in spelled]
    )


def _known(database: sqlite3.Connection, session: str, spelled: tuple[str, ...]) -> bool:
    asked = "SELECT 1 FROM marks WHERE mark = ? AND session <> ? LIMIT 1"
    return any(database.execute(asked, [mark, session]).fetchone() for mark in spelled)


def _spelled(kind: str, marks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{kind}:{mark}" for mark in marks)
