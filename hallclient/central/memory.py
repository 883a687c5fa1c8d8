"""What a centre remembers of a device, and what a package may not say against it.

Each function runs inside the ledger's transaction in which the session is received: two sessions of one device are
never received beside each other.
"""

import sqlite3
from dataclasses import dataclass
from itertools import pairwise

from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.inspection_question import Question

SCHEMA = """
CREATE TABLE devices (
    device TEXT PRIMARY KEY,
    complete_to INTEGER NOT NULL,
    clock_difference_s REAL
) STRICT;
CREATE TABLE gaps (
    device TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (device, first)
) STRICT;
"""
_FARTHEST = 1000  # numbers ahead: no counter has so many sessions that wait for a review
_RECEIVED = "device = ? AND receipt IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that no received session has, `first` to `last`; `told` by the receipt of that session, or not yet."""

    first: int
    last: int
    told: str | None


def contradictions(
    database: sqlite3.Connection, device: str, manifest: Manifest, manifest_sha256: str, gap_tolerated_since: str
) -> tuple[Question, ...]:
    """What `manifest` says against what was received from `device` before.

    Args:
        gap_tolerated_since: ISO 8601 in UTC; a number that was missing before then is told of.
    """
    asked = {
        Question.SEQUENCE_FREE: _sequence_free(database, device, manifest),
        Question.PREVIOUS_AS_KNOWN: _previous_as_known(database, device, manifest, manifest_sha256),
        Question.AUDIT_AS_KNOWN: _audit_as_known(database, device, manifest),
        Question.SEQUENCE_WHOLE: not _old_gaps(database, device, manifest, gap_tolerated_since),
    }
    return tuple(question for question, holds in asked.items() if not holds)


def remember(
    database: sqlite3.Connection,
    device: str,
    manifest: Manifest,
    clock_difference_s: float | None,
    gap_tolerated_since: str,
) -> None:
    """Move on to the last number before which none is missing that was not told of. The session is received already."""
    database.execute("INSERT OR IGNORE INTO devices (device, complete_to) VALUES (?, 0)", [device])
    for gap in _old_gaps(database, device, manifest, gap_tolerated_since):
        row = (device, gap.first, gap.last, manifest.session)
        database.execute("INSERT OR IGNORE INTO gaps (device, first, last, told) VALUES (?, ?, ?, ?)", row)
        database.execute("UPDATE devices SET complete_to = ? WHERE device = ?", [gap.last, device])
    gaps = _gaps(database, device)
    complete_to = gaps[0].first - 1 if gaps else _highest(database, device)
    database.execute(
        "UPDATE devices SET complete_to = max(complete_to, ?),"
        " clock_difference_s = coalesce(?, clock_difference_s) WHERE device = ?",
        (complete_to, clock_difference_s, device),
    )


def missing(database: sqlite3.Connection, device: str) -> list[Gap]:
    """All numbers that never came, those of which a receipt told, too."""
    told: list[Gap] = []
    for first, last, session in database.execute(
        "SELECT first, last, told FROM gaps WHERE device = ? ORDER BY first", [device]
    ).fetchall():
        late = _numbers(database, device, first - 1, last)
        told += [Gap(low, high, session) for low, high in _between(first - 1, late, last + 1)]
    return [*told, *_gaps(database, device)]


def _sequence_free(database: sqlite3.Connection, device: str, manifest: Manifest) -> bool:
    found = database.execute(
        f"SELECT 1 FROM sessions WHERE {_RECEIVED} AND device_sequence = ? LIMIT 1",  # noqa: S608  # a constant
        [device, manifest.device_sequence],
    ).fetchone()
    return found is None


