"""Sets up a hall, and joins it to its centre."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from hallclient.devices import Clock, Entropy
from hallclient.domain.certificate_requests import make_request, read_requests
from hallclient.domain.certificates import CertificateRole, public_key_of, to_text
from hallclient.domain.enrolment import SignedEnrolment
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.password import must_be_fit
from hallclient.domain.permissions import Action
from hallclient.domain.root_introduction import SignedIntroduction, fingerprint
from hallclient.domain.set_up_names import must_be_number, must_be_workstation
from hallclient.domain.staff import Role, Staff
from hallclient.domain.totp import SECRET_BYTES
from hallclient.regular_file import read_regular
from hallclient.services.access import (
    DATABASE,
    DEVICE_KEY,
    DEVICE_KEY_SETTING,
    REQUEST,
    ROOTS,
    OpenHall,
    iso,
    own_entry,
    proven,
)
from hallclient.services.common_passwords import common_passwords
from hallclient.services.staff_trust import chain_of, fingerprints, must_be_certified
from hallclient.storage import hall_record
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.database import Database
from hallclient.storage.durable import replacing
from hallclient.storage.hall_creation import creating
from hallclient.storage.hall_file import CentreEnrolment, HallFile, IntroducedRoot
from hallclient.storage.hall_keys import HALL_KEY_BYTES
from hallclient.storage.staff_keys import StaffEntry, entry_for, make_staff_keys
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
    certified: Callable[[bytes], CentreEnrolment] | None = None,
) -> bytes:
    """Set up an empty `folder` as a hall; returns the requests for the centre (PEM), see `certificate_requests`.

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
    certified: Callable[[bytes], CentreEnrolment] | None,
) -> bytes:
    hall_key = entropy.token(HALL_KEY_BYTES)
    device_key = Ed25519PrivateKey.from_private_bytes(entropy.token(32))
    key_password = entropy.token(32).hex().encode()
    with replacing(folder / DEVICE_KEY) as file:
        file.write(device_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(key_password)))
    people = [(person.staff, person.password, make_staff_keys(person.totp_secret, entropy)) for person in staff]
    request = make_request(device_key, device, CertificateRole.DEVICE) + b"".join(
        make_request(keys.signing, person.number, CertificateRole(person.role.value)) for person, _, keys in people
    )
    with replacing(folder / REQUEST) as file:
        file.write(request)
    centre = certified(request) if certified is not None else None
    known = fingerprints(centre.roots) if centre is not None else frozenset()
    entries = tuple(
        entry_for(person, keys.knowing(known, hall_key), password, hall_key, entropy)
        for person, password, keys in people
    )
    hall = HallFile(place=place, device=device, practice=practice, staff=entries)
    if centre is not None:
        hall = _joined(folder, hall, centre, clock)
    with closing(Database(folder / DATABASE, hall_key)) as database:
        with database.transaction() as tables:
            tables.table("setting").insert({"name": DEVICE_KEY_SETTING, "value": key_password.decode()})
            append(tables, AuditEvent(iso(clock.now()), "system", "hall_created", "", {"device": device}))
            hall_record.keep(tables, hall, hall_key)
        hall_record.publish(database, folder)  # last: a folder with a hall.json is a whole hall
    return request


def enrol(
    hall: OpenHall,
    password: str,
    centre: CentreEnrolment,
    root_sha256: str,
    introduction: SignedIntroduction | None = None,
) -> None:
    """Join the open hall to `centre`; who is logged in needs to log in again afterwards.

    Args:
        password: of the administrator who is logged in: from now on they know this centre by themselves.
        root_sha256: the root's fingerprint, as the operator told it on another way.
        introduction: the word of the root that the hall knows, for one that it does not.

    Raises not_permitted, login_wrong, login_locked, root_unconfirmed, roots_changed when the hall is another centre's,
    enrolment_differs for another place's, device's or person's certificate, centre_untrusted.
    """
    hall.must_be_permitted(Action.ENROL_HALL)
    shown = fingerprints(centre.roots)
    if {_plain(root_sha256)} != shown:
        raise KnownError(FailureCode.ROOT_UNCONFIRMED, f"root SHA-256 {said_roots(centre)}")
    keys = proven(hall, password)
    with hall.database.transaction() as tables:
        file = hall_record.held(tables)
        entry = own_entry(hall, file, keys)
        if keys.known_roots and not shown <= keys.known_roots:
            file = _with_introduction(file, hall, shown, introduction)
        known = entry.with_box(keys.knowing(keys.known_roots | shown, hall.hall_key), password, hall.entropy)
        joined = _joined(hall.folder, file.with_entry(known), centre, hall.clock)
        append(tables, hall.audit_event("hall_enrolled", centre=centre.name, root_sha256=said_roots(centre)))
        hall_record.keep(tables, joined, hall.hall_key)
    hall_record.publish(hall.database, hall.folder)


