"""Takes to the centre what somebody who has joined asks for, and keeps the certificate that it answers with."""

import logging
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hallclient.domain.documents import parse
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import Action
from hallclient.domain.staff_documents import StaffApplication
from hallclient.services.access import OpenHall
from hallclient.services.staff import authentic_file, change
from hallclient.services.staff_trust import chain_of, is_certified, must_be_certified
from hallclient.storage.hall_file import HallFile
from hallclient.storage.staff_keys import StaffEntry
from hallclient.sync.client import CentreClient
from hallclient.sync.messages import StaffCertified

_ABOUT_THE_PERSON = frozenset(
    {FailureCode.CENTRE_REFUSED_RECORD, FailureCode.EVIDENCE_DAMAGED, FailureCode.STAFF_UNTRUSTED}
)

_log = logging.getLogger(__name__)


def certify_pending(hall: OpenHall, client: CentreClient) -> list[str]:
    """Have everybody certified who waits for it; the staff numbers of those who may log in now.

    A person whom the centre refuses keeps nobody else waiting, and is said in the log.

    Raises what says something about the centre or this computer: centre_unreachable and its like, store_busy.
    """
    hall.must_be_permitted(Action.CERTIFY_STAFF)
    certified = []
    for entry in authentic_file(hall).staff:
        if entry.application is None:
            continue
        try:
            _certify(hall, client, entry, parse(StaffApplication, entry.application.encode()))
        except KnownError as error:
            if error.code not in _ABOUT_THE_PERSON:
                raise
            _log.warning("somebody's login is not certified: %s", error)
            if error.code is FailureCode.CENTRE_REFUSED_RECORD and not entry.refused:
                _note_refusal(hall, entry)
        else:
            certified.append(entry.number)
    return certified


def renew_due(hall: OpenHall, client: CentreClient, is_due: Callable[[x509.Certificate], bool]) -> list[str]:
    """Another certificate for everybody whose own is good for not much longer, or hangs on an earlier root; the staff
    numbers.

    Who is refused goes on with the one that they have, while it is good. Raises as `certify_pending`.
    """
    renewed = []
    file = authentic_file(hall)
    for entry in file.staff:
        if entry.certificate is None:
            continue
        chain = chain_of(entry.certificate, entry.issuers)
        if not is_due(chain.leaf) and is_certified(chain, entry.staff, file, hall.clock.now()):
            continue
        try:
            _keep(hall, entry, client.renew_staff(entry.certificate), "staff_renewed")
        except KnownError as error:
            if error.code not in _ABOUT_THE_PERSON:
                raise
            _log.warning("somebody's certificate is not renewed: %s", error)
        else:
            renewed.append(entry.number)
    return renewed


def _certify(hall: OpenHall, client: CentreClient, entry: StaffEntry, application: StaffApplication) -> None:
    _keep(hall, entry, client.certify_staff(application), "staff_certified")


def _note_refusal(hall: OpenHall, entry: StaffEntry) -> None:
    """The person is told so, and an administrator may invite them again; what they asked for is still asked for."""

    def changed(file: HallFile) -> HallFile:
        held = file.entry(entry.number)
        if held is None or held.application != entry.application:
            return file
        return file.with_entry(held.model_copy(update={"refused": True}))

    change(hall, hall.audit_event("staff_refused", number=entry.number), changed)


def _keep(hall: OpenHall, entry: StaffEntry, answer: StaffCertified, event: str) -> None:
    """Raises staff_untrusted for a certificate that is not this person's."""
    chain = chain_of(answer.certificate, answer.issuers)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry.signing_key))

    def changed(file: HallFile) -> HallFile:
        held = file.entry(entry.number)
        if held is None or held.signing_key != entry.signing_key:  # invited again meanwhile
            return file
        must_be_certified(chain, entry.staff, key, file, hall.clock.now())
        certificate = {
            "certificate": answer.certificate,
            "issuers": answer.issuers,
            "application": None,
            "refused": False,
        }
        return file.with_entry(held.model_copy(update=certificate))

    change(hall, hall.audit_event(event, number=entry.number), changed)
