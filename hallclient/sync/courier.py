"""Takes one package after the other out of the outbox to the centre, and keeps what the centre answered."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from hallclient.devices import Clock
from hallclient.domain.delivery import MOST_BREAKDOWNS, DeliveryState, retry_delay_s
from hallclient.domain.evidence import RECEIPT
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage import deliveries, sessions
from hallclient.storage.audit import AuditEvent, append
from hallclient.storage.database import Database
from hallclient.storage.deliveries import Leased
from hallclient.storage.tables import Tables
from hallclient.storage.vault import Vault
from hallclient.sync.client import CentreClient, SignedReceipt

_log = logging.getLogger(__name__)

# This one record is bad: it is set aside and the others go on.
_BAD_RECORD = frozenset({FailureCode.CENTRE_REFUSED_RECORD, FailureCode.EVIDENCE_DAMAGED, FailureCode.PACKAGE_MISSING})
# The centre may stumble over this record alone, or this computer over its files: it waits, and the others go on.
# Everything else stops the courier: the centre refuses everybody, or nobody can reach it.
_MAY_BE_THIS_RECORD = frozenset({FailureCode.CENTRE_FAILED, FailureCode.STORE_UNREADABLE, FailureCode.STORE_READ_ONLY})


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one package: ACCEPTED with its outcome; QUARANTINED, or WAITING again, with the failure.

    `number` is that of an internal_error in the log; `reasons` are the receipt's.
    """

    session: str
    state: DeliveryState
    outcome: Outcome | None
    failure: FailureCode | None
    number: str | None = None
    reasons: tuple[str, ...] = ()


class Courier:
    """Delivers. Used from one thread at a time, by who holds the folder's lock: an outbox has one courier."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        client: CentreClient,
        clock: Clock,
        jitter: Callable[[], float],
        report_bug: Callable[[BaseException], str],
    ) -> None:
        """
        Args:
            jitter: random numbers evenly spread over 0 to 1.
            report_bug: keeps an error that nobody foresaw, and returns its number in the log.
        """
        self._database = database
        self._vault = vault
        self._client = client
        self._clock = clock
        self._jitter = jitter
        self._report_bug = report_bug

    def deliver_next(self) -> Delivered | None:
        """Deliver the next package that is due; None when none is.

        Whatever goes wrong with one package alone leaves the others their turn: it is set aside, or waits longer.

        Raises centre_unreachable, centre_refused_device, centre_untrusted: it stays in the outbox with a later time,
        and there is no point in going on now. Raises disk_full, store_busy when the outbox cannot be kept.
        """
        now_s = self._clock.now().timestamp()
        with self._database.transaction() as tables:
            # Where the store was busy when a try had ended, its row still says that it is being sent.
            deliveries.free_leases(tables, now_s, died=False)
            leased = deliveries.lease(tables, now_s)
        if leased is None:
            return None
        try:
            signed = self._client.send(self._vault.package(leased.session), leased.session)
            delivered = self._accept(leased, signed)
        except KnownError as error:
            if error.code in _BAD_RECORD:
                return self._quarantine(leased, error)
            self._postpone(leased, error)
            if error.code in _MAY_BE_THIS_RECORD:
                return Delivered(leased.session, DeliveryState.WAITING, None, error.code)
            raise
        except Exception as error:  # noqa: BLE001  # one record must not keep the others from the centre
            return self._break_down(leased, error)
        try:
            self._database.forget_old_pages()
        except KnownError as error:  # it is delivered all the same; the next receipt makes it good
            _log.warning("the log still has pages of a key that was destroyed: %s", error.code)
        return delivered

    def _accept(self, leased: Leased, signed: SignedReceipt) -> Delivered:
        """Keep the receipt, then destroy the hall's wrap of the key: a stolen disk opens nothing any more."""
        self._vault.put_document(leased.session, RECEIPT, signed.receipt_bytes, signed.signature_bytes)
        outcome = signed.receipt.outcome
        with self._database.transaction() as tables:
            deliveries.accept(tables, leased.session, outcome)
            sessions.destroy_data_key(tables, leased.session)
            reasons = signed.receipt.reasons
            self._audit(tables, "delivered", leased, outcome=outcome.value, reasons=list(reasons))
        return Delivered(leased.session, DeliveryState.ACCEPTED, outcome, None, reasons=reasons)

    def _quarantine(self, leased: Leased, error: KnownError) -> Delivered:
        with self._database.transaction() as tables:
            deliveries.quarantine(tables, leased.session, error.code, _kept(error))
            self._audit(tables, "quarantined", leased, failure=error.code.value, detail=_kept(error))
        return Delivered(leased.session, DeliveryState.QUARANTINED, None, error.code)

    def _break_down(self, leased: Leased, error: Exception) -> Delivered:
        """Our own mistake with this one record: it is tried a few times more, after the others, and then set aside."""
        known = KnownError(FailureCode.INTERNAL_ERROR, type(error).__name__, number=self._report_bug(error))
        if leased.breakdowns + 1 >= MOST_BREAKDOWNS:
            return self._quarantine(leased, known)
        with self._database.transaction() as tables:
            deliveries.broke_down(tables, leased, self._next_try_s(leased), _kept(known))
        return Delivered(leased.session, DeliveryState.WAITING, None, known.code, known.number)

    def _postpone(self, leased: Leased, error: KnownError) -> None:
        with self._database.transaction() as tables:
            deliveries.postpone(tables, leased.session, self._next_try_s(leased), error.code)

    def _next_try_s(self, leased: Leased) -> float:
        return self._clock.now().timestamp() + retry_delay_s(leased.attempts, self._jitter())

    def _audit(self, tables: Tables, event: str, leased: Leased, **detail: object) -> None:
        at = self._clock.now().isoformat(timespec="milliseconds")
        append(tables, AuditEvent(at, "system", event, leased.session, {**detail, "attempts": leased.attempts}))


def _kept(error: KnownError) -> str:
    """What is kept about a delivery that failed: it leads to the place in the log, too."""
    return f"{error.detail} {error.number}" if error.number else error.detail
