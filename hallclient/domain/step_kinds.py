"""Every kind of step that this program knows: one line each."""

from collections.abc import Mapping

from hallclient.domain.evidence.files import file_id
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.inspection.consistency import card, notice, portrait, precheck, signature
from hallclient.domain.plan import Plan, PlannedStep, require_sound
from hallclient.domain.rule_pack import RulePack, TextInForce
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


_KNOWN_AGAIN_BY = frozenset({"card", "portrait"})  # whose card it is, and that it is theirs


def register(kind: StepKind) -> None:
    """Make a kind of step known that is not of this program. Raises BugError for one that is known already."""
    if kind.name in _kinds:
        raise BugError(f"there is a kind {kind.name}")
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
    before: dict[str, PlannedStep] = {}
    for step in plan.steps:
        _require_before(step, before)
        before[step.id] = step
    twice = [name for name, rules in _files(plan).items() if len(rules) > 1]
    if twice:
        raise KnownError(FailureCode.PLAN_FILE_TWICE, ", ".join(twice))


def _require_before(step: PlannedStep, before: Mapping[str, PlannedStep]) -> None:
    kind = kind_of(step)
    named = kind.refers(kind.options_of(step))
    kinds = {earlier.kind for earlier in before.values() if earlier.person == step.person}
    missing = [needed for needed in kind.needs if needed not in kinds]
    for name, wanted in named.items():
        earlier = before.get(name)
        if earlier is None or (earlier.kind, earlier.person) != (wanted, step.person):
            missing.append(wanted)
    if missing:
        raise KnownError(FailureCode.PLAN_STEP_MISSING, f"{step.id} without {', '.join(missing)}")


def correcting_plan(plan: Plan, step_id: str) -> Plan:
    """What does the step `step_id` of a sound plan again: that, what it needs, and what its person is known again by.

    Nothing of what comes after it: that was done. Raises plan_step_unknown.
    """
    again = plan.step(step_id)
    if again is None:
        raise KnownError(FailureCode.PLAN_STEP_UNKNOWN, step_id)
    before = plan.steps[: plan.steps.index(again)]
    known_by = [step for step in before if step.person == again.person and step.kind in _KNOWN_AGAIN_BY]
    kept, looked_at = {again.id}, [again, *known_by]
    while looked_at:
        step = looked_at.pop()
        kept.add(step.id)
        kind = kind_of(step)
        named = kind.refers(kind.options_of(step))
        needed = [plan.of_kind(needed, step.person) for needed in kind.needs]
        looked_at += [one for one in (*needed, *map(plan.step, named)) if one is not None and one.id not in kept]
    return plan.only(kept)


def is_made_by(plan: Plan, pack: RulePack, text: TextInForce, *, corrects: bool) -> bool:
    """Whether `pack`, which is the one that the plan names, makes this plan with the texts of its day, or, where it
    corrects another session, one of those that do a step of it again.
    """
    try:
        whole = pack.plan(plan.scene, text, plan.pack_sha256)
    except KnownError:
        return False
    return any(plan == correcting_plan(whole, step.id) for step in whole.steps) if corrects else plan == whole


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
