"""Opens a hall for a member of staff."""

import datetime as dt
import logging
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hallclient.devices import Clock, Entropy
from hallclient.domain.certificates import CertificateChain, from_text, load_roots, workstation_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import Action, must_be_permitted
from hallclient.domain.revocations import Revocations
from hallclient.domain.staff import Staff
from hallclient.domain.timestamp import Stamp
from hallclient.domain.totp import step_of
from hallclient.regular_file import read_regular
from hallclient.services.centre_line import CentreLine
from hallclient.services.clearing import clear_ended
from hallclient.services.events import Events
from hallclient.services.login_guard import LoginGuard
from hallclient.services.staff_trust import certified_staff, known_hall
from hallclient.services.timestamps import stamp_by
from hallclient.storage import hall_file, hall_record, sessions
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.database import Database
from hallclient.storage.hall_file import CentreEnrolment, HallFile
from hallclient.storage.hall_keys import unwrap_data_key
from hallclient.storage.login_tries import NOBODY, LoginTries
from hallclient.storage.next_hall_key import carried_out, opened_database, opening
from hallclient.storage.revocations_file import held_revocations, newest_known
from hallclient.storage.staff_keys import StaffEntry, StaffKeys, hall_key_of, opened_entry
from hallclient.storage.staff_locks import must_not_be_locked
from hallclient.storage.store_failures import store_failures
from hallclient.storage.tables import Tables
from hallclient.storage.vault import Vault

DATABASE, EVIDENCE = "store.db", "evidence"
DEVICE_KEY, REQUEST, ROOTS = "device.key", "device.csr", "roots.pem"
DEVICE_KEY_SETTING = "device_key_password"
_READING_PATIENCE_S = 0.5  # for what another program writes: a commit takes milliseconds
_LARGEST_KEY_BYTES = 64 * 1024  # a key in PEM has some hundred

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenHall:
    """A hall after somebody has logged in: its keys are in memory, its database is open.

    Attributes:
        staff_key: what the person who is logged in signs with.
        certified: their certificate and its issuers; None before the hall was enrolled.
        events: what happens to its sessions, while it is open.
        line: whether its centre can be reached.
        stamp: asks the timestamp service of the enrolment; None where there is none.
    """

    folder: Path
    file: HallFile
    staff: Staff
    database: Database
    vault: Vault
    hall_key: bytes
    device_key: Ed25519PrivateKey
    device_key_password: bytes
    staff_key: Ed25519PrivateKey
    certified: CertificateChain | None
    clock: Clock
    entropy: Entropy
    events: Events = field(default_factory=Events)
    line: CentreLine = field(default_factory=CentreLine)
    stamp: Stamp | None = None

    def __repr__(self) -> str:
        return f"<OpenHall {self.file.place.hall}>"

    @property
    def centre(self) -> CentreEnrolment:
        """How to reach the centre. Raises hall_missing before the hall was enrolled."""
        if self.file.centre is None:
            raise KnownError(FailureCode.HALL_MISSING, "the hall is not enrolled at a centre")
        return self.file.centre

    @property
    def staff_chain(self) -> CertificateChain:
        """Who the person is, by the centre's word. Raises hall_missing before the hall was enrolled."""
        if self.certified is None:
            raise KnownError(FailureCode.HALL_MISSING, "the hall is not enrolled at a centre")
        return self.certified

    @property
    def device_certificate(self) -> x509.Certificate:
        return self.device_chain.leaf

    @property
    def device_chain(self) -> CertificateChain:
        return CertificateChain.from_texts(self.centre.device_certificate, self.centre.issuers)

    @property
    def roots(self) -> list[x509.Certificate]:
        return load_roots(self.centre.roots.encode())

    @property
    def revocations(self) -> Revocations | None:
        """What the centre had revoked at the last contact; None before the first, and before the enrolment."""
        return None if self.file.centre is None else held_revocations(self.folder, self.roots)

    @property
    def centre_key(self) -> X25519PublicKey:
        return X25519PublicKey.from_public_bytes(bytes.fromhex(self.centre.hpke_public_key))

    def data_key(self, session: str) -> bytes:
        """The data key of `session`.

        Raises data_key_destroyed once the centre's receipt was kept or the session was abandoned, session_unknown for
        another hall's.
        """
        with self.database.reading() as tables:
            sessions.load(tables, session)
            wrapped = sessions.wrapped_data_key(tables, session)
        if wrapped is None:
            raise KnownError(FailureCode.DATA_KEY_DESTROYED)
        return unwrap_data_key(self.hall_key, wrapped, session)

    def must_be_permitted(self, action: Action) -> None:
        """Raises not_permitted unless the person who is logged in may do this, staff_revoked once it is known here that
        they were revoked, also for who was logged in before, and revocations_missing where the list that says so was
        here once and is no more.
        """
        must_be_permitted(self.staff.role, action)
        if self.file.centre is None:
            return
        revocations = self.revocations
        with self.database.reading() as tables:
            known = newest_known(tables)
        if known > (0 if revocations is None else revocations.number):
            raise KnownError(FailureCode.REVOCATIONS_MISSING)
        if revocations is not None and self.staff_chain.revoked_at(revocations) is not None:
            raise KnownError(FailureCode.STAFF_REVOKED)

    def audit_event(self, event: str, session: str = "", **detail: object) -> AuditEvent:
        """What the person who is logged in does now."""
        return AuditEvent(iso(self.clock.now()), self.staff.number, event, session, detail)

    def close(self) -> None:
        self.database.close()


