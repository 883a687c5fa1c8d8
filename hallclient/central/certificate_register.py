"""Which certificates the centre's issuer gave, what they were asked for with, which of them are revoked, and the list
that says so: SQLite tables.

A file of its own beside the ledger: what it holds is needed for as long as certificates are good, sessions are not.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from hallclient.domain.certificates import STAFF_ROLES, CertificateRole, halls_of, name_of, role_of, workstation_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import Revocations, Serial

_VERSION = 2
_SCHEMA = (
    """
CREATE TABLE issued (
    serial TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    hall TEXT NOT NULL,
    channel TEXT NOT NULL,
    counter TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    valid_until TEXT NOT NULL
) STRICT
""",
    "CREATE INDEX issued_by_name ON issued (name, role)",
    "CREATE TABLE revoked (serial TEXT PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL) STRICT",
    "CREATE TABLE used (id TEXT PRIMARY KEY, application TEXT NOT NULL, answer TEXT NOT NULL) STRICT",
    "CREATE TABLE list (number INTEGER PRIMARY KEY, pem BLOB NOT NULL) STRICT",
)

Signed = Callable[[Mapping[Serial, dt.datetime], int], Revocations]
"""Signs what is revoked as the list of this number."""


@dataclass(frozen=True, slots=True)
class Named:
    """The certificates that somebody means.

    Attributes:
        roles: that they may have.
        name: the staff number, or the device's own name.
        hall: where the device stands, or the person may work; None for wherever there is one of this name.
    """

    roles: frozenset[CertificateRole]
    name: str
    hall: str | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What somebody was certified for.

    Attributes:
        identities: of the invitation, and of the centre's word where there was one: they are used up.
        application: SHA-256 of it; the same one gets the same answer again.
        answer: what the centre said to it.
    """

    identities: tuple[str, ...]
    application: str
    answer: str


class CertificateRegister:
    """The tables. Every method is one durable transaction and may be called from any thread or process."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it. Raises store_too_old."""
        self._path = path
        path.touch(mode=0o600)
        with self._transaction() as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if tables and version != _VERSION:
                raise KnownError(FailureCode.STORE_TOO_OLD, f"the centre's certificates, version {version}")
            if not tables:
                for statement in _SCHEMA:
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {_VERSION}")

    def add(
        self,
        certificate: x509.Certificate,
        at: dt.datetime,
        *,
        renews: x509.Certificate | None = None,
        used: Used | None = None,
    ) -> bool:
        """Write down a certificate before anybody gets it, with what it was asked for with. False, and nothing written,
        where what it renews is revoked: nobody's renewal slips past their revocation.
        """
        workstation, role = workstation_of(certificate), role_of(certificate)
        place = workstation.place if role is CertificateRole.DEVICE else None
        halls = "\n".join(sorted(halls_of(certificate)))  # a person's
        row = (
            _text(certificate.serial_number),
            str(role),
            name_of(certificate),
            *((halls, "", "") if place is None else (place.hall, place.channel, place.counter)),
            at.isoformat(),
            certificate.not_valid_after_utc.isoformat(),
        )
        with self._transaction() as database:
            if renews is not None and _is_revoked(database, renews.serial_number):
                return False
            database.execute("INSERT INTO issued VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            if used is not None:
                rows = [(one, used.application, used.answer) for one in used.identities]
                database.executemany("INSERT INTO used VALUES (?, ?, ?)", rows)
        return True

    def used(self, identity: str) -> Used | None:
        """What an invitation or a word was used for; None while it was not."""
        with self._reading() as database:
            row = database.execute("SELECT id, application, answer FROM used WHERE id = ?", [identity]).fetchone()
        return None if row is None else Used((row[0],), row[1], row[2])

    def serials_of(self, named: Named) -> tuple[Serial, ...]:
        """Those of them that are not revoked. Raises input_invalid when devices of several places are meant."""
        with self._reading() as database:
            rows = [
                row
                for row in database.execute(
                    "SELECT serial, role, hall, channel, counter FROM issued"
                    " WHERE name = ? AND serial NOT IN (SELECT serial FROM revoked)",
                    [named.name],
                )
                if row[1] in named.roles and (named.hall is None or named.hall in row[2].split("\n"))
            ]
        if len({row[2:] for row in rows if row[1] == CertificateRole.DEVICE}) > 1:
            raise KnownError(FailureCode.INPUT_INVALID, "several places have a device of this name: say which hall")
        return tuple(_serial(row[0]) for row in rows)

    def people(self, number: str) -> list[tuple[str, tuple[str, ...]]]:
        """Role and halls of each certificate of a staff number that is not revoked."""
        with self._reading() as database:
            rows = database.execute(
                "SELECT role, hall FROM issued WHERE name = ? AND serial NOT IN (SELECT serial FROM revoked)", [number]
            ).fetchall()
        return [(role, tuple(halls.split("\n"))) for role, halls in rows if role in STAFF_ROLES]

    def knew(self, number: str, hall: str) -> bool:
        """Somebody of this staff number may work, or once might, in this hall."""
        with self._reading() as database:
            rows = database.execute("SELECT role, hall FROM issued WHERE name = ?", [number]).fetchall()
        return any(role in STAFF_ROLES and hall in halls.split("\n") for role, halls in rows)

    def knows(self, number: str, hall: str, role: CertificateRole) -> bool:
        """Somebody of this staff number has a certificate that is not revoked for `role` in this hall."""
        return any(one == role and hall in halls for one, halls in self.people(number))

    def revoke(self, serials: tuple[Serial, ...], at: dt.datetime, reason: str, signed: Signed) -> Revocations:
        """Revoke certificates, also such as it does not know; one that was revoked stays so since then."""
        with self._transaction() as database:
            for serial in serials:
                database.execute(
                    "INSERT INTO revoked VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    (_text(serial), at.isoformat(), reason),
                )
            return _next_list(database, signed)

    def newest_number(self) -> int:
        """Of the lists; 0 before the first."""
        with self._reading() as database:
            return _number(database)

    def newest_list(self) -> bytes | None:
        """The newest list in PEM; None before the first."""
        with self._reading() as database:
            row = database.execute("SELECT pem FROM list ORDER BY number DESC LIMIT 1").fetchone()
        return None if row is None else bytes(row[0])

    def sign_anew(self, seen: int, signed: Signed) -> Revocations | None:
        """The next list, of the same certificates; None when number `seen` is not the newest any more."""
        with self._transaction() as database:
            return _next_list(database, signed) if _number(database) == seen else None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as database:
            yield database

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits when the power fails
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def _next_list(database: sqlite3.Connection, signed: Signed) -> Revocations:
    rows = database.execute("SELECT serial, at FROM revoked")
    made = signed({_serial(serial): dt.datetime.fromisoformat(at) for serial, at in rows}, _number(database) + 1)
    database.execute("DELETE FROM list")
    database.execute("INSERT INTO list VALUES (?, ?)", (made.number, made.to_pem()))
    return made


def _number(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT coalesce(max(number), 0) FROM list").fetchone()[0])


def _is_revoked(database: sqlite3.Connection, serial: Serial) -> bool:
    return database.execute("SELECT 1 FROM revoked WHERE serial = ?", [_text(serial)]).fetchone() is not None


def _text(serial: Serial) -> str:
    """As OpenSSL prints it."""
    return f"{serial:X}"


def _serial(text: str) -> Serial:
    return int(text, 16)
