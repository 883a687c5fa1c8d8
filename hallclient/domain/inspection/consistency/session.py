"""What a manifest may not say of itself, whoever signed it: facts that contradict each other or our own rules.

No file is opened for it. Each rule is one that the client keeps to, so that no genuine session meets it. What is asked
of a step of one kind stands with that kind.
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType

from hallclient.domain.business import BUSINESS
from hallclient.domain.evidence.files import file_id, is_file_id
from hallclient.domain.evidence.manifest import DoneStep, Manifest, flags_of
from hallclient.domain.failures import KnownError
from hallclient.domain.hall_time import CLOCK_CORRECTION, moment
from hallclient.domain.ids import is_session_id
from hallclient.domain.inspection_question import Question
from hallclient.domain.set_up_names import must_be_number
from hallclient.domain.step_kinds import kind_of

_LARGEST_SEQUENCE = 2**63 - 1  # what the ledger of a centre can hold
_LONGEST_S = 31 * 86_400.0  # from opening to the seal: nobody has a customer before them so long
_SHA256 = re.compile(r"[0-9a-f]{64}")


def _session_numbered(manifest: Manifest) -> bool:
    """The session has the name of one, and a number among those of its device, from 1; only the first has no other
    before it. It corrects another one, if any.
    """
    before = manifest.previous
    return (
        is_session_id(manifest.session)
        and 1 <= manifest.device_sequence <= _LARGEST_SEQUENCE
        and (before is None) is (manifest.device_sequence == 1)
        and (before is None or _SHA256.fullmatch(before) is not None)
        and (manifest.corrects is None or (is_session_id(manifest.corrects) and manifest.corrects != manifest.session))
    )


def _times_plausible(manifest: Manifest) -> bool:
    """All are times, and none is before the session was opened, but for what a time service may take back.

    Among each other they may run back: a clock that was ahead is put right. `elapsed_s` of the steps may not.
    """
    opened_at, *later = (moment(text) for text in _times(manifest))
    if opened_at is None:
        return False
    return all(time is not None and opened_at - time <= CLOCK_CORRECTION for time in later)


def _times(manifest: Manifest) -> list[str]:
    return [manifest.opened_at, manifest.sealed_at, *(step.at for step in manifest.steps)]


def _steps_as_planned(manifest: Manifest) -> bool:
    """Each step of the plan was done, once and in its order; time never ran back; none forbade to go on."""
    done = [step.planned for step in manifest.steps]
    elapsed_s = [0.0, *(step.elapsed_s for step in manifest.steps), manifest.sealed_elapsed_s]
    return (
        done == list(manifest.plan.steps)
        and all(earlier <= later for earlier, later in pairwise(elapsed_s))
        and manifest.sealed_elapsed_s <= _LONGEST_S
        and not any(step.facts.forbids for step in manifest.steps)
    )


def _files_listed_once(manifest: Manifest) -> bool:
    """Each file once, under an id that is one."""
    ids = [entry.id for entry in manifest.files]
    return len(ids) == len(set(ids)) and all(map(is_file_id, ids))


def _files_as_planned(manifest: Manifest) -> bool:
    """No step left a file that its kind does not leave; and what the session is about has its own."""
    return manifest.business.id == BUSINESS and all(map(_may_have_left, manifest.steps))


def _may_have_left(step: DoneStep) -> bool:
    names = {file_id(step.planned.id, rule.name) for rule in kind_of(step.planned).files}
    return {entry.id for entry in step.files} <= names


def _flags_as_found(manifest: Manifest) -> bool:
    return manifest.flags == flags_of(manifest.steps)


def _people_named(manifest: Manifest) -> bool:
    """By numbers that a member of staff can have. Whose it was in the end sealed it; the steps are theirs and of those
    who had it before.
    """
    try:
        for number in manifest.people:
            must_be_number("staff number", number)
    except KnownError:
        return False
    theirs = {manifest.clerk, *manifest.earlier_clerks}
    return manifest.sealed_by == manifest.clerk and all(step.by in theirs for step in manifest.steps)


def _audit_head_formed(manifest: Manifest) -> bool:
    """A log in which at least the opening of this session stands has a head."""
    return manifest.audit.sequence >= 1 and _SHA256.fullmatch(manifest.audit.head) is not None


CONSISTENT: Mapping[Question, Callable[[Manifest], bool]] = MappingProxyType(
    {
        Question.SESSION_NUMBERED: _session_numbered,
        Question.TIMES_PLAUSIBLE: _times_plausible,
        Question.STEPS_AS_PLANNED: _steps_as_planned,
        Question.FILES_LISTED_ONCE: _files_listed_once,
        Question.FILES_AS_PLANNED: _files_as_planned,
        Question.FLAGS_AS_FOUND: _flags_as_found,
        Question.PEOPLE_NAMED: _people_named,
        Question.AUDIT_HEAD_FORMED: _audit_head_formed,
    }
)
