"""What can be wrong with a hall's audit log and with the sessions that it tells of.

`assets/commands.toml` has the words.
"""

from dataclasses import dataclass
from enum import StrEnum


class AuditFault(StrEnum):
    """A code that stays the same for ever."""

    LOG_EMPTY = "log_empty"
    ROW_CHANGED = "row_changed"
    ROWS_MISSING = "rows_missing"
    TAIL_MISSING = "tail_missing"
    HEAD_DIFFERS = "head_differs"
    SESSION_MISSING = "session_missing"
    SESSION_UNLOGGED = "session_unlogged"
    NUMBER_TWICE = "number_twice"
    MANIFEST_MISSING = "manifest_missing"
    MANIFEST_UNTRUSTED = "manifest_untrusted"
    MANIFEST_DIFFERS = "manifest_differs"
    PREVIOUS_DIFFERS = "previous_differs"
    RECEIPT_MISSING = "receipt_missing"
    RECEIPT_UNTRUSTED = "receipt_untrusted"
    RECEIPT_DIFFERS = "receipt_differs"
    OUTCOME_DIFFERS = "outcome_differs"
    CHECKPOINT_UNTRUSTED = "checkpoint_untrusted"
    UNKNOWN_TO_CENTRE = "unknown_to_centre"


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is wrong.

    Attributes:
        place: where: `audit N` or `audit N-M` for rows of the log, `session N` or `session N-M` for numbers of this
            device's sealed sessions, else the id of a session.
        witness: what says so: `log`, `store`, `manifest`, `receipt`, `checkpoint` or `centre`.
        detail: of which session, or what stands there; no personal data.
    """

    fault: AuditFault
    place: str
    witness: str
    detail: str = ""