def _with_introduction(
    file: HallFile, hall: OpenHall, shown: frozenset[str], introduction: SignedIntroduction | None
) -> HallFile:
    """`file`, from which everybody learns a root that they do not know. Raises roots_changed, centre_untrusted."""
    if introduction is None or file.centre is None:
        raise KnownError(FailureCode.ROOTS_CHANGED, "the hall is another centre's")
    for old in hall.roots:
        try:
            new = introduction.introduced([old], hall.clock.now())
        except KnownError:
            continue
        if shown == {fingerprint(new)}:
            kept = IntroducedRoot(old=to_text(old), signed=introduction)
            return file.model_copy(update={"introductions": (*file.introductions, kept)})
    raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the known root did not introduce this one")


def said_roots(centre: CentreEnrolment) -> str:
    """The fingerprints of the roots that a centre shows, which a person compares."""
    return ", ".join(sorted(fingerprints(centre.roots)))


def centre_from_json(data: bytes, url: str, clock: Clock, practice_data: str | None = None) -> CentreEnrolment:
    """The centre's enrolment answer (`hallclient central enrol`) as the hall keeps it.

    Raises input_invalid, centre_untrusted for one that its own root does not vouch for.
    """
    signed = SignedEnrolment.from_json(data)
    addresses = signed.verified(clock.now()).addresses
    if addresses and url not in addresses:
        raise KnownError(FailureCode.INPUT_INVALID, "not an address of this centre")
    return CentreEnrolment(url=url, signed=signed, practice_data=practice_data)


def _joined(folder: Path, hall: HallFile, centre: CentreEnrolment, clock: Clock) -> HallFile:
    """`hall`, joined to a centre; what has to be readable without a login is written into `folder`."""
    with store_failures(folder / REQUEST):
        data = read_regular(folder / REQUEST, _LARGEST_REQUEST_BYTES)
    try:
        requested = read_requests(data)
    except KnownError:
        raise KnownError(FailureCode.STORE_UNREADABLE, REQUEST) from None
    said = centre.signed.verified(clock.now())
    device = said.chain_of(said.certificate).leaf
    if public_key_of(device) != requested.device_key or said.workstation != hall.workstation:
        raise KnownError(FailureCode.ENROLMENT_DIFFERS, "the certificate is not for this device at this place")
    # Beside the hall's file too, so that packages can be checked without a login.
    with replacing(folder / ROOTS) as file:
        file.write(centre.roots.encode())
    joined = hall.model_copy(update={"centre": centre})
    for person in said.staff:
        joined = joined.with_entry(_certified(joined, person.number, person.certificate, said.issuers, clock))
    return joined


def _certified(hall: HallFile, number: str, certificate: str, issuers: tuple[str, ...], clock: Clock) -> StaffEntry:
    """The entry of `number`, with its certificate. Raises enrolment_differs."""
    entry = hall.entry(number)
    if entry is None:
        raise KnownError(FailureCode.ENROLMENT_DIFFERS, "certifies somebody else")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry.signing_key))
    try:
        must_be_certified(chain_of(certificate, issuers), entry.staff, key, hall, clock.now())
    except KnownError:
        raise KnownError(FailureCode.ENROLMENT_DIFFERS, "certifies another key, role or hall") from None
    return entry.model_copy(update={"certificate": certificate, "issuers": issuers, "application": None})


def _plain(fingerprint: str) -> str:
    """As OpenSSL and others write it, in upper case and with colons, or without."""
    return fingerprint.replace(":", "").replace(" ", "").lower()
