"""Every kind of step that this program knows: one line each."""

from collections.abc import Mapping

from hallclient.domain.evidence.files import file_id
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.consistency import card, notice, portrait, precheck, signature
from hallclient.domain.plan import Plan, PlannedStep, require_sound
from hallclient.domain.step_kind import StepKind

_kinds: dict[str, StepKind] = {
    kind.name: kind
    for kind in (
        card.KIND,
        precheck.KIND,
        portrait.KIND,
        notice.KIND,
        signature.KIND,
    )
}


def register(kind: StepKind) -> None:
    """Make a kind of step known that is not of this program."""
    _kinds[kind.name] = kind


def kind_of(step: PlannedStep) -> StepKind:
    """Raises plan_kind_unknown."""
    kind = _kinds.get(step.kind)
    if kind is None:
        raise KnownError(FailureCode.PLAN_KIND_UNKNOWN, step.id)
    return kind


def require_doable(plan: Plan) -> None:
    """That this program can do all of `plan`, and no two of its steps would leave the same file.

    Raises as `require_sound` does, plan_option_unknown, plan_file_twice.
    """
    require_sound(plan, _kinds)
    for step in plan.steps:
        kind_of(step).options_of(step)
    twice = [name for name, rules in _files(plan).items() if len(rules) > 1]
    if twice:
        raise KnownError(FailureCode.PLAN_FILE_TWICE, ", ".join(twice))


def possible_files(plan: Plan) -> tuple[str, ...]:
    """The ids of the files that the steps of the plan may leave behind."""
    return tuple(_files(plan))


def large_files(plan: Plan) -> tuple[str, ...]:
    """The ids of the files that are sent as objects of their own, in the plan's order."""
    return tuple(an_id for an_id, rules in _files(plan).items() if rules[0])


def _files(plan: Plan) -> Mapping[str, list[bool]]:
    """The ids of all files that the plan's steps may leave; for each step that does, whether it is a large one."""
    found: dict[str, list[bool]] = {}
    for step in plan.steps:
        for rule in kind_of(step).files:
            found.setdefault(file_id(step.id, rule.name), []).append(rule.large)
    return found
