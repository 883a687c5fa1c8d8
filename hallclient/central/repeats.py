"""Notices that one customer's evidence serves for another: by digests of what is inside the files, and of keys.

The digests stay for as long as the ledger does; they tell nothing of a picture, and files with personal data in few
values have a salt in them. What was coded anew has other digests: that is not found here.
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
        pixels: SHA-256 of each photo's pixels (`pixels_sha256`), which a comment in its file does not change.
        recordings: SHA-256 of each recording's coded pictures, which its title does not change. Not of its sound: that
            of a microphone which gave nothing is everywhere the same.
        notice_keys: SHA-256 of the public key of each one-time certificate.
    """

    files: tuple[str, ...] = ()
    pixels: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    notice_keys: tuple[str, ...] = ()


def repeated(database: sqlite3.Connection, session: str, marks: Marks) -> tuple[Question, ...]:
    """Which marks another session has."""
    asked = {Question.FILE_NEW: _of_files(marks), Question.NOTICE_KEY_NEW: _of_keys(marks)}
    return tuple(question for question, spelled in asked.items() if _known(database, session, spelled))


def keep(database: sqlite3.Connection, session: str, marks: Marks) -> None:
    """Remember the marks of a session."""
    spelled = (*_of_files(marks), *_of_keys(marks))
    database.executemany(
        "INSERT OR IGNORE INTO marks (mark, session) VALUES (?, ?)", [(mark, session) for mark in spelled]
    )


def _known(database: sqlite3.Connection, session: str, spelled: tuple[str, ...]) -> bool:
    asked = "SELECT 1 FROM marks WHERE mark = ? AND session <> ? LIMIT 1"
    return any(database.execute(asked, [mark, session]).fetchone() for mark in spelled)


def _of_files(marks: Marks) -> tuple[str, ...]:
    kinds = {"file": marks.files, "pixels": marks.pixels, "recording": marks.recordings}
    return tuple(mark for kind, of_kind in kinds.items() for mark in _spelled(kind, of_kind))


def _of_keys(marks: Marks) -> tuple[str, ...]:
    return _spelled("key", marks.notice_keys)


def _spelled(kind: str, marks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{kind}:{mark}" for mark in marks)