@dataclass(frozen=True, slots=True, repr=False)
class Authenticated:
    """Somebody whose password and code were right, who may log in.

    Attributes:
        keys, knows: their secrets, and what they know of the hall from now on.
        certified: see `OpenHall`.
    """

    file: HallFile
    entry: StaffEntry
    keys: StaffKeys
    knows: StaffKeys
    hall_key: bytes
    certified: CertificateChain | None


def iso(moment: dt.datetime) -> str:
    """ISO 8601 in UTC with milliseconds: the form of every stored time."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def login(
    folder: Path,
    number: str,
    password: str,
    code: str,
    clock: Clock,
    entropy: Entropy,
    *,
    only_reads: bool = False,
) -> OpenHall:
    """Open the hall in `folder`.

    Args:
        code: of the second factor, see `hallclient.domain.totp`; each lets one login pass, but in a practice hall,
            where everybody knows the secret.
        only_reads: what another program writes keeps nobody waiting who only looks; then the login may be missing in
            the audit log, which is said.

    Raises hall_missing, input_invalid for a password that is too long to be one, login_wrong, login_locked after
    several wrong tries in a row, code_used, hall_tampered, roots_changed, staff_pending, staff_refused, staff_locked,
    staff_revoked, staff_untrusted, store_unreadable, store_read_only, store_busy, disk_full.
    """
    person = authenticate(folder, number, password, code, clock, entropy)
    hall_key = person.hall_key
    with ExitStack() as undone:
        database = opened_database(folder, folder / DATABASE, hall_key)  # only `create_hall` makes one
        undone.callback(database.close)
        with database.reading() as tables:
            must_not_be_locked(tables, number)
        key_password = device_key_password(database)
        patience_s = _READING_PATIENCE_S if only_reads else None
        person = as_held(folder, person, database, password, clock, patience_s)
        file = person.file
        hall = OpenHall(
            folder=folder,
            file=file,
            staff=person.entry.staff,
            database=database,
            vault=Vault(folder / EVIDENCE, entropy),
            hall_key=hall_key,
            device_key=_device_key(folder / DEVICE_KEY, key_password),
            device_key_password=key_password,
            staff_key=person.keys.signing,
            certified=person.certified,
            clock=clock,
            entropy=entropy,
            stamp=stamp_by(file.centre.settings.timestamps if file.centre else None, clock, entropy),
        )
        guard = LoginGuard.of(folder)
        untold = guard.untold()
        try:
            with database.transaction(patience_s) as tables:
                _note(tables, hall, untold)
                if person.knows != person.keys:
                    _remember(tables, hall, person.knows, password)
            if person.knows != person.keys:
                hall_record.publish(database, folder, patience_s)
        except KnownError as error:
            if not only_reads or error.code is not FailureCode.STORE_BUSY:
                raise
            _log.warning("a login that only reads is not in the audit log: %s", error.code)
        else:
            if untold:
                guard.told(untold)
        clear_ended(database, hall.vault)
        undone.pop_all()
    return hall


def authenticate(folder: Path, number: str, password: str, code: str, clock: Clock, entropy: Entropy) -> Authenticated:
    """Who it is, and that they may log in, by the hall's file; see `as_held`. Raises as `login`.

    A change of the hall key that was begun is carried out before, unless somebody else has the hall open.
    """
    file = hall_file.read(folder)
    entry = file.entry(number)
    guard = LoginGuard.of(folder)
    guard.begin(number, entry is not None, clock)
    keys = opened_entry(entry, password)
    if entry is None or keys is None:
        raise KnownError(FailureCode.LOGIN_WRONG)
    step = step_of(keys.totp_secret, code, clock.now())
    if step is None:
        raise KnownError(FailureCode.LOGIN_WRONG)
    hall_key = hall_key_of(entry, keys)
    hall_file.must_be_authentic(file, hall_key)
    if file.next_hall_key is not None:
        file, hall_key = _with_next_key(folder, file, hall_key, entropy)
    guard.succeed(number, None if file.practice else step)
    return _authenticated(folder, file, entry, keys, hall_key, clock)


def proven(hall: OpenHall, password: str) -> StaffKeys:
    """The secrets of who is logged in, who says their password again: a try that counts as one at a login does.

    Raises login_wrong, login_locked, input_invalid for a password that is too long to be one, and as the guard.
    """
    number = hall.staff.number
    guard = LoginGuard.of(hall.folder)
    guard.begin(number, True, hall.clock)
    with hall.database.reading() as tables:
        entry = hall_record.held(tables).entry(number)
    keys = opened_entry(entry, password)
    if keys is None:
        raise KnownError(FailureCode.LOGIN_WRONG)
    guard.succeed(number, None)
    return keys


def own_entry(hall: OpenHall, file: HallFile, keys: StaffKeys) -> StaffEntry:
    """The entry that `keys` are of. Raises login_wrong where somebody was given another login meanwhile."""
    entry = file.entry(hall.staff.number)
    if entry is None or entry.signing_key != keys.signing.public_key().public_bytes_raw().hex():
        raise KnownError(FailureCode.LOGIN_WRONG)
    return entry


def as_held(
    folder: Path,
    person: Authenticated,
    database: Database,
    password: str,
    clock: Clock,
    patience_s: float | None = None,
) -> Authenticated:
    """`person` by the hall's file that the database holds, where the one in the folder is another: an older one, which
    lets nobody in and is made good, see `hallclient.storage.hall_record`.

    Raises login_wrong for a password or a second factor that were theirs once, and as `login`.
    """
    with database.reading() as tables:
        file = hall_record.held(tables)
    if file.mac == person.file.mac:
        return person
    try:
        hall_record.publish(database, folder, patience_s)
    except KnownError as error:
        if error.code is not FailureCode.STORE_BUSY:
            raise
        _log.warning("the hall's file is not the one of its database: %s", error.code)
    entry = file.entry(person.entry.number)
    keys = opened_entry(entry, password)
    if entry is None or keys is None or keys.totp_secret != person.keys.totp_secret:
        raise KnownError(FailureCode.LOGIN_WRONG)
    return _authenticated(folder, file, entry, keys, person.hall_key, clock)


def _authenticated(
    folder: Path, file: HallFile, entry: StaffEntry, keys: StaffKeys, hall_key: bytes, clock: Clock
) -> Authenticated:
    knows = known_hall(file, keys, hall_key)
    certified = certified_staff(folder, file, entry, knows, clock.now())
    if file.centre is not None and workstation_of(from_text(file.centre.device_certificate)) != file.workstation:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{hall_file.NAME}: not the place of its certificate")
    return Authenticated(file, entry, keys, knows, hall_key, certified)


def _with_next_key(folder: Path, file: HallFile, hall_key: bytes, entropy: Entropy) -> tuple[HallFile, bytes]:
    """File and key after a change of the hall key that was begun; as they are while it cannot be carried out."""
    try:
        with opening(folder):
            return carried_out(folder, file, hall_key, folder / DATABASE, entropy)
    except KnownError as error:
        if error.code not in (FailureCode.STORE_BUSY, FailureCode.DISK_FULL):
            raise
        _log.warning("the hall key is still to be changed: %s", error.code)
        return file, hall_key


def device_key_password(database: Database) -> bytes:
    """What the device's key file is encrypted with. Raises store_unreadable."""
    with database.reading() as tables:
        row = tables.execute("SELECT value FROM setting WHERE name = ?", [DEVICE_KEY_SETTING]).fetchone()
    if row is None:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{DATABASE}: not this hall's")
    return bytes(row[0], "ascii")


