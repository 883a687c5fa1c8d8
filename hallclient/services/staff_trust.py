"""What one person may believe about their hall: by the centre's signature, under roots that they know by themselves."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hallclient.domain.certificates import (
    CertificateChain,
    CertificateRole,
    from_text,
    halls_of,
    load_roots,
    name_of,
    public_key_of,
)
from hallclient.domain.documents import Document, Verdict, examine, sign
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.root_introduction import fingerprint
from hallclient.domain.staff import Role, Staff
from hallclient.domain.staff_documents import HALL_KEY_ROTATION, Endorsement
from hallclient.storage.hall_file import CentreEnrolment, HallFile, SignedRotation
from hallclient.storage.hall_keys import hall_key_id
from hallclient.storage.revocations_file import held_revocations
from hallclient.storage.staff_keys import StaffEntry, StaffKeys

if TYPE_CHECKING:
    from hallclient.services.access import OpenHall

_MOST_ROTATIONS = 1000  # of a hall's key in its life


def fingerprints(roots_pem: str) -> frozenset[str]:
    """Of each root in a PEM text. Raises trust_roots_missing."""
    return frozenset(map(fingerprint, load_roots(roots_pem.encode())))


def known_hall(file: HallFile, keys: StaffKeys, hall_key: bytes) -> StaffKeys:
    """`keys`, with what follows from them by signed words: a known root's, that there is another one, and an
    administrator's, that the hall key is another one now.

    Raises roots_changed, centre_untrusted, hall_tampered.
    """
    known = keys.known_roots
    if file.centre is not None:
        known = _introduced(file, known)
        must_be_known(file.centre, known)
    current = hall_key_id(hall_key)
    if keys.hall_key_id != current:
        _must_follow(file, keys, current)
    return keys.knowing(known, hall_key)


def _introduced(file: HallFile, known: frozenset[str]) -> frozenset[str]:
    """The roots that are known, and those that one of them introduced: in the order in which they came."""
    for one in file.introductions:
        try:
            old = from_text(one.old)
            if fingerprint(old) in known:
                known |= {fingerprint(one.signed.introduced([old], one.signed.said_at))}
        except KnownError:  # somebody wrote nonsense there: then nothing is introduced by it
            continue
    return known


def must_be_known(centre: CentreEnrolment, known_roots: Iterable[str]) -> None:
    """Raises roots_changed for a centre of other roots, centre_untrusted for words that theirs did not sign."""
    known = frozenset(known_roots)
    said = centre.said
    try:
        roots = said.root_certificates()
        issued_at = dt.datetime.fromisoformat(said.issued_at)
    except (KnownError, ValueError):
        raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the enrolment does not hold") from None
    if not frozenset(map(fingerprint, roots)) <= known:
        raise KnownError(FailureCode.ROOTS_CHANGED)
    centre.signed.verified(issued_at, roots)


def certified_staff(
    folder: Path, file: HallFile, entry: StaffEntry, keys: StaffKeys, at: dt.datetime
) -> CertificateChain | None:
    """The person's certificate, good for their role in this hall; None for the administrator of one not enrolled yet.

    Until the centre has renewed it, it may still hang on a root that introduced today's: one that `keys` know.

    Raises staff_locked, staff_pending, staff_refused, staff_revoked, staff_untrusted; hall_missing for others before
    the enrolment.
    """
    if entry.locked:
        raise KnownError(FailureCode.STAFF_LOCKED)
    if file.centre is None:
        if entry.role is not Role.ADMINISTRATOR:
            raise KnownError(FailureCode.HALL_MISSING, "the hall is not enrolled at a centre")
        return None
    if entry.certificate is None:
        raise KnownError(FailureCode.STAFF_REFUSED if entry.refused else FailureCode.STAFF_PENDING)
    chain = chain_of(entry.certificate, entry.issuers)
    must_be_certified(chain, entry.staff, keys.signing.public_key(), file, at, keys.known_roots)
    revocations = held_revocations(folder, load_roots(file.centre.roots.encode()))
    if revocations is not None and chain.revoked_at(revocations) is not None:
        raise KnownError(FailureCode.STAFF_REVOKED)
    return chain


def must_be_certified(
    chain: CertificateChain,
    staff: Staff,
    signing_key: Ed25519PublicKey,
    file: HallFile,
    at: dt.datetime,
    known_roots: frozenset[str] = frozenset(),
) -> None:
    """Raises staff_untrusted unless `chain` says that `signing_key` is of `staff`, who may work here at `at`."""
    if (
        file.centre is None
        or not is_certified(chain, staff, file, at, known_roots)
        or public_key_of(chain.leaf) != signing_key
    ):
        raise KnownError(FailureCode.STAFF_UNTRUSTED)


def is_certified(
    chain: CertificateChain,
    staff: Staff,
    file: HallFile,
    at: dt.datetime,
    known_roots: frozenset[str] = frozenset(),
) -> bool:
    """Whether the hall's centre says so; revoked or not.

    `known_roots` are fingerprints: a root that introduced today's counts, too, where it is among them. The file alone
    could name anybody's.
    """
    if file.centre is None:
        return False
    roots = load_roots(file.centre.roots.encode())
    roots += [old for one in file.introductions if fingerprint(old := from_text(one.old)) in known_roots]
    return (
        chain.is_issued_for(CertificateRole(staff.role.value), roots, at)
        and name_of(chain.leaf) == staff.number
        and file.place.hall in halls_of(chain.leaf)
    )


def chain_of(certificate: str, issuers: Iterable[str]) -> CertificateChain:
    """Raises staff_untrusted for what is no certificate."""
    try:
        return CertificateChain.from_texts(certificate, issuers)
    except KnownError:
        raise KnownError(FailureCode.STAFF_UNTRUSTED, "a certificate that cannot be read") from None


def endorsement(hall: "OpenHall", purpose: str, data: bytes) -> Endorsement:
    """The signature of who is logged in. Raises hall_missing before the hall was enrolled."""
    certificate, issuers = hall.staff_chain.to_texts()
    signature = sign(hall.staff_key, purpose, data).hex()
    return Endorsement(certificate=certificate, issuers=issuers, signature=signature)


def _must_follow(file: HallFile, keys: StaffKeys, current: str) -> None:
    """Raises hall_tampered unless administrators' words lead from the hall key that the person knows to this one."""
    following = {signed.rotation.previous: signed for signed in file.rotations[-_MOST_ROTATIONS:]}
    known = keys.hall_key_id
    for _ in range(len(following)):
        signed = following.get(known)
        if signed is None or not _is_an_administrators(signed, file, keys.known_roots):
            break
        known = signed.rotation.next
        if known == current:
            return
    raise KnownError(FailureCode.HALL_TAMPERED, "another hall key, and no administrator's word for it")


def _is_an_administrators(signed: SignedRotation, file: HallFile, known_roots: frozenset[str]) -> bool:
    at = dt.datetime.fromisoformat(signed.rotation.at)
    return signed.rotation.hall == file.place.hall and _endorses(
        signed.endorsement, HALL_KEY_ROTATION, signed.rotation, file, at, known_roots
    )


def _endorses(
    endorsed: Endorsement,
    purpose: str,
    document: Document,
    file: HallFile,
    at: dt.datetime,
    known_roots: frozenset[str],
) -> bool:
    chain = chain_of(endorsed.certificate, endorsed.issuers)
    by = Staff(name_of(chain.leaf), Role.ADMINISTRATOR)
    if not is_certified(chain, by, file, at, known_roots):
        return False
    data, signature = document.canonical(), bytes.fromhex(endorsed.signature)
    return examine(public_key_of(chain.leaf), purpose, data, signature) is Verdict.HOLDS
