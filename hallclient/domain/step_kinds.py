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


_KNOWN_AGAIN_BY = ("card",)


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
    """That this program can do all of `plan`, each step after those that it needs, and no two leave the same file.

    Raises as `require_sound` does, plan_option_unknown, plan_step_missing, plan_file_twice.
    """
    require_sound(plan, _kinds)
    before: set[tuple[str, str]] = set()
    for step in plan.steps:
        kind = kind_of(step)
        kind.options_of(step)
        missing = [needed for needed in kind.needs if (needed, step.person) not in before]
        if missing:
            raise KnownError(FailureCode.PLAN_STEP_MISSING, f"{step.id} without {', '.join(missing)}")
        before.add((step.kind, step.person))
    twice = [name for name, rules in _files(plan).items() if len(rules) > 1]
    if twice:
        raise KnownError(FailureCode.PLAN_FILE_TWICE, ", ".join(twice))


def correcting_plan(plan: Plan, step_id: str) -> Plan:
    """What does the step `step_id` of a plan again: that, what it needs, and what its person is known again by.

    Raises plan_step_unknown.
    """
    again = plan.step(step_id)
    if again is None:
        raise KnownError(FailureCode.PLAN_STEP_UNKNOWN, step_id)
    kept, looked_at = {again.id}, [*_KNOWN_AGAIN_BY, *kind_of(again).needs]
    while looked_at:
        needed = plan.of_kind(looked_at.pop(), again.person)
        if needed is not None and needed.id not in kept:
            kept.add(needed.id)
            looked_at += kind_of(needed).needs
    return plan.only(kept)


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
