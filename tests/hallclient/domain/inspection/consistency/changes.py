"""Manifests with a part of them changed, and what is asked of a manifest without opening a file."""

from collections.abc import Callable

from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt
from hallclient.domain.evidence.facts.portrait import PortraitFacts
from hallclient.domain.evidence.manifest import DoneStep, Manifest, flags_of
from hallclient.domain.inspection.consistency.session import CONSISTENT
from hallclient.domain.inspection_question import Question
from hallclient.domain.plan import Plan
from hallclient.domain.step_kind import Facts, facts_of
from hallclient.domain.step_kinds import kind_of
from tests.key_pictures import entries, pictured

Change = Callable[[Manifest], Manifest]
PORTRAIT = "holder/portrait"


def having(**changes: object) -> Change:
    """The manifest itself; nothing examines the changes, as a program that was changed would not."""
    return lambda manifest: manifest.model_copy(update=changes)


def step(step_id: str, **changes: object) -> Change:
    """A step that was done, and the flags that follow from it."""
    return replacing_step(step_id, lambda done: done.model_copy(update=changes))


def step_facts(step_id: str, model: type[Facts], **changes: object) -> Change:
    """The facts of a step, which are of this model."""
    return replacing_step(
        step_id,
        lambda done: done.model_copy(update={"facts": facts_of(done, model).model_copy(update=changes)}),
    )


def portrait(**changes: object) -> Change:
    return step_facts(PORTRAIT, PortraitFacts, **changes)


def portrait_of(manifest: Manifest) -> PortraitFacts:
    done = manifest.done_step(PORTRAIT)
    assert done is not None
    return facts_of(done, PortraitFacts)


def pictured_attempts(attempts: tuple[LivenessAttempt, ...]) -> Change:
    """These attempts, with key pictures as the client keeps them."""
    made = pictured(attempts)
    return both(
        lambda manifest: portrait(liveness=portrait_of(manifest).liveness.changed(attempts=made))(manifest),
        replacing_step(
            PORTRAIT,
            lambda done: done.model_copy(
                update={
                    "files": (
                        *(entry for entry in done.files if "key_picture" not in entry.id),
                        *entries(PORTRAIT, made),
                    )
                }
            ),
        ),
    )


def replacing_step(step_id: str, change: Callable[[DoneStep], DoneStep]) -> Change:
    def changed(manifest: Manifest) -> Manifest:
        assert manifest.done_step(step_id) is not None
        steps = tuple(change(done) if done.planned.id == step_id else done for done in manifest.steps)
        return manifest.model_copy(update={"steps": steps, "flags": flags_of(steps)})

    return changed


def listed(step_id: str, *, twice: str | None = None, without: str | None = None, also: str | None = None) -> Change:
    """The files of a step: one of them twice, one not, or another beside them."""

    def change(done: DoneStep) -> DoneStep:
        files = [entry for entry in done.files if entry.id != without]
        files += [entry for entry in files if entry.id == twice]
        files += [files[0].model_copy(update={"id": also})] if also else []
        return done.model_copy(update={"files": tuple(files)})

    return replacing_step(step_id, change)


def planning(change: Callable[[Plan], Plan]) -> Change:
    """Another plan, and done as that has it."""

    def changed(manifest: Manifest) -> Manifest:
        plan = change(manifest.plan)
        planned = [(done, plan.step(done.planned.id)) for done in manifest.steps]
        steps = tuple(done.model_copy(update={"planned": other}) for done, other in planned if other is not None)
        return manifest.model_copy(update={"plan": plan, "steps": steps, "flags": flags_of(steps)})

    return changed


def option(step_id: str, **changes: object) -> Change:
    """Options of a step, in the plan and as it was done."""

    def planned(plan: Plan) -> Plan:
        return plan.changed(
            steps=tuple(
                one.changed(options={**one.options, **changes}) if one.id == step_id else one for one in plan.steps
            )
        )

    return planning(planned)


def both(*changes: Change) -> Change:
    def changed(manifest: Manifest) -> Manifest:
        for change in changes:
            manifest = change(manifest)
        return manifest

    return changed


def failing(manifest: Manifest) -> set[Question]:
    """What a manifest fails, by what is asked of a session and of each step of it."""
    failed = {question for question, holds in CONSISTENT.items() if not holds(manifest)}
    for done in manifest.steps:
        asked = kind_of(done.planned).consistent
        failed |= {question for question, holds in asked.items() if not holds(manifest, done)}
    return failed
