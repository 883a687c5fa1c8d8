"""Takes one package after the other out of the outbox to the centre, and keeps what the centre answered."""

from collections.abc import Callable
from dataclasses import dataclass

from hallclient.devices import Clock
from hallclient.domain.delivery import retry_delay_s
from hallclient.domain.evidence import RECEIPT, Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage import deliveries, sessions
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.database import Database
from hallclient.storage.deliveries import Leased
from hallclient.storage.vault import Vault
from hallclient.sync.client import CentreClient, SignedReceipt

# This one record is bad: it is set aside and the others go on. Everything else stops the courier: the centre refuses
# everybody, or nobody can reach it.
_BAD_RECORD = frozenset({FailureCode.CENTRE_REFUSED_RECORD, FailureCode.EVIDENCE_DAMAGED})


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one package: its outcome, or the failure that set it aside."""

    session: str
    outcome: Outcome | None
    failure: FailureCode | None


class Courier:
    """Delivers. Used from one thread at a time; the outbox itself may have several couriers."""

    def __init__(
        self, database: Database, vault: Vault, client: CentreClient, clock: Clock, jitter: Callable[[], float]
    ) -> None:
        """`jitter` gives random numbers evenly spread over 0 to 1."""
        self._database = database
        self._vault = vault
        self._client = client
        self._clock = clock
        self._jitter = jitter

    def deliver_next(self) -> Delivered | None:
        """Deliver the next package that is due; None when none is.

        Raises centre_unreachable, centre_failed, centre_refused_device, centre_untrusted: it stays in the outbox with
        a later time, and there is no point in going on now.
        """
        now_s = self._clock.now().timestamp()
        with self._database.transaction() as tables:
            leased = deliveries.lease(tables, now_s)
        if leased is None:
            return None
        try:
            signed = self._client.send(self._vault.package(leased.session), leased.session)
        except KnownError as error:
            if error.code in _BAD_RECORD:
                return self._quarantine(leased, error)
            self._postpone(leased, error)
            raise
        return self._accept(leased, signed)

    def _accept(self, leased: Leased, signed: SignedReceipt) -> Delivered:
        """Keep the receipt, then destroy the hall's wrap of the key: a stolen disk opens nothing any more."""
        self._vault.put_document(leased.session, RECEIPT, signed.receipt_bytes, signed.signature_bytes)
        outcome = signed.receipt.outcome
        with self._database.transaction() as tables:
            deliveries.accept(tables, leased.session, outcome)
            sessions.destroy_data_key(tables, leased.session)
            self._audit(tables, "delivered", leased, outcome=outcome.value)
        self._database.forget_old_pages()
        return Delivered(leased.session, outcome, None)

    def _quarantine(self, leased: Leased, error: KnownError) -> Delivered:
        with self._database.transaction() as tables:
            deliveries.quarantine(tables, leased.session, error.code, error.detail)
            self._audit(tables, "quarantined", leased, failure=error.code.value, detail=error.detail)
        return Delivered(leased.session, None, error.code)

    def _postpone(self, leased: Leased, error: KnownError) -> None:
        next_try_s = self._clock.now().timestamp() + retry_delay_s(leased.attempts, self._jitter())
        with self._database.transaction() as tables:
            deliveries.postpone(tables, leased.session, next_try_s, error.code)

    def _audit(self, tables: object, event: str, leased: Leased, **detail: object) -> None:
        at = self._clock.now().isoformat(timespec="milliseconds")
        append(tables, AuditEvent(at, "system", event, leased.session, {**detail, "attempts": leased.attempts}))
