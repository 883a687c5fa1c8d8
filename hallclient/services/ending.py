"""Ends a session that leaves no package, whether or not its files can be opened."""

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import Action
from hallclient.domain.session import AbandonReason, RefusalReason, SessionState
from hallclient.services.access import OpenHall
from hallclient.services.clearing import clear_away
from hallclient.services.events import SessionClosed
from hallclient.storage import sessions
from hallclient.storage.audit import append
from hallclient.storage.sessions import StoredSession


def load_open_session(hall: OpenHall, session: str) -> StoredSession:
    """A session that whoever is logged in may go on with, or end: any clerk of this counter. Raises session_unknown,
    not_permitted.
    """
    hall.must_be_permitted(Action.SERVE_CUSTOMERS)
    with hall.database.reading() as tables:
        stored = sessions.load(tables, session)
    if stored.state is not SessionState.OPEN:
        raise KnownError(FailureCode.SESSION_UNKNOWN, "the session is closed")
    return stored


def abandon_unopened(hall: OpenHall, session: str, reason: AbandonReason) -> None:
    """Abandon a session that nobody has open: none of its files is needed for it, nor its key.

    Raises session_unknown, not_permitted.
    """
    stored = load_open_session(hall, session)
    end_session(hall, stored, SessionState.ABANDONED, reason, stored.elapsed_s)


def end_session(
    hall: OpenHall,
    stored: StoredSession,
    state: SessionState,
    reason: AbandonReason | RefusalReason,
    elapsed_s: float,
    **detail: object,
) -> StoredSession:
    """Commit the end of `stored`, whatever the clock says: a customer may leave. Then nothing of it is kept.

    Raises disk_full, store_busy: then it goes on. Once it is committed nothing is raised.
    """
    with hall.database.transaction() as tables:
        ended = sessions.record_end(tables, stored, state, elapsed_s)
        sessions.destroy_data_key(tables, stored.id)
        append(tables, hall.audit_event(f"session_{state.value}", stored.id, reason=reason.value, **detail))
    hall.events.tell(SessionClosed(stored.id, state))
    clear_away(hall.database, hall.vault, stored.id)
    return ended
