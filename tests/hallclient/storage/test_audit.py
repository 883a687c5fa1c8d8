"""The audit chain: any changed, missing or added row is found."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hallclient.storage.audit import AuditEvent, append, events, first_broken_link, head
from hallclient.storage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "store.db", bytes(32))
    with opened.transaction() as tables:
        for number in range(1, 6):
            append(tables, AuditEvent("2026-11-22T04:00:00.000+00:00", "1001", "tested", "", {"number": number}))
    yield opened
    opened.close()


def test_an_untouched_chain_holds(database: Database) -> None:
    with database.transaction() as tables:
        assert first_broken_link(tables) is None
        assert head(tables).sequence == 5


@pytest.mark.parametrize("column", ["at", "actor", "event", "session", "detail", "digest"])
@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_a_changed_row_is_found(column: str, sequence: int, database: Database) -> None:
    with database.transaction() as tables:
        tables.execute(f"UPDATE audit SET {column} = 'other' WHERE sequence = ?", [sequence])
        assert first_broken_link(tables) == sequence


@pytest.mark.parametrize("sequence", [1, 3])
def test_a_missing_row_is_found(sequence: int, database: Database) -> None:
    with database.transaction() as tables:
        tables.execute("DELETE FROM audit WHERE sequence = ?", [sequence])
        assert first_broken_link(tables) == sequence


def test_a_cut_tail_holds_and_therefore_the_head_travels_with_every_manifest(database: Database) -> None:
    with database.transaction() as tables:
        before = head(tables)
        tables.execute("DELETE FROM audit WHERE sequence = 5")
        assert first_broken_link(tables) is None
        assert head(tables) != before


def test_an_event_is_kept_with_what_it_tells_of_or_not_at_all(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tables:
        append(tables, AuditEvent("now", "1001", "never", "", {}))
        raise RuntimeError
    with database.transaction() as tables:
        assert head(tables).sequence == 5


@pytest.mark.parametrize(
    ("stands", "found"),
    [
        ('{"reason":"customer_withdrew"}', {"reason": "customer_withdrew"}),
        ('{"reason":"a code of another version"}', {"reason": "a code of another version"}),
        ('{"reason":"客户不办了"}', {"reason": "客户不办了"}),
        ("[1]", {"unreadable": "[1]"}),
        ("{", {"unreadable": "{"}),
    ],
)
def test_a_detail_is_told_as_it_stands_whatever_wrote_it(
    stands: str, found: dict[str, str], database: Database
) -> None:
    with database.transaction() as tables:
        append(tables, AuditEvent("2026-11-22T04:00:00.000+00:00", "1001", "session_abandoned", "s-1", {}))
        tables.execute("UPDATE audit SET detail = ? WHERE sequence = 6", [stands])
        assert [(sequence, event.detail) for sequence, event in events(tables, "s-1")] == [(6, found)]
        assert [sequence for sequence, _ in events(tables)] == [1, 2, 3, 4, 5, 6]
