"""Sets up a hall, and joins it to its centre."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
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
from hallclient.domain.documents import parse
from hallclient.domain.enrolment_request import EnrolmentRequest
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.password import must_be_fit
from hallclient.domain.permissions import Action
from hallclient.domain.set_up_names import must_be_number, must_be_workstation
from hallclient.domain.staff import Role, Staff
from hallclient.domain.staff_documents import StaffRequest, new_application
from hallclient.domain.totp import SECRET_BYTES
from hallclient.regular_file import read_regular
from hallclient.services.access import DATABASE, DEVICE_KEY, DEVICE_KEY_SETTING, REQUEST, ROOTS, OpenHall, iso
from hallclient.services.common_passwords import common_passwords
from hallclient.services.staff_trust import fingerprints
from hallclient.storage import hall_file
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.database import Database
from hallclient.storage.durable import replacing
from hallclient.storage.hall_creation import creating
from hallclient.storage.hall_file import CentreEnrolment, HallFile
from hallclient.storage.hall_keys import HALL_KEY_BYTES
from hallclient.storage.staff_keys import StaffEntry, StaffKeys, entry_for, make_staff_keys, opened_entry
from hallclient.storage.store_failures import store_failures

_LARGEST_REQUEST_BYTES = 256 * 1024  # some thousand for each person


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A member of staff with the password and the second factor that they will log in with."""

    staff: Staff
    password: str
    totp_secret: bytes

    def __repr__(self) -> str:
        return f"<NewStaff {self.staff}>"


@dataclass(frozen=True, slots=True)
class StaffCertificate:
    """What the centre says somebody is: hex of DER, issuers nearest first."""

    number: str
    certificate: str
    issuers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnrolmentAnswer:
    """The centre's answer to an `EnrolmentRequest`."""

    centre: CentreEnrolment
    staff: tuple[StaffCertificate, ...]

    @property
    def root_sha256(self) -> str:
        """The fingerprint of the centre's root, which a person confirms. Raises trust_roots_missing."""
        return ", ".join(sorted(fingerprints(self.centre.roots)))


def new_totp_secret(entropy: Entropy) -> bytes:
    return entropy.token(SECRET_BYTES)


def create_hall(
    folder: Path,
    place: Place,
    device: str,
    practice: bool,
    staff: tuple[NewStaff, ...],
    clock: Clock,
    entropy: Entropy,
    certified: Callable[[bytes], EnrolmentAnswer] | None = None,
) -> bytes:
    """Set up an empty `folder` as a hall; returns the request (canonical JSON) for the centre: see `EnrolmentRequest`.

    All of it is made, or nothing. What a creation left that was broken off is removed first.

    Args:
        staff: who comes with the hall; without `certified` one administrator, who invites the others later.
        certified: asks a centre that is at hand to certify the request; the hall is enrolled there from the beginning.

    Raises hall_exists, input_invalid for a name that is none and a password that is none, already_running while
    another one sets it up; with `certified` also what that and `enrol` raise.
    """
    must_be_workstation(Workstation(place, device))
    for person in staff:
        must_be_number("staff number", person.staff.number)
        must_be_fit(person.password, person.staff.number, common_passwords())
    if certified is None and [person.staff.role for person in staff] != [Role.ADMINISTRATOR]:
        raise KnownError(FailureCode.INPUT_INVALID, "a new hall comes with one administrator")
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
    certified: Callable[[bytes], EnrolmentAnswer] | None,
) -> bytes:
    hall_key = entropy.token(HALL_KEY_BYTES)
    device_key = Ed25519PrivateKey.from_private_bytes(entropy.token(32))
    key_password = entropy.token(32).hex().encode()
    with replacing(folder / DEVICE_KEY) as file:
        file.write(device_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(key_password)))
    people = [(person, make_staff_keys(person.totp_secret, entropy)) for person in staff]
    request = EnrolmentRequest(
        device=_device_request(device, device_key),
        staff=tuple(
            new_application(_staff_request(person.staff, keys, place.hall), keys.signing) for person, keys in people
        ),
    ).canonical()
    with replacing(folder / REQUEST) as file:
        file.write(request)
    with closing(Database(folder / DATABASE, hall_key)) as database, database.transaction() as tables:
        tables.table("setting").insert({"name": DEVICE_KEY_SETTING, "value": key_password.decode()})
        append(tables, AuditEvent(iso(clock.now()), "system", "hall_created", "", {"device": device}))
    answer = certified(request) if certified is not None else None
    known = fingerprints(answer.centre.roots) if answer is not None else frozenset()
    entries = tuple(
        entry_for(person.staff, keys.knowing(known, hall_key), person.password, hall_key, entropy)
        for person, keys in people
    )
    hall = HallFile(place=place, device=device, practice=practice, staff=entries)
    # Last: a folder with a hall.json is a whole hall.
    hall_file.write(folder, hall if answer is None else _joined(folder, hall, answer, clock), hall_key)
    return request


