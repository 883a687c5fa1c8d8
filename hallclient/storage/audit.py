"""The hall's audit log: who did what, when, in a chain of digests.

A changed or missing row breaks the chain; the head travels in every manifest, where whoever holds it can compare.
Rows are written inside the caller's transaction, together with what they tell of.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hallclient.domain.documents import canonical
from hallclient.domain.evidence.manifest import AuditHead
from hallclient.storage.tables import Tables

_GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing done.

    Attributes:
        at: ISO 8601 in UTC.
        actor: staff number, or "system".
        event: a word that stays the same for ever.
        session: its id, or empty.
        detail: facts without personal data.
    """

    at: str
    actor: str
    event: str
    session: str
    detail: dict[str, Any]


def append(tables: Tables, event: AuditEvent) -> AuditHead:
    """Add `event` at the end of the chain; returns the new head."""
    last = head(tables)
    detail = canonical(event.detail).decode()
    sequence = last.sequence + 1
    row = (sequence, event.at, event.actor, event.event, event.session, detail)
    digest = _digest(last.head, row)
    tables.execute(
        "INSERT INTO audit (sequence, at, actor, event, session, detail, digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [*row, digest],
    )
    return AuditHead(sequence=sequence, head=digest)


def head(tables: Tables) -> AuditHead:
    """The last link; sequence 0 in an empty log."""
    row = tables.execute("SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1").fetchone()
    return AuditHead(sequence=row[0], head=row[1]) if row else AuditHead(sequence=0, head=_GENESIS)


def events(tables: Tables, session: str | None = None) -> Iterator[tuple[int, AuditEvent]]:
    """Each row's sequence and event, in order; with `session`, that session's only.

    Nothing is checked here: a detail that is no JSON object comes as {"unreadable": its text}, and a code that this
    version does not know as it stands.
    """
    rows = tables.execute(
        "SELECT sequence, at, actor, event, session, detail FROM audit"
        " WHERE ? IS NULL OR session = ? ORDER BY sequence",
        [session, session],
    )
    for sequence, at, actor, event, of, detail in rows:
        yield sequence, AuditEvent(at, actor, event, of, _detail(detail))


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """Rows `first` to `last` that do not follow from what is before them; `missing` when they are not there at all."""

    first: int
    last: int
    missing: bool


def broken_links(tables: Tables) -> Iterator[BrokenLink]:
    """Every place where the chain does not hold, in order. Nothing at the end is missed here: see `head`."""
    previous, expected = _GENESIS, 1
    rows = tables.execute("SELECT sequence, at, actor, event, session, detail, digest FROM audit ORDER BY sequence")
    for row in rows:
        if row[0] > expected:  # what follows the gap cannot be asked for its link
            yield BrokenLink(expected, row[0] - 1, missing=True)
        elif row[0] < expected or _digest(previous, row[:6]) != row[6]:
            yield BrokenLink(row[0], row[0], missing=False)
        previous, expected = row[6], row[0] + 1


def first_broken_link(tables: Tables) -> int | None:
    """Sequence of the first row that does not follow from the one before it; None when the chain holds."""
    return next((link.first for link in broken_links(tables)), None)


def digest_at(tables: Tables, sequence: int) -> str | None:
    """The digest that the row has; None where there is no such row."""
    row = tables.execute("SELECT digest FROM audit WHERE sequence = ?", [sequence]).fetchone()
    return str(row[0]) if row else None


def _detail(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": text}


def _digest(previous: str, row: tuple[Any, ...]) -> str:
    return hashlib.sha256(canonical([previous, *row])).hexdigest()
