"""What a manifest may not say of itself, whoever signed it: facts that contradict each other or our own rules.

No file is opened for it. Each rule is one that the client keeps to, so that no genuine session meets it.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType

from hallclient.domain.evidence import FileKind, Manifest
from hallclient.domain.hall_time import CLOCK_CORRECTION
from hallclient.domain.ids import is_session_id
from hallclient.domain.inspection_question import Question
from hallclient.domain.liveness_contradictions import (
    attempts_few,
    attempts_fit,
    challenges_drawn,
    passed_by_challenges,
    tries_fit,
)
from hallclient.domain.notice import SHORTEST_LINE_S

_CLOCKS_APART_S = 0.1  # a camera's clock may be ahead of the computer's by a picture or two; times are rounded
_MOST_SCORE = 1.001  # 1, rounded
_LARGEST_SEQUENCE = 2**63 - 1  # what the ledger of a centre can hold
# RFC 3339, section 5.6, as far as `datetime` can hold it.
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


def _session_numbered(manifest: Manifest) -> bool:
    """The session has the name of one, and a number among those of its device, from 1."""
    return is_session_id(manifest.session) and 1 <= manifest.device_sequence <= _LARGEST_SEQUENCE


def _times_plausible(manifest: Manifest) -> bool:
    """All are times, and none is before the session was opened, but for what a time service may take back.

    Among each other they may run back: a clock that was ahead is put right. `elapsed_s` of the events may not.
    """
    opened_at, *later = (_moment(text) for text in _times(manifest))
    if opened_at is None:
        return False
    return all(moment is not None and opened_at - moment <= CLOCK_CORRECTION for moment in later)


def _times(manifest: Manifest) -> list[str]:
    return [manifest.opened_at, manifest.sealed_at, *(event.at for event in manifest.events)]


def _moment(text: str) -> dt.datetime | None:
    if _TIME.fullmatch(text) is None:
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _files_listed_once(manifest: Manifest) -> bool:
    """Each file once, and not the review's, which lists its own."""
    kinds = [entry.kind for entry in manifest.facts.files]
    return len(kinds) == len(set(kinds)) and FileKind.REVIEW_NOTE not in kinds


def _files_have_facts(manifest: Manifest) -> bool:
    """The files of recording and signature come with their facts; files that are missing are asked for elsewhere."""
    facts = manifest.facts
    parts = (
        (facts.reading, FileKind.READING),
        (facts.signature, FileKind.STROKES),
        (facts.signature, FileKind.NOTICE),
    )
    return all(part is not None or facts.file(kind) is None for part, kind in parts)


def _thresholds_sane(manifest: Manifest) -> bool:
    face = manifest.facts.face
    return face is None or face.comparison.thresholds.sane


def _decided_by_score(manifest: Manifest) -> bool:
    """A score decides by the thresholds beside it; without one there is no match, no doubt and no mismatch.

    It is a cosine's, or of another measure that ends at 1.
    """
    face = manifest.facts.face
    if face is None:
        return True
    comparison = face.comparison
    if comparison.score is None:
        return not comparison.decision.by_score
    possible = abs(comparison.score) <= _MOST_SCORE
    return possible and comparison.thresholds.decide(comparison.score) is comparison.decision


def _compared_was_seen(manifest: Manifest) -> bool:
    """Where two faces were compared a camera saw one of them, the card had the other, and both pictures were kept.

    Who was seen to be live was before a camera.
    """
    facts = manifest.facts
    face = facts.face
    if face is None or (face.comparison.score is None and not facts.liveness.live):
        return True
    seen = face.camera is not None and face.frames_seen > 0 and facts.file(FileKind.LIVE_PHOTO) is not None
    return seen and (face.comparison.score is None or facts.file(FileKind.PORTRAIT) is not None)


def _lines_in_order(manifest: Manifest) -> bool:
    """A notice has lines, and each was before the customer for as long as no line can be read in less.

    What the line says is not known here: its own floor (`shortest_line_s`) is the client's to keep. The first line may
    seem to be shown with the first picture, whose time is the camera's.
    """
    reading = manifest.facts.reading
    if reading is None:
        return True
    starts_s = reading.line_starts_s
    shown_s = (later - earlier for earlier, later in pairwise(starts_s))
    return bool(starts_s) and starts_s[0] >= 0 and all(each >= SHORTEST_LINE_S - _CLOCKS_APART_S for each in shown_s)


def _reading_fits(manifest: Manifest) -> bool:
    """The recording's numbers go together, with how often it was begun, and with a notice that was shown before it.

    Nothing is read aloud or signed but a notice that was shown.
    """
    facts = manifest.facts
    if (facts.reading is not None or facts.signature is not None) and facts.notice is None:
        return False
    reading = facts.reading
    return reading is None or (reading.fits_together and reading.restarts == facts.readings_begun - 1)


CONSISTENT: Mapping[Question, Callable[[Manifest], bool]] = MappingProxyType(
    {
        Question.SESSION_NUMBERED: _session_numbered,
        Question.TIMES_PLAUSIBLE: _times_plausible,
        Question.FILES_LISTED_ONCE: _files_listed_once,
        Question.FILES_HAVE_FACTS: _files_have_facts,
        Question.ATTEMPTS_FEW: attempts_few,
        Question.CHALLENGES_DRAWN: challenges_drawn,
        Question.PASSED_BY_CHALLENGES: passed_by_challenges,
        Question.ATTEMPTS_FIT: attempts_fit,
        Question.TRIES_FIT: tries_fit,
        Question.THRESHOLDS_SANE: _thresholds_sane,
        Question.DECIDED_BY_SCORE: _decided_by_score,
        Question.COMPARED_WAS_SEEN: _compared_was_seen,
        Question.LINES_IN_ORDER: _lines_in_order,
        Question.READING_FITS: _reading_fits,
    }
)
