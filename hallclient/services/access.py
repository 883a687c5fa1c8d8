"""Sets up a hall, joins it to its centre, and opens it for a member of staff."""

import datetime as dt
import json
import logging
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from hallclient.devices import Clock, Entropy
from hallclient.domain.certificates import (
    CertificateRole,
    from_text,
    is_issued_by,
    load_roots,
    public_key_of,
    to_text,
    workstation_of,
)
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.set_up_names import must_be_number, must_be_workstation
from hallclient.domain.staff import Staff
from hallclient.domain.timestamp import Stamp
from hallclient.regular_file import read_regular
from hallclient.services.centre_line import CentreLine
from hallclient.services.clearing import clear_ended
from hallclient.services.events import Events
from hallclient.services.login_guard import LoginGuard
from hallclient.services.timestamps import stamp_by
from hallclient.storage import hall_file, sessions
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.database import Database
from hallclient.storage.durable import replacing
from hallclient.storage.hall_creation import creating
from hallclient.storage.hall_file import CentreEnrolment, HallFile
from hallclient.storage.hall_keys import HALL_KEY_BYTES, StaffWrap, unwrap_data_key, unwrap_for_staff, wrap_for_staff
from hallclient.storage.store_failures import store_failures
from hallclient.storage.vault import Vault

DATABASE, EVIDENCE = "store.db", "evidence"
DEVICE_KEY, REQUEST, ROOTS = "device.key", "device.csr", "roots.pem"
_PASSWORD_SETTING = "device_key_password"  # noqa: S105  # the name of a setting, not a password
MIN_PASSWORD_LENGTH = 8
_READING_PATIENCE_S = 0.5  # for what another program writes: a commit takes milliseconds
_LARGEST_KEY_BYTES = 64 * 1024  # a key or a request in PEM has some hundred

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A member of staff with the password that they will log in with."""

    staff: Staff
    password: str

    def __repr__(self) -> str:
        return f"<NewStaff {self.staff}>"


@dataclass(frozen=True, slots=True)
class OpenHall:
    """A hall after somebody has logged in: its keys are in memory, its database is open.

    Attributes:
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
    def device_certificate(self) -> x509.Certificate:
        return from_text(self.centre.device_certificate)

    @property
    def roots(self) -> list[x509.Certificate]:
        return load_roots(self.centre.roots.encode())

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

    def audit_event(self, event: str, session: str = "", **detail: object) -> AuditEvent:
        """What the person who is logged in does now."""
        return AuditEvent(iso(self.clock.now()), self.staff.number, event, session, detail)

    def close(self) -> None:
        self.database.close()