def _note(tables: Tables, hall: OpenHall, untold: dict[str, LoginTries]) -> None:
    """Who logged in, and who tried to since the last login."""
    for number, tries in untold.items():
        last = iso(dt.datetime.fromtimestamp(tries.at_s, dt.UTC))
        detail = {"times": tries.untold, "last": last, "known": number != NOBODY}
        append(tables, AuditEvent(iso(hall.clock.now()), number or "system", "login_failed", "", detail))
    append(tables, hall.audit_event("logged_in", role=hall.staff.role.value))


def _remember(tables: Tables, hall: OpenHall, keys: StaffKeys, password: str) -> None:
    """Close the person's box anew: they know more about their hall than before."""
    file = hall_record.held(tables)
    entry = file.entry(hall.staff.number)
    if entry is not None:
        hall_record.keep(tables, file.with_entry(entry.with_box(keys, password, hall.entropy)), hall.hall_key)


def _device_key(path: Path, password: bytes) -> Ed25519PrivateKey:
    """Raises store_unreadable."""
    with store_failures(path):
        data = read_regular(path, _LARGEST_KEY_BYTES)
    try:
        device_key = load_pem_private_key(data, password)
    except ValueError:
        device_key = None
    if not isinstance(device_key, Ed25519PrivateKey):
        raise KnownError(FailureCode.STORE_UNREADABLE, path.name)
    return device_key
