"""Every word that a person reads, in one place: codes to Chinese, and the sentences of each page.

The same thing always has the same name. Failure texts are not here: `hallclient.domain.failures.FAILURES` has them.
"""

from ui.wording.card import CARD_KINDS, FINDINGS, LONG_TERM, READER_STATES, Card, Precheck
from ui.wording.codes import KEYS, NOT_KNOWN, NOT_READ_YET, Banner, coded, counter_name
from ui.wording.comparison import (
    DECISION_CONSEQUENCES,
    DECISION_REASONS,
    DECISIONS,
    FACE_LACKS,
    QUALITY_ISSUES,
    SUPERVISED_WAYS,
    Band,
)
from ui.wording.customer import Customer
from ui.wording.durations import age, ago, elapsed, took
from ui.wording.live_person import (
    ADVICE,
    CHALLENGE_NAMES,
    CHALLENGES,
    LACKED,
    LACKED_NEXT_TIME,
    LIVENESS_REFUSALS,
    NEXT_TIME,
    NOT_LIVE_SHORT,
    SUSPECTED_REFUSALS,
    TRY_FAILED_SHORT,
    TRY_NEXT_TIME,
    failed_because,
    liveness,
    missing,
    next_time,
)
from ui.wording.notice import SIGNATURE_DEVICES, Reading, Signature
from ui.wording.outcome import CUSTOMER_OUTCOMES, OUTCOME_MEANINGS, OUTCOMES, Finish
from ui.wording.plan import ABANDON_REASONS, CONTINUED_AT, SEAL, STEPS, Leave, continued_at
from ui.wording.portrait import Portrait, attempts_left, none_left
from ui.wording.product import HOTLINE, PRACTICE, PRODUCT
from ui.wording.review import REVIEW_REASONS, Review
from ui.wording.screens import PARTS, OneScreen, Practice, Preparing, Session, Top
from ui.wording.staff import ROLES, Login
from ui.wording.start import Start

__all__ = [
    "ABANDON_REASONS",
    "ADVICE",
    "CARD_KINDS",
    "CHALLENGES",
    "CHALLENGE_NAMES",
    "CONTINUED_AT",
    "CUSTOMER_OUTCOMES",
    "DECISIONS",
    "DECISION_CONSEQUENCES",
    "DECISION_REASONS",
    "FACE_LACKS",
    "FINDINGS",
    "HOTLINE",
    "KEYS",
    "LACKED",
    "LACKED_NEXT_TIME",
    "LIVENESS_REFUSALS",
    "LONG_TERM",
    "NEXT_TIME",
    "NOT_KNOWN",
    "NOT_LIVE_SHORT",
    "NOT_READ_YET",
    "OUTCOMES",
    "OUTCOME_MEANINGS",
    "PARTS",
    "PRACTICE",
    "PRODUCT",
    "QUALITY_ISSUES",
    "READER_STATES",
    "REVIEW_REASONS",
    "ROLES",
    "SEAL",
    "SIGNATURE_DEVICES",
    "STEPS",
    "SUPERVISED_WAYS",
    "SUSPECTED_REFUSALS",
    "TRY_FAILED_SHORT",
    "TRY_NEXT_TIME",
    "Band",
    "Banner",
    "Card",
    "Customer",
    "Finish",
    "Leave",
    "Login",
    "OneScreen",
    "Portrait",
    "Practice",
    "Precheck",
    "Preparing",
    "Reading",
    "Review",
    "Session",
    "Signature",
    "Start",
    "Top",
    "age",
    "ago",
    "attempts_left",
    "coded",
    "continued_at",
    "counter_name",
    "elapsed",
    "failed_because",
    "liveness",
    "missing",
    "next_time",
    "none_left",
    "took",
]
