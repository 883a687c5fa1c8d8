"""Reviews of flagged sessions. Every function runs inside the caller's transaction; times are wall-clock seconds."""

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.review import CLAIM_S, ReviewState
from hallclient.storage.tables import Tables


def request(tables: Tables, session: str) -> None:
    """A flagged session waits for a supervisor."""
    tables.table("review").insert({"session": session, "state": ReviewState.PENDING.value})


def state(tables: Tables, session: str) -> ReviewState:
    """Where the review stands; NONE when the session was never flagged."""
    row = tables.execute("SELECT state FROM review WHERE session = ?", [session]).fetchone()
    return ReviewState(row[0]) if row else ReviewState.NONE


def open_reviews(tables: Tables) -> list[tuple[str, ReviewState]]:
    """Sessions that wait for a decision, the longest waiting first."""
    rows = tables.execute(
        "SELECT session, state FROM review WHERE state IN (?, ?) ORDER BY session",
        [ReviewState.PENDING.value, ReviewState.CLAIMED.value],
    )
    return [(row[0], ReviewState(row[1])) for row in rows]


def claim(tables: Tables, session: str, reviewer: str, now_s: float) -> None:
    """Take a session for `CLAIM_S` seconds. Raises review_taken when another has it or it was decided."""
    row = tables.execute("SELECT state, reviewer, claimed_until FROM review WHERE session = ?", [session]).fetchone()
    free = row is not None and (
        row[0] == ReviewState.PENDING.value
        or (row[0] == ReviewState.CLAIMED.value and (row[1] == reviewer or row[2] < now_s))
    )
    if not free:
        raise KnownError(FailureCode.REVIEW_TAKEN)
    tables.table("review").update(
        session, {"state": ReviewState.CLAIMED.value, "reviewer": reviewer, "claimed_until": now_s + CLAIM_S}
    )


def release(tables: Tables, session: str, reviewer: str) -> None:
    """Give a claimed session back; harmless when it is no longer this reviewer's."""
    tables.execute(
        "UPDATE review SET state = ?, reviewer = NULL WHERE session = ? AND state = ? AND reviewer = ?",
        [ReviewState.PENDING.value, session, ReviewState.CLAIMED.value, reviewer],
    )


def decide(tables: Tables, session: str, reviewer: str, decided: ReviewState, now_s: float) -> None:
    """Close the review. Raises review_taken when the reviewer's claim does not hold any more."""
    claim(tables, session, reviewer, now_s)
    tables.table("review").update(session, {"state": decided.value})
