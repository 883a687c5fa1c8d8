"""Somebody's first day: with the one-time code of their invitation they choose a password and get a second factor."""

from contextlib import closing
from pathlib import Path

from hallclient.devices import Clock, Entropy
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.password import must_be_fit
from hallclient.domain.staff import Staff
from hallclient.domain.staff_documents import JoinRequest, make_application
from hallclient.domain.totp import SECRET_BYTES, provisioning_uri, step_of
from hallclient.services.access import DATABASE, iso
from hallclient.services.common_passwords import common_passwords
from hallclient.services.staff import plain_code
from hallclient.services.staff_trust import known_hall
from hallclient.storage import hall_file, hall_record
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.hall_file import HallFile, OpenInvitation
from hallclient.storage.next_hall_key import opened_database
from hallclient.storage.staff_keys import StaffKeys, entry_for, hall_key_of, make_staff_keys, opened_entry
from hallclient.storage.tables import Tables


class Joining:
    """An invitation that somebody has opened. Nothing is written before `finish`.

    Attributes:
        staff: who they will be.
        totp_secret, totp_uri: of their second factor, for their authenticator; shown once.
    """

    def __init__(self, folder: Path, number: str, code: str, clock: Clock, entropy: Entropy) -> None:
        """Open the invitation of `number` in the hall in `folder`.

        Raises hall_missing, invitation_invalid, the same for a wrong code and a number that nobody invited,
        hall_tampered, roots_changed.
        """
        self._folder, self._clock, self._entropy = folder, clock, entropy
        file = hall_file.read(folder)
        opened = next((one for one in file.invitations if one.invitation.number == number), None)
        one_time = opened_entry(opened.entry if opened else None, plain_code(code).decode())
        if opened is None or one_time is None:
            raise KnownError(FailureCode.INVITATION_INVALID)
        self._hall_key = hall_key_of(opened.entry, one_time)
        self._one_time = self._checked(file, opened, one_time)
        self.staff = opened.invitation.staff
        self.totp_secret = entropy.token(SECRET_BYTES)
        self.totp_uri = provisioning_uri(self.totp_secret, number, file.place.hall)

    def __repr__(self) -> str:
        return f"<Joining {self.staff}>"

    def must_take(self, password: str) -> None:
        """Raises input_invalid for a password that nobody may choose: before the second factor is shown."""
        must_be_fit(password, self.staff.number, common_passwords())

    def finish(self, password: str, totp_code: str) -> Staff:
        """Make the login. It waits for the centre to certify it, see `hallclient.services.staff_certification`.

        Args:
            totp_code: what the person's authenticator shows now: it has the secret, and the clocks agree.

        Raises input_invalid for a password that nobody may choose, login_wrong for a wrong code,
        invitation_invalid when the invitation was used or taken back meanwhile.
        """
        self.must_take(password)
        if step_of(self.totp_secret, totp_code, self._clock.now()) is None:
            raise KnownError(FailureCode.LOGIN_WRONG, "the code of the second factor")
        with closing(opened_database(self._folder, self._folder / DATABASE, self._hall_key)) as database:
            with database.transaction() as tables:
                self._join(tables, password)
            hall_record.publish(database, self._folder)
        return self.staff

    def _join(self, tables: Tables, password: str) -> None:
        file = hall_record.held(tables)
        opened = next((one for one in file.invitations if one.invitation.staff == self.staff), None)
        if opened is None or opened.entry.signing_key != self._signing_key:
            raise KnownError(FailureCode.INVITATION_INVALID, "used or taken back")
        self._checked(file, opened, self._one_time)
        hall_record.keep(tables, self._joined(file, opened, password), self._hall_key)
        append(tables, AuditEvent(iso(self._clock.now()), self.staff.number, "staff_joined", "", {}))

    @property
    def _signing_key(self) -> str:
        return self._one_time.signing.public_key().public_bytes_raw().hex()

    def _joined(self, file: HallFile, opened: OpenInvitation, password: str) -> HallFile:
        keys = make_staff_keys(self.totp_secret, self._entropy)
        keys = keys.knowing(self._one_time.known_roots, self._hall_key)
        entry = entry_for(self.staff, keys, password, self._hall_key, self._entropy)
        request = JoinRequest(
            number=self.staff.number,
            role=self.staff.role,
            hall=file.place.hall,
            signing_key=entry.signing_key,
            receiving_key=entry.receiving_key,
            invitation=opened.invitation.sha256,
            joined_at=iso(self._clock.now()),
        )
        application = make_application(
            request, keys.signing, opened.invitation, self._one_time.signing, opened.endorsements, opened.word
        )
        applying = entry.model_copy(update={"application": application.canonical().decode()})
        left = tuple(one for one in file.invitations if one.invitation.number != self.staff.number)
        return file.with_entry(applying).model_copy(update={"invitations": left})

    def _checked(self, file: HallFile, opened: OpenInvitation, one_time: StaffKeys) -> StaffKeys:
        """The invitation's keys, knowing the hall as it is. Raises hall_tampered, roots_changed, invitation_invalid."""
        hall_file.must_be_authentic(file, self._hall_key)
        if not opened.invitation.holds_at(self._clock.now()):
            raise KnownError(FailureCode.INVITATION_INVALID, "its time is over")
        return known_hall(file, one_time, self._hall_key)
