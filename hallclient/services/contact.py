"""What each contact with the centre brings a counter besides receipts: what time it is there, revocations, and a new
certificate in time. Once a day, where the operator has chosen a timestamp service, that countersigns the audit log.
"""

import datetime as dt
import logging
import math

from cryptography import x509

from hallclient.domain.certificates import from_text, public_key_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.services.access import OpenHall
from hallclient.services.audit_checkpoint import is_checkpoint_due, take_checkpoint
from hallclient.services.staff import authentic_file, change
from hallclient.services.staff_certification import certify_pending, renew_due
from hallclient.services.staff_trust import fingerprints, must_be_known
from hallclient.storage.hall_file import HallFile
from hallclient.storage.revocations_file import held_revocations, keep_revocations, note_newest
from hallclient.sync.client import CentreClient

# An issuer that ends soon certifies for no longer than that: who is renewed then is due again at once.
_ASK_AGAIN_S = 12 * 3600.0
_CHECKPOINT_AGAIN_S = 3600.0  # after a service that did not answer

_log = logging.getLogger(__name__)


class Contact:
    """Used by the courier of a folder, which alone writes there what this brings."""

    def __init__(self, hall: OpenHall, client: CentreClient) -> None:
        self._hall, self._client = hall, client
        self._staff_asked_again_s = self._checkpoint_again_s = -math.inf

    def use(self) -> None:
        """After the centre has answered. What fails is said and tried again with the next contact: nothing waits."""
        self._hall.line.clock = self._client.clock
        for part in (
            self._fetch_revocations,
            self._renew_device,
            self._certify_staff,
            self._renew_staff,
            self._take_checkpoint,
        ):
            try:
                part()
            except KnownError as error:
                _log.warning("%s: %s", part.__name__.strip("_"), error)

    def _fetch_revocations(self) -> None:
        said = self._client.newest_list
        held = held_revocations(self._hall.folder, self._hall.roots)
        if said is None or (held is not None and held.number >= said):
            return
        if keep_revocations(self._hall.folder, self._hall.roots, self._client.revocations()):
            _log.info("revocations: list %d", said)
        with self._hall.database.transaction() as tables:
            note_newest(tables, said)

    def _renew_device(self) -> None:
        """The certificate of the open hall stays in use until the next login, and is good for that long."""
        now = self._hall.clock.now()
        if not is_due(self._hall.device_certificate, now):
            return
        file = authentic_file(self._hall)
        if file.centre is None or not is_due(from_text(file.centre.device_certificate), now):
            return
        self._keep(file, now)

    def _certify_staff(self) -> None:
        certify_pending(self._hall, self._client)

    def _renew_staff(self) -> None:
        if self._hall.clock.monotonic() < self._staff_asked_again_s:
            return
        self._staff_asked_again_s = self._hall.clock.monotonic() + _ASK_AGAIN_S
        now = self._hall.clock.now()
        renew_due(self._hall, self._client, lambda certificate: is_due(certificate, now))

    def _take_checkpoint(self) -> None:
        stamp, now_s = self._hall.stamp, self._hall.clock.monotonic()
        if stamp is None or now_s < self._checkpoint_again_s or not is_checkpoint_due(self._hall):
            return
        self._checkpoint_again_s = now_s + _CHECKPOINT_AGAIN_S
        _, taken = take_checkpoint(self._hall, stamp)
        _log.info("the audit log is countersigned up to %d", taken.audit.sequence)

    def _keep(self, file: HallFile, now: dt.datetime) -> None:
        signed = self._client.renew_device()
        enrolment = signed.verified(now, self._hall.roots)
        own = self._hall.device_key.public_key()
        certificate = enrolment.chain_of(enrolment.certificate).leaf
        if public_key_of(certificate) != own or enrolment.workstation != file.workstation:
            raise KnownError(FailureCode.ENROLMENT_DIFFERS, "the renewal is not for this device at this place")
        # The roots stay: only the root that is known introduces another, and somebody confirms it.
        centre = (file.centre or self._hall.centre).model_copy(update={"signed": signed})
        must_be_known(centre, fingerprints(self._hall.centre.roots))
        until = certificate.not_valid_after_utc.isoformat()
        change(
            self._hall,
            self._hall.audit_event("device_renewed", until=until),
            lambda held: held.model_copy(update={"centre": centre}),
        )


def is_due(certificate: x509.Certificate, now: dt.datetime) -> bool:
    """Whether two thirds of the time for which a certificate is good are over."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return now >= first + (last - first) * 2 / 3