def iso(moment: dt.datetime) -> str:
    """ISO 8601 in UTC with milliseconds: the form of every stored time."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def create_hall(
    folder: Path,
    place: Place,
    device: str,
    practice: bool,
    staff: tuple[NewStaff, ...],
    clock: Clock,
    entropy: Entropy,
    certified: Callable[[bytes], CentreEnrolment] | None = None,
) -> bytes:
    """Set up an empty `folder` as a hall; returns the device's certificate request (PEM), for the centre to certify.

    All of it is made, or nothing. What a creation left that was broken off is removed first.

    Args:
        certified: asks a centre that is at hand to certify the request; the hall is enrolled there from the beginning.

    Raises hall_exists, input_invalid for a name that is none and a password shorter than `MIN_PASSWORD_LENGTH`,
    already_running while another one sets it up; with `certified` also what that and `enrol` raise.
    """
    must_be_workstation(Workstation(place, device))
    for person in staff:
        _must_be_fit(person)
    with creating(folder, frozenset({DEVICE_KEY, REQUEST, ROOTS, DATABASE})):
        return _create(folder, place, device, practice, staff, clock, entropy, certified)


def _create(
    folder: Path,
    place: Place,
    device: str,
    practice: bool,
    staff: tuple[NewStaff, ...],
    clock: Clock,
    entropy: Entropy,
    certified: Callable[[bytes], CentreEnrolment] | None,
) -> bytes:
    hall_key = entropy.token(HALL_KEY_BYTES)
    device_key = Ed25519PrivateKey.from_private_bytes(entropy.token(32))
    key_password = entropy.token(32).hex().encode()
    with replacing(folder / DEVICE_KEY) as file:
        file.write(device_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(key_password)))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(device_key, None)
    request_pem = request.public_bytes(Encoding.PEM)
    with replacing(folder / REQUEST) as file:
        file.write(request_pem)
    with closing(Database(folder / DATABASE, hall_key)) as database, database.transaction() as tables:
        tables.table("setting").insert({"name": _PASSWORD_SETTING, "value": key_password.decode()})
        append(tables, AuditEvent(iso(clock.now()), "system", "hall_created", "", {"device": device}))
    wraps = tuple(wrap_for_staff(hall_key, person.staff, person.password, entropy) for person in staff)
    hall = HallFile(place=place, device=device, practice=practice, staff=wraps)
    # Last: a folder with a hall.json is a whole hall.
    if certified is None:
        hall_file.write(folder, hall)
    else:
        _join(folder, hall, certified(request_pem), clock)
    return request_pem


def add_staff(hall: OpenHall, person: NewStaff) -> None:
    """Give another person a login. Raises input_invalid when the number is taken or none, or the password too short."""
    _must_be_fit(person)
    file = hall_file.read(hall.folder)
    if any(wrap.number == person.staff.number for wrap in file.staff):
        raise KnownError(FailureCode.INPUT_INVALID, "this staff number exists")
    wrap: StaffWrap = wrap_for_staff(hall.hall_key, person.staff, person.password, hall.entropy)
    with hall.database.transaction() as tables:
        append(tables, hall.audit_event("staff_added", number=person.staff.number, role=person.staff.role.value))
    hall_file.write(hall.folder, HallFile.model_validate({**dict(file), "staff": (*file.staff, wrap)}))


def _must_be_fit(person: NewStaff) -> None:
    must_be_number("staff number", person.staff.number)
    if len(person.password) < MIN_PASSWORD_LENGTH:
        raise KnownError(FailureCode.INPUT_INVALID, f"a password has at least {MIN_PASSWORD_LENGTH} characters")


def enrol(folder: Path, centre: CentreEnrolment, clock: Clock) -> None:
    """Join the hall to `centre`.

    Raises hall_missing, enrolment_differs for another place's or device's certificate, centre_untrusted for one that
    its own root did not issue.
    """
    _join(folder, hall_file.read(folder), centre, clock)


def _join(folder: Path, hall: HallFile, centre: CentreEnrolment, clock: Clock) -> None:
    """Write `hall` into `folder`, joined to `centre`."""
    with store_failures(folder / REQUEST):
        request_pem = read_regular(folder / REQUEST, _LARGEST_KEY_BYTES)
    try:
        request = x509.load_pem_x509_csr(request_pem)
    except ValueError:
        raise KnownError(FailureCode.STORE_UNREADABLE, REQUEST) from None
    certificate = from_text(centre.device_certificate)
    roots = load_roots(centre.roots.encode())
    if public_key_of(certificate) != request.public_key() or workstation_of(certificate) != hall.workstation:
        raise KnownError(FailureCode.ENROLMENT_DIFFERS, "the certificate is not for this device at this place")
    if not is_issued_by(certificate, roots, CertificateRole.DEVICE, clock.now()):
        raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the certificate is not its own root's")
    # Beside the hall's file too, so that packages can be checked without a login.
    with replacing(folder / ROOTS) as file:
        file.write(centre.roots.encode())
    hall_file.write(folder, HallFile.model_validate({**dict(hall), "centre": centre}))


def login(
    folder: Path, number: str, password: str, clock: Clock, entropy: Entropy, *, only_reads: bool = False
) -> OpenHall:
    """Open the hall in `folder`.

    Args:
        only_reads: what another program writes keeps nobody waiting who only looks; then the login may be missing in
            the audit log, which is said.

    Raises hall_missing, login_wrong, login_locked after several wrong passwords in a row, store_unreadable,
    store_read_only, store_busy, disk_full.
    """
    file = hall_file.read(folder)
    guard = LoginGuard.of(folder)
    guard.begin(number, any(wrap.number == number for wrap in file.staff), clock)
    staff, hall_key = unwrap_for_staff(file.staff, number, password)
    guard.succeed(number)
    if file.centre is not None and workstation_of(from_text(file.centre.device_certificate)) != file.workstation:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{hall_file.NAME}: not the place of its certificate")
    with ExitStack() as undone:
        database = Database(folder / DATABASE, hall_key, must_exist=True)  # only `create_hall` makes one
        undone.callback(database.close)
        with database.reading() as tables:
            row = tables.execute("SELECT value FROM setting WHERE name = ?", [_PASSWORD_SETTING]).fetchone()
        if row is None:
            raise KnownError(FailureCode.STORE_UNREADABLE, f"{DATABASE}: not this hall's")
        key_password = row[0].encode()
        hall = OpenHall(
            folder=folder,
            file=file,
            staff=staff,
            database=database,
            vault=Vault(folder / EVIDENCE, entropy),
            hall_key=hall_key,
            device_key=_device_key(folder / DEVICE_KEY, key_password),
            device_key_password=key_password,
            clock=clock,
            entropy=entropy,
            stamp=stamp_by(file.centre.timestamps if file.centre else None, clock, entropy),
        )
        try:
            with database.transaction(_READING_PATIENCE_S if only_reads else None) as tables:
                append(tables, hall.audit_event("logged_in", role=staff.role.value))
        except KnownError as error:
            if not only_reads or error.code is not FailureCode.STORE_BUSY:
                raise
            _log.warning("a login that only reads is not in the audit log: %s", error.code)
        clear_ended(database, hall.vault)
        undone.pop_all()
    return hall


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


def centre_from_json(data: bytes, url: str, practice_data: str | None = None) -> CentreEnrolment:
    """The centre's enrolment answer (`hallclient central enrol`) as the hall keeps it. Raises input_invalid."""
    try:
        values = json.loads(data)
        return CentreEnrolment(
            name=values["centre"],
            url=url,
            hpke_public_key=values["centre_key"],
            device_certificate=to_text(x509.load_pem_x509_certificate(values["certificate_pem"].encode())),
            roots=values["root_pem"],
            practice_data=practice_data,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KnownError(FailureCode.INPUT_INVALID, "not an enrolment") from None