def enrol(hall: OpenHall, password: str, answer: EnrolmentAnswer, root_sha256: str) -> None:
    """Join the open hall to the centre that wrote `answer`; who is logged in needs to log in again afterwards.

    Args:
        password: of the administrator who is logged in: from now on they know this centre by themselves.
        root_sha256: the root's fingerprint, as the operator told it on another way.

    Raises not_permitted, login_wrong, root_unconfirmed, roots_changed when the hall is another centre's,
    enrolment_differs for another place's, device's or person's certificate, centre_untrusted for one that its own root
    did not issue.
    """
    hall.must_be_permitted(Action.ENROL_HALL)
    if _plain(root_sha256) != answer.root_sha256:
        raise KnownError(FailureCode.ROOT_UNCONFIRMED, f"root SHA-256 {answer.root_sha256}")
    with hall.database.transaction() as tables:
        file = hall_file.read(hall.folder)
        hall_file.must_be_authentic(file, hall.hall_key)
        entry = file.entry(hall.staff.number)
        keys = opened_entry(entry, password)
        if entry is None or keys is None:
            raise KnownError(FailureCode.LOGIN_WRONG)
        shown = fingerprints(answer.centre.roots)
        if keys.known_roots and not shown <= keys.known_roots:
            raise KnownError(FailureCode.ROOTS_CHANGED, "the hall is another centre's")
        known = entry.with_box(keys.knowing(shown, hall.hall_key), password, hall.entropy)
        joined = _joined(hall.folder, file.with_entry(known), answer, hall.clock)
        append(tables, hall.audit_event("hall_enrolled", centre=answer.centre.name, root_sha256=answer.root_sha256))
        hall_file.write(hall.folder, joined, hall.hall_key)


def _joined(folder: Path, hall: HallFile, answer: EnrolmentAnswer, clock: Clock) -> HallFile:
    """`hall`, joined to a centre; what has to be readable without a login is written into `folder`."""
    with store_failures(folder / REQUEST):
        data = read_regular(folder / REQUEST, _LARGEST_REQUEST_BYTES)
    request = parse(EnrolmentRequest, data)
    device = x509.load_pem_x509_csr(request.device.encode())
    certificate = from_text(answer.centre.device_certificate)
    roots = load_roots(answer.centre.roots.encode())
    if public_key_of(certificate) != device.public_key() or workstation_of(certificate) != hall.workstation:
        raise KnownError(FailureCode.ENROLMENT_DIFFERS, "the certificate is not for this device at this place")
    if not is_issued_by(certificate, roots, CertificateRole.DEVICE, clock.now()):
        raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the certificate is not its own root's")
    return hall


def _staff_request(staff: Staff, keys: StaffKeys, hall: str) -> StaffRequest:
    return StaffRequest(
        number=staff.number,
        role=staff.role,
        hall=hall,
        signing_key=keys.signing.public_key().public_bytes_raw().hex(),
        receiving_key=keys.receiving.public_key().public_bytes_raw().hex(),
        invitation=None,
    )


def _device_request(device: str, key: Ed25519PrivateKey) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, None)
    return request.public_bytes(Encoding.PEM).decode()


def _plain(fingerprint: str) -> str:
    """As OpenSSL and others write it, in upper case and with colons, or without."""
    return fingerprint.replace(":", "").replace(" ", "").lower()
