"""What the product answers while an attack is made: refusals, kept packages, what does not hold, faults of a log.

They are watched where they are made, in this process: nothing that an attack tells of itself is believed. Only where
the answer has no code (a line that was cut, an exit) the attack says what it saw, with `answered`.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from hallclient.central import reception
from hallclient.central.refusal import RefusalCode, RefusalError
from hallclient.domain.audit_fault import AuditFinding
from hallclient.domain.evidence.receipt import Outcome, Receipt
from hallclient.domain.failures import KnownError
from hallclient.domain.inspection.answers import Check
from hallclient.domain.inspection_question import Question

PROPERTY = "attack"  # of a test's report: line, what was tried, what answered
MOST_SHOWN = 3
_MOST_CHARACTERS = 90

# What weighs most is told alone: what the attack saw, the centre's word, what a check found, a failure's code; last
# that a file is missing, which each delivery begins with.
_SAID, _CENTRE, _FOUND, _FAILED, _MISSING = range(5)
_seen: list[tuple[int, str]] = []


def answered(what: str) -> None:
    """An attack tells what it saw that has no code."""
    _seen.append((_SAID, what))


def _known(error: KnownError) -> str:
    return str(error.code)


def _refused(error: RefusalError) -> str:
    shown = error.code if error.code is RefusalCode.SESSION_UNKNOWN else error  # its detail is the session's id
    return str(shown)[:_MOST_CHARACTERS]


def _check(check: Check) -> str:
    return "" if check.holds or check.question is Question.PRESENT else f"{check.file}: {check.question}"


def _missing(check: Check) -> str:
    return "" if check.holds or check.question is not Question.PRESENT else f"{check.file}: {check.question}"


def _receipt(receipt: Receipt) -> str:
    return "" if receipt.outcome is Outcome.PASSED else ": ".join((receipt.outcome, ", ".join(receipt.reasons)))


def _finding(finding: AuditFinding) -> str:
    return f"{finding.fault} ({finding.witness})"


@contextmanager
def watched() -> Iterator[Callable[[], list[str]]]:
    """What answered since then, in order, each once."""
    _seen.clear()
    with ExitStack() as stack:
        for weight, made, told in (
            (_CENTRE, RefusalError, _refused),
            (_MISSING, Check, _missing),
            (_FOUND, Check, _check),
            (_FOUND, AuditFinding, _finding),
            (_FAILED, KnownError, _known),
        ):
            stack.enter_context(mock.patch.object(made, "__init__", _telling(weight, made.__init__, told)))
        stack.enter_context(mock.patch.object(reception, "Receipt", _receipts))
        yield _weightiest


def _weightiest() -> list[str]:
    seen = [(weight, text) for weight, text in list(_seen) if text]
    most = min((weight for weight, _ in seen), default=_MISSING)
    return list(dict.fromkeys(text for weight, text in seen if weight == most))


def _telling(weight: int, make: Callable[..., None], told: Callable[[Any], str]) -> Callable[..., None]:
    @functools.wraps(make)
    def making(self: object, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        _seen.append((weight, told(self)))

    return making


def _receipts(**fields: Any) -> Receipt:
    receipt = Receipt(**fields)
    _seen.append((_CENTRE, _receipt(receipt)))
    return receipt
