"""The outbox: one row per sealed session. Every function runs inside the caller's transaction.

Times are seconds of the wall clock: they must mean the same after a restart. A clock may have been wrong, though: no
row is due later than the longest delay from now, whatever time it bears.
"""

from dataclasses import dataclass
from typing import Any

from hallclient.domain.delivery import LEASE_S, LONGEST_RETRY_S, DeliveryState
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode
from hallclient.domain.review import ReviewState
from hallclient.storage.tables import Tables

# A flagged session leaves only with its review: the supervisor needs the key, and the centre needs the decision.
_WAITING = """
FROM delivery LEFT JOIN review ON review.session = delivery.session
WHERE delivery.state IN (:waiting, :sending) AND coalesce(review.state, :none) NOT IN (:pending, :claimed)
"""
# What broke down before lets the others go first.
_DUE_ROWS = f"""
SELECT delivery.session, delivery.attempts, delivery.breakdowns {_WAITING}
  AND (delivery.next_try_at <= :now OR delivery.next_try_at > :now + :longest)
ORDER BY delivery.breakdowns, delivery.session
"""
_COUNT_DUE = f"SELECT count(*) FROM ({_DUE_ROWS})"  # noqa: S608  # joined from constants
_NEXT = f"""
SELECT min(CASE WHEN delivery.next_try_at > :now + :longest THEN :now ELSE delivery.next_try_at END) {_WAITING}
"""
_STATES = {
    "waiting": DeliveryState.WAITING.value,
    "sending": DeliveryState.SENDING.value,
    "none": ReviewState.NONE.value,
    "pending": ReviewState.PENDING.value,
    "claimed": ReviewState.CLAIMED.value,
    "longest": max(LONGEST_RETRY_S, LEASE_S),
}


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that this courier has for `LEASE_S` seconds; `attempts` counts this one, `breakdowns` those before."""

    session: str
    attempts: int
    breakdowns: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How many sessions are where. `waiting` counts those that wait for a review, too."""

    waiting: int
    quarantined: int
    accepted: int


def enqueue(tables: Tables, session: str, now_s: float) -> None:
    """Put a sealed session into the outbox."""
    tables.table("delivery").insert(
        {"session": session, "state": DeliveryState.WAITING.value, "attempts": 0, "next_try_at": now_s}
    )


def lease(tables: Tables, now_s: float) -> Leased | None:
    """The next delivery that is due, now leased; None when none is. A lease that ran out is due again."""
    row = tables.execute(f"{_DUE_ROWS} LIMIT 1", _STATES | {"now": now_s}).fetchone()
    if row is None:
        return None
    leased = Leased(row[0], row[1] + 1, row[2])
    # The try is counted before it is made: a crash in the middle is a try, too.
    _update(tables, leased.session, DeliveryState.SENDING, attempts=leased.attempts, next_try_at=now_s + LEASE_S)
    return leased


def accept(tables: Tables, session: str, outcome: Outcome) -> None:
    """The centre's receipt was verified."""
    _update(tables, session, DeliveryState.ACCEPTED, outcome=outcome.value, failure=None, detail=None)


def postpone(tables: Tables, session: str, next_try_at_s: float, failure: FailureCode) -> None:
    """Try again at `next_try_at_s`."""
    _update(tables, session, DeliveryState.WAITING, next_try_at=next_try_at_s, failure=failure.value)


def quarantine(tables: Tables, session: str, failure: FailureCode, detail: str) -> None:
    """Set this one record aside; the others go on."""
    _update(tables, session, DeliveryState.QUARANTINED, failure=failure.value, detail=detail)


def broke_down(tables: Tables, leased: Leased, next_try_at_s: float, detail: str) -> None:
    """An error that nobody foresaw ended the try; `detail` leads to it in the log."""
    _update(
        tables,
        leased.session,
        DeliveryState.WAITING,
        next_try_at=next_try_at_s,
        failure=FailureCode.INTERNAL_ERROR.value,
        detail=detail,
        breakdowns=leased.breakdowns + 1,
    )


def free_leases(tables: Tables, now_s: float, *, died: bool) -> int:
    """Take back what is leased, which is due now; returns how many. For the one courier there is, between two tries.

    `died`: the courier that had it is no more, perhaps by this very record, which goes after the others then. Otherwise
    what became of its last try could not be written down.
    """
    freed = tables.execute(
        "UPDATE delivery SET state = ?, next_try_at = ?, breakdowns = breakdowns + ? WHERE state = ?",
        [DeliveryState.WAITING.value, now_s, int(died), DeliveryState.SENDING.value],
    )
    return int(freed.rowcount)


def release(tables: Tables, session: str, now_s: float) -> bool:
    """Put one that was set aside back into the outbox, as if it had never been tried; whether it was set aside."""
    released = tables.execute(
        "UPDATE delivery SET state = ?, next_try_at = ?, attempts = 0, breakdowns = 0, failure = NULL, detail = NULL"
        " WHERE session = ? AND state = ?",
        [DeliveryState.WAITING.value, now_s, session, DeliveryState.QUARANTINED.value],
    )
    return bool(released.rowcount)


def make_due(tables: Tables, now_s: float) -> None:
    """Every waiting delivery is due now: somebody asked. What only a mistake of ours set aside gets a new chance."""
    tables.execute(
        "UPDATE delivery SET state = ?, breakdowns = 0 WHERE state = ? AND failure = ?",
        [DeliveryState.WAITING.value, DeliveryState.QUARANTINED.value, FailureCode.INTERNAL_ERROR.value],
    )
    tables.execute("UPDATE delivery SET next_try_at = ? WHERE state = ?", [now_s, DeliveryState.WAITING.value])


def state(tables: Tables, session: str) -> DeliveryState | None:
    """Where the delivery stands; None for a session that is not sealed."""
    row = tables.execute("SELECT state FROM delivery WHERE session = ?", [session]).fetchone()
    return DeliveryState(row[0]) if row else None


def outcome(tables: Tables, session: str) -> Outcome | None:
    """What the centre said; None before its receipt."""
    row = tables.execute("SELECT outcome FROM delivery WHERE session = ?", [session]).fetchone()
    return Outcome(row[0]) if row and row[0] else None


def counts(tables: Tables) -> DeliveryCounts:
    """How many deliveries are in which state."""
    found = dict(tables.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall())
    return DeliveryCounts(
        waiting=found.get(DeliveryState.WAITING.value, 0) + found.get(DeliveryState.SENDING.value, 0),
        quarantined=found.get(DeliveryState.QUARANTINED.value, 0),
        accepted=found.get(DeliveryState.ACCEPTED.value, 0),
    )


def due(tables: Tables, now_s: float) -> int:
    """How many deliveries are due now."""
    return int(tables.execute(_COUNT_DUE, _STATES | {"now": now_s}).fetchone()[0])


def next_due_at(tables: Tables, now_s: float) -> float | None:
    """When the next delivery that needs no review any more is due; None when there is none."""
    row = tables.execute(_NEXT, _STATES | {"now": now_s}).fetchone()
    return row[0] if row else None


def _update(tables: Tables, session: str, state: DeliveryState, **columns: Any) -> None:
    tables.table("delivery").update(session, {"state": state.value, **columns})
