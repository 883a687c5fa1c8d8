"""The encrypted database: durable, unreadable without its key, whole or not at all."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from hallclient.domain.failures import KnownError
from hallclient.storage.database import Database

KEY = bytes(range(32))


def names(database: Database) -> list[str]:
    with database.transaction() as tables:
        return [row["name"] for row in tables.query("SELECT name FROM setting ORDER BY name")]


def put(database: Database, name: str) -> None:
    with database.transaction() as tables:
        tables["setting"].insert({"name": name, "value": "x"})


def test_what_was_committed_is_there_after_opening_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", KEY)
    put(database, "kept")
    database.close()
    assert names(Database(tmp_path / "store.db", KEY)) == ["kept"]


def test_a_transaction_happens_whole_or_not_at_all(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", KEY)
    with pytest.raises(RuntimeError, match="half way"), database.transaction() as tables:
        tables["setting"].insert({"name": "half", "value": "x"})
        raise RuntimeError("half way")
    assert names(database) == []


def test_it_writes_ahead_and_waits_for_the_disk(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", KEY)
    with database.transaction() as tables:
        assert tables.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert tables.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert tables.execute("PRAGMA secure_delete").fetchone()[0] == 1


def test_nothing_is_readable_on_the_disk(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", KEY)
    put(database, "a name that nobody may read")
    files = list(tmp_path.iterdir())
    assert len(files) >= 2  # the log holds it first
    assert not any(b"nobody may read" in path.read_bytes() or b"SQLite" in path.read_bytes() for path in files)


@pytest.mark.parametrize("content", [None, b"no database at all" * 100])
def test_another_key_or_another_file_is_said(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    if content is None:
        Database(path, KEY).close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(KnownError, match="store_unreadable"):
        Database(path, bytes(32))
    assert path.read_bytes() == before


def test_a_forgotten_page_is_gone_from_the_log(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", KEY)
    put(database, "x")
    database.forget_old_pages()
    assert (tmp_path / "store.db-wal").stat().st_size == 0


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", KEY)
    put(database, "before")
    with database.transaction() as tables:
        pages = tables.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(KnownError, match="disk_full"), database.transaction() as tables:
        tables["setting"].insert({"name": "large", "value": "x" * 1_000_000})
    assert names(database) == ["before"]


def test_another_programs_lock_is_said_after_a_while_and_readers_never_wait(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    other = Database(path, KEY)
    database = Database(path, KEY, busy_timeout_s=0.05)
    with other.transaction() as tables:
        tables["setting"].insert({"name": "theirs", "value": "x"})
        with pytest.raises(KnownError, match="store_busy"):
            put(database, "ours")
        with database.reading() as seen:
            assert seen["setting"].count == 0
    put(database, "ours")
    assert names(database) == ["ours", "theirs"]
    database.close()
    other.close()


def test_to_open_and_to_read_no_writer_is_waited_for(tmp_path: Path) -> None:
    path, patience_s = tmp_path / "store.db", 60.0
    with closing(Database(path, KEY)) as other, other.transaction() as theirs:
        theirs["setting"].insert({"name": "theirs", "value": "x"})
        begun_s = time.monotonic()
        with closing(Database(path, KEY, busy_timeout_s=patience_s)) as database:
            with database.reading() as tables:
                assert tables["setting"].count == 0
            with pytest.raises(KnownError, match="store_busy"), database.transaction(busy_timeout_s=0.05):
                pass
            assert time.monotonic() - begun_s < patience_s / 2
            (usual_ms,) = database._connection.execute("PRAGMA busy_timeout").fetchone()
            assert usual_ms == patience_s * 1000


def test_an_opening_beside_a_writer_leaves_the_log_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(Database(path, KEY)) as other:
        put(other, "x")
        with other.transaction():
            Database(path, KEY).close()
            assert (tmp_path / "store.db-wal").stat().st_size > 0
        Database(path, KEY).close()
        assert (tmp_path / "store.db-wal").stat().st_size == 0


def test_a_lock_at_the_opening_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(Database(path, KEY)) as other:
        other._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        put(other, "theirs")
        with pytest.raises(KnownError, match="store_busy"):
            Database(path, KEY, busy_timeout_s=0.05)


def test_a_reader_of_this_process_waits_for_no_writer_of_it_and_writes_nothing(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "store.db", KEY)) as database, ThreadPoolExecutor() as pool:

        def count() -> int:
            with database.reading() as tables:
                return int(tables["setting"].count)

        with database.transaction() as tables:
            tables["setting"].insert({"name": "half", "value": "x"})
            assert pool.submit(count).result(timeout=60) == 0
        assert count() == 1
        with pytest.raises(KnownError, match="store_read_only"), database.reading() as tables:
            tables.execute("DELETE FROM setting")
        assert count() == 1


def test_errors_of_sql_stay_errors(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", KEY)
    put(database, "twice")
    with pytest.raises(dbapi2.IntegrityError):
        put(database, "twice")


def test_two_programs_take_turns(tmp_path: Path) -> None:
    databases = [Database(tmp_path / "store.db", KEY) for _ in range(2)]
    together = threading.Barrier(2)

    def count_up(database: Database) -> None:
        together.wait()
        for _ in range(50):
            with database.transaction() as tables:
                known = tables.execute("SELECT count(*) FROM setting").fetchone()[0]
                tables["setting"].insert({"name": str(known), "value": "x"})

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(count_up, database) for database in databases]:
            done.result()
    assert len(names(databases[0])) == 100


def test_a_connection_that_cannot_be_closed_does_not_keep_the_other_open(tmp_path: Path) -> None:
    class Broken:
        def close(self) -> None:
            raise OSError("a library may raise anything")

    database = Database(tmp_path / "store.db", bytes(32))
    reading, database._read_connection = database._read_connection, Broken()
    with pytest.raises(OSError, match="anything"):
        database.close()
    reading.close()
    with pytest.raises(dbapi2.ProgrammingError, match="closed"):
        database._connection.execute("SELECT 1")


@pytest.mark.parametrize("version", [1, 2])
def test_a_folder_of_before_there_were_plans_is_refused_and_left_as_it_is(version: int, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    old = dbapi2.connect(str(path))
    old.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    old.execute("CREATE TABLE session (id TEXT PRIMARY KEY, scene TEXT)")
    old.execute("INSERT INTO session VALUES ('s', 'new_number')")
    old.execute(f"PRAGMA user_version = {version}")
    old.commit()
    old.close()
    with pytest.raises(KnownError, match="store_too_old"):
        Database(path, KEY)
    kept = dbapi2.connect(str(path))
    kept.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    assert kept.execute("SELECT scene FROM session").fetchall() == [("new_number",)]
    assert kept.execute("PRAGMA user_version").fetchone() == (version,)
    kept.close()
