"""Is the timestamp beside a manifest one of its signature, by a service that counts, at a time that can be true?"""

import datetime as dt
from collections.abc import Iterator, Sequence

from cryptography import x509

from hallclient.domain.failures import KnownError
from hallclient.domain.hall_time import CLOCK_CORRECTION
from hallclient.domain.inspection_question import Question
from hallclient.domain.timestamp import Timestamp, digest, reply_timestamp


def read_timestamp(reply: bytes, signature: bytes, roots: Sequence[x509.Certificate]) -> Timestamp | None:
    """What the reply of a service says of the signature; None where it is no reply."""
    try:
        return reply_timestamp(reply, digest(signature), roots)
    except KnownError:
        return None


def asked_of(
    timestamp: Timestamp, not_before: dt.datetime | None, not_after: dt.datetime | None
) -> Iterator[tuple[Question, bool]]:
    """Each question and whether it holds; whether a service is trusted is not asked where there are no roots.

    Args:
        not_before, not_after: what the timestamp must lie between, by other clocks; None where nobody says so.
    """
    of_this = timestamp.about_these_bytes and timestamp.signed
    yield Question.TIMESTAMP_OF_THIS, of_this
    if not of_this:
        return  # one change is named once
    if timestamp.trusted is not None:
        yield Question.TIMESTAMP_TRUSTED, timestamp.trusted
    yield Question.TIMESTAMP_IN_TIME, is_between(timestamp.at, not_before, not_after)


def is_between(at: dt.datetime, not_before: dt.datetime | None, not_after: dt.datetime | None) -> bool:
    """Whether `at` can lie there, by clocks that differ as little as they may."""
    early = not_before is not None and not_before - at > CLOCK_CORRECTION
    late = not_after is not None and at - not_after > CLOCK_CORRECTION
    return not early and not late