def _previous_as_known(database: sqlite3.Connection, device: str, manifest: Manifest, manifest_sha256: str) -> bool:
    """Its predecessor's digest is the received one's; and whoever named it as a predecessor meant this one.

    Of two that have the same number, either will do: which is the right one `SEQUENCE_FREE` has asked.
    """
    before = database.execute(
        f"SELECT manifest_sha256 FROM sessions WHERE {_RECEIVED} AND device_sequence = ?",  # noqa: S608
        [device, manifest.device_sequence - 1],
    ).fetchall()
    after = database.execute(
        f"SELECT previous FROM sessions WHERE {_RECEIVED} AND device_sequence = ?",  # noqa: S608
        [device, manifest.device_sequence + 1],
    ).fetchall()
    return (not before or (manifest.previous,) in before) and (not after or (manifest_sha256,) in after)


def _audit_as_known(database: sqlite3.Connection, device: str, manifest: Manifest) -> bool:
    """The log grows from session to session, and never has another head at a place where one is known."""
    number, audit = manifest.device_sequence, manifest.audit
    query = f"SELECT audit_sequence FROM sessions WHERE {_RECEIVED} AND device_sequence"  # noqa: S608
    before = database.execute(f"{query} < ? ORDER BY device_sequence DESC LIMIT 1", [device, number]).fetchone()
    after = database.execute(f"{query} > ? ORDER BY device_sequence LIMIT 1", [device, number]).fetchone()
    others = database.execute(
        f"SELECT 1 FROM sessions WHERE {_RECEIVED} AND audit_sequence = ? AND audit_head <> ? LIMIT 1",  # noqa: S608
        (device, audit.sequence, audit.head),
    ).fetchone()
    grows = (before is None or before[0] < audit.sequence) and (after is None or audit.sequence < after[0])
    return grows and others is None


def _old_gaps(database: sqlite3.Connection, device: str, manifest: Manifest, since: str) -> list[Gap]:
    """The gaps below `manifest` that are older than `since`, by when the first session above them came, or that are
    wider than anything that may be on its way.
    """
    found, old = [], True
    for gap in _gaps(database, device, manifest.device_sequence):
        if not old:  # nor are those after it: fewer sessions are above them
            found += [gap] if gap.last - gap.first >= _FARTHEST else []
            continue
        above = database.execute(
            f"SELECT min(received_at) FROM sessions WHERE {_RECEIVED} AND device_sequence > ?",  # noqa: S608
            [device, gap.last],
        ).fetchone()[0]
        old = above is not None and above < since
        if old or gap.last - gap.first >= _FARTHEST:
            found.append(gap)
    return found


def _gaps(database: sqlite3.Connection, device: str, before: int | None = None) -> list[Gap]:
    """What is missing after the last number up to which all is there, or was told of, and below `before`."""
    row = database.execute("SELECT complete_to FROM devices WHERE device = ?", [device]).fetchone()
    start = row[0] if row else 0
    end = before if before is not None else _highest(database, device)
    numbers = _numbers(database, device, start, end)
    return [Gap(first, last, None) for first, last in _between(start, numbers, end if before is not None else None)]


def _numbers(database: sqlite3.Connection, device: str, after: int, up_to: int) -> list[int]:
    rows = database.execute(
        f"SELECT DISTINCT device_sequence FROM sessions WHERE {_RECEIVED}"  # noqa: S608
        " AND device_sequence > ? AND device_sequence <= ? ORDER BY device_sequence",
        [device, after, up_to],
    )
    return [row[0] for row in rows]


def _between(start: int, numbers: list[int], end: int | None) -> list[tuple[int, int]]:
    """The runs of numbers above `start` that are not in the sorted `numbers`, up to the last of these or to `end`."""
    bounds = [start, *numbers, *([] if end is None or (numbers and numbers[-1] >= end) else [end])]
    return [(low + 1, high - 1) for low, high in pairwise(bounds) if high - low > 1]


def _highest(database: sqlite3.Connection, device: str) -> int:
    found = database.execute(f"SELECT max(device_sequence) FROM sessions WHERE {_RECEIVED}", [device])  # noqa: S608
    return int(found.fetchone()[0] or 0)
