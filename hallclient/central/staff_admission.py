"""Certifies people whom an administrator of their hall has invited; and gives its word where one is not enough."""

import datetime as dt
from threading import Lock

from cryptography import x509

from hallclient.central.certificate_register import CertificateRegister, Named, Used
from hallclient.central.certifying import Certifying
from hallclient.central.keys import CentreKeys
from hallclient.central.messages import StaffCertified
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificates import (
    STAFF_ROLES,
    CertificateChain,
    CertificateRole,
    halls_of,
    name_of,
    public_key_of,
    role_of,
)
from hallclient.domain.documents import Verdict, examine, sign
from hallclient.domain.failures import KnownError
from hallclient.domain.set_up_names import must_be_name, must_be_number
from hallclient.domain.staff_documents import (
    DELIVERY_TIME,
    INVITATION,
    Endorsement,
    Invitation,
    StaffApplication,
    must_be_own,
)
from hallclient.domain.staff_word import STAFF_WORD, WORD_TIME, SignedWord, StaffWord


class StaffAdmission:
    """Used by `Centre`, from any thread."""

    def __init__(
        self,
        keys: CentreKeys,
        register: CertificateRegister,
        certifying: Certifying,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._keys, self._register, self._certifying = keys, register, certifying
        self._clock, self._entropy = clock, entropy
        self._turn = Lock()  # an invitation that comes twice at once is used once

    def certify(self, hall: str, application: StaffApplication) -> StaffCertified:
        """A certificate for who asks from a counter of `hall`; the same answer to the same application.

        Refuses: staff_refused, staff_number_taken.
        """
        with self._turn:
            used = self._register.used(application.invitation.id)
            if used is not None and used.application == application.sha256:
                return StaffCertified.model_validate_json(used.answer)
            self._examine(hall, application, used)
            return self._certified(application)

    def renew(self, hall: str, certificate: str) -> StaffCertified:
        """The same person, key and halls for longer, while the certificate is good and for `hall`.

        Refuses: staff_refused.
        """
        try:
            leaf = CertificateChain.from_texts(certificate, ()).leaf
            role = role_of(leaf)
            good = (
                role in STAFF_ROLES
                and hall in halls_of(leaf)
                and self._is_good(self._keys.chain_of(leaf), role, self._clock.now())
            )
        except KnownError:
            good = False
        if not good or role is None:
            raise RefusalError(RefusalCode.STAFF_REFUSED, "not the good certificate of somebody of this hall")
        chain = self._certifying.renew_staff(leaf, role)
        return _answer(chain)

    def word(self, number: str, hall: str) -> SignedWord:
        """The centre's leave for one administrator, see `StaffWord`. Raises input_invalid."""
        must_be_number("staff number", number)
        must_be_name("hall", hall)
        certificate, issuers = self._keys.receipt.to_texts()
        word = StaffWord(
            id=self._entropy.token(16).hex(),
            number=number,
            hall=hall,
            until=(self._clock.now() + WORD_TIME).isoformat(),
            certificate=certificate,
            issuers=issuers,
        )
        return SignedWord(word=word, signature=sign(self._keys.receipt_key, STAFF_WORD, word.canonical()).hex())

    def _examine(self, hall: str, application: StaffApplication, used: Used | None) -> None:
        invitation, now = application.invitation, self._clock.now()
        try:
            must_be_own(application)
        except KnownError as error:
            raise RefusalError(RefusalCode.STAFF_REFUSED, error.detail) from None
        if used is not None:
            raise RefusalError(RefusalCode.STAFF_REFUSED, "the invitation was used")
        if invitation.hall != hall:
            raise RefusalError(RefusalCode.STAFF_REFUSED, "an invitation to another hall")
        joined_at = _joined_at(application)
        if not (invitation.holds_at(joined_at) and invitation.holds_at(now - DELIVERY_TIME)):
            raise RefusalError(RefusalCode.STAFF_REFUSED, "the invitation's time is over")
        endorsers = {self._endorser(invitation, one, now) for one in application.endorsements}
        if not endorsers:
            raise RefusalError(RefusalCode.STAFF_REFUSED, "nobody invited")
        if invitation.needs_two and len(endorsers - {invitation.number}) < 2:
            self._examine_word(application, joined_at, now)
        people = self._register.people(invitation.number)
        if any(role != invitation.role.value for role, _ in people) or (people and not invitation.replaces):
            raise RefusalError(RefusalCode.STAFF_NUMBER_TAKEN, "somebody has this staff number")
        if people and not any(hall in halls for _, halls in people):
            # They had a login here, and lost it when another hall of theirs gave them a new one: the centre knows.
            if not self._register.knew(invitation.number, hall) or application.word is None:
                raise RefusalError(RefusalCode.STAFF_NUMBER_TAKEN, "somebody of another hall has this staff number")
            self._examine_word(application, joined_at, now)

    def _endorser(self, invitation: Invitation, endorsement: Endorsement, now: dt.datetime) -> str:
        """The number of the administrator of the invitation's hall who signed it."""
        try:
            chain = self._keys.chain_of(CertificateChain.from_texts(endorsement.certificate, ()).leaf)
            good = (
                self._is_good(chain, CertificateRole.ADMINISTRATOR, now)
                and invitation.hall in halls_of(chain.leaf)
                and _holds(chain.leaf, INVITATION, invitation.canonical(), endorsement.signature)
            )
        except KnownError:
            good = False
        if not good:
            raise RefusalError(RefusalCode.STAFF_REFUSED, "not invited by an administrator of the hall")
        return name_of(chain.leaf)

    def _examine_word(self, application: StaffApplication, joined_at: dt.datetime, now: dt.datetime) -> None:
        signed, invitation = application.word, application.invitation
        if signed is None:
            raise RefusalError(RefusalCode.STAFF_REFUSED, "needs a second administrator, or the centre's word")
        word = signed.word
        try:
            chain = self._keys.chain_of(CertificateChain.from_texts(word.certificate, ()).leaf)
            good = (
                self._is_good(chain, CertificateRole.RECEIPT, now)
                and _holds(chain.leaf, STAFF_WORD, word.canonical(), signed.signature)
                and (word.number, word.hall) == (invitation.number, invitation.hall)
                and word.holds_at(joined_at)
                and word.holds_at(now - DELIVERY_TIME)
            )
        except KnownError:
            good = False
        if not good or self._register.used(word.id) is not None:
            raise RefusalError(RefusalCode.STAFF_REFUSED, "the word is not the centre's, or was used, or is over")

    def _is_good(self, chain: CertificateChain, role: CertificateRole, now: dt.datetime) -> bool:
        return chain.is_issued_for(role, self._keys.roots, now, self._certifying.revocations())

    def _certified(self, application: StaffApplication) -> StaffCertified:
        request, invitation = application.request, application.invitation
        # In this hall alone: who invited, and the centre's word, spoke of no other. A new key is another hall's when
        # that hall has invited its person again.
        earlier = Named(STAFF_ROLES, invitation.number, invitation.hall) if invitation.replaces else None
        identities = (invitation.id, *(() if application.word is None else (application.word.word.id,)))

        def used(chain: CertificateChain) -> Used:
            return Used(identities, application.sha256, _answer(chain).model_dump_json())

        try:
            chain = self._certifying.certify_staff(
                request.number,
                CertificateRole(request.role.value),
                (invitation.hall,),
                request.public_key,
                replaces=earlier,
                used=used,
            )
        except (KnownError, ValueError) as error:
            raise RefusalError(RefusalCode.STAFF_REFUSED, type(error).__name__) from None
        return _answer(chain)


def _answer(chain: CertificateChain) -> StaffCertified:
    certificate, issuers = chain.to_texts()
    return StaffCertified(certificate=certificate, issuers=list(issuers))


def _joined_at(application: StaffApplication) -> dt.datetime:
    """When its person says that they joined."""
    try:
        joined_at = dt.datetime.fromisoformat(application.request.joined_at)
    except ValueError:
        joined_at = None
    if joined_at is None or joined_at.tzinfo is None:
        raise RefusalError(RefusalCode.STAFF_REFUSED, "no time of joining")
    return joined_at


def _holds(certificate: x509.Certificate, purpose: str, data: bytes, signature: str) -> bool:
    return examine(public_key_of(certificate), purpose, data, bytes.fromhex(signature)) is Verdict.HOLDS
