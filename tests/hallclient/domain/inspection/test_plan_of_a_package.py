"""A package is judged by its own plan, and the plan by the pack that made it."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import JsonValue

from hallclient.domain.documents import canonical
from hallclient.domain.evidence import MANIFEST
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.domain.plan import Plan, PlannedStep
from hallclient.domain.step_kinds import correcting_plan
from tests.hallclient.domain.inspection.consistency.changes import planning
from tests.hallclient.domain.inspection.world import ANOTHER_SESSION, RULES, World
from tests.packages import BuiltPackage, write_signed

Json = dict[str, Any]
OF_MANIFEST = f"{MANIFEST}.json"


def parts(manifest: Manifest) -> Json:
    """What a plan changes in a manifest."""
    return {"plan": manifest.plan, "steps": manifest.steps, "flags": manifest.flags}


def with_step(plan: Plan, step_id: str, **changes: object) -> Plan:
    return plan.changed(steps=tuple(step.changed(**changes) if step.id == step_id else step for step in plan.steps))


def without_step(plan: Plan, step_id: str) -> Plan:
    return plan.changed(steps=tuple(step for step in plan.steps if step.id != step_id))


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.changed(steps=(*plan.steps, plan.steps[0])),
        lambda plan: plan.changed(steps=()),
        lambda plan: plan.changed(steps=(*plan.steps, plan.steps[0].changed(id="agent/dance", kind="dance"))),
        lambda plan: plan.changed(steps=(*plan.steps, plan.steps[0].changed(id="agent/card", person="agent"))),
        lambda plan: plan.changed(steps=(*plan.steps, plan.steps[0].changed(id="../card"))),
        lambda plan: plan.changed(persons=("agent",)),
        lambda plan: with_step(plan, "holder/portrait", options={}),
        lambda plan: with_step(plan, "notice", options={**(plan.steps[3].options), "video": False}),
        lambda plan: plan.changed(steps=(*plan.steps, plan.steps[3].changed(id="again"))),
        lambda plan: without_step(plan, "notice"),
    ],
    ids=[
        "a step twice",
        "no step",
        "an unknown kind",
        "a person nobody is",
        "an id with a path",
        "nobody",
        "an option missing",
        "an option that nobody can do",
        "a file twice",
        "nothing to sign",
    ],
)
def test_a_plan_that_nobody_could_do_does_not_hold(
    world: World, package: BuiltPackage, change: Callable[[Plan], Plan]
) -> None:
    changed = package.resign(plan=change(package.manifest.plan))
    assert world.failed(changed) == {(OF_MANIFEST, Question.PLAN_DOABLE)}
    assert world.inspect(changed).manifest is None


def with_text(plan: Plan, step_id: str, option: str) -> Plan:
    """The text of a step in a version that was never in force."""
    step = plan.step(step_id)
    assert step is not None
    text: JsonValue = {"code": "fraud_risk", "version": "0", "sha256": "00" * 32}
    return with_step(plan, step_id, options={**step.options, option: text})


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.changed(pack_sha256="00" * 32),
        lambda plan: plan.changed(pack="builtin/1"),
        lambda plan: plan.changed(scene="card_sharing"),
        lambda plan: plan.changed(scene="numbers_under_my_name"),
        lambda plan: plan.changed(persons=("holder", "agent")),
        lambda plan: without_step(plan, "holder/precheck"),
        lambda plan: without_step(plan, "signature"),
        lambda plan: with_text(plan, "notice", "text"),
        lambda plan: plan.changed(words=plan.words.changed(business="whatever {number}")),
    ],
    ids=[
        "another digest",
        "another pack",
        "no scene of it",
        "another scene",
        "somebody more",
        "no pre-check",
        "no signature",
        "another text",
        "other words to the customer",
    ],
)
def test_a_plan_that_is_not_its_packs_does_not_hold(
    world: World, package: BuiltPackage, change: Callable[[Plan], Plan]
) -> None:
    """All of it was done, and well: only that the rules ask for something else, or for a text that was not signed."""
    changed = package.resign(**parts(planning(change)(package.manifest)))
    other_text = {("notice.enc", Question.TEXT_AS_STATED)}
    assert world.failed(changed) - other_text == {(OF_MANIFEST, Question.PLAN_OF_PACK)}


def test_a_plan_of_a_day_before_every_text_does_not_hold(world: World, package: BuiltPackage) -> None:
    changed = package.resign(opened_at="2020-01-01T00:00:00+00:00")
    assert world.failed(changed) == {(OF_MANIFEST, Question.PLAN_OF_PACK)}


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_the_calendar_are_no_days_of_a_plan(world: World, package: BuiltPackage, end: str) -> None:
    assert (OF_MANIFEST, Question.PLAN_OF_PACK) in world.failed(package.resign(opened_at=end))


def test_a_correction_has_fewer_steps_and_says_what_it_corrects(world: World, package: BuiltPackage) -> None:
    fewer = parts(planning(lambda plan: correcting_plan(plan, "notice"))(package.manifest))
    changed = package.resign(corrects=ANOTHER_SESSION, **fewer)
    assert [step.planned.id for step in changed.manifest.steps] == ["holder/card", "holder/portrait", "notice"]
    assert world.inspect(changed).holds
    assert world.failed(package.resign(**fewer)) == {(OF_MANIFEST, Question.PLAN_OF_PACK)}


def first_step(**changes: object) -> Callable[[Manifest], tuple[DoneStep, ...]]:
    """The first step that was done, planned otherwise than the plan has it."""

    def change(manifest: Manifest) -> tuple[DoneStep, ...]:
        first, *rest = manifest.steps
        return (first.model_copy(update={"planned": first.planned.changed(**changes)}), *rest)

    return change


@pytest.mark.parametrize(
    "change",
    [
        first_step(id="../../card"),
        first_step(id="agent/card"),
        first_step(person="agent"),
        first_step(options={"faster": True}),
        lambda manifest: (*manifest.steps, with_options(manifest.steps[-1], {})),
        lambda manifest: (*manifest.steps, manifest.steps[0].changed(planned=with_id(manifest.steps[0], "NUL"))),
    ],
)
def test_what_was_done_and_not_planned_does_not_hold(
    world: World, package: BuiltPackage, change: Callable[[Manifest], tuple[DoneStep, ...]]
) -> None:
    changed = package.resign(steps=change(package.manifest))
    assert world.failed(changed) == {(OF_MANIFEST, Question.STEPS_AS_PLANNED)}
    assert world.inspect(changed).manifest is None


def with_options(step: DoneStep, options: dict[str, JsonValue]) -> DoneStep:
    return step.model_copy(update={"planned": step.planned.changed(options=options)})


def with_id(step: DoneStep, an_id: str) -> PlannedStep:
    return step.planned.changed(id=an_id)


def facts_of_another_kind(manifest: Json) -> None:
    manifest["steps"][0]["facts"] = manifest["steps"][1]["facts"]


def no_facts(manifest: Json) -> None:
    del manifest["steps"][4]["facts"]


def no_facts_at_all(manifest: Json) -> None:
    manifest["steps"][4]["facts"] = None


def a_kind_that_nobody_knows(manifest: Json) -> None:
    manifest["steps"][0]["planned"]["kind"] = "dance"


def a_fact_more(manifest: Json) -> None:
    manifest["steps"][0]["facts"]["mood"] = "good"


def no_step_planned(manifest: Json) -> None:
    del manifest["steps"][0]["planned"]


def the_older_format(manifest: Json) -> None:
    manifest["format"] = "hallclient-evidence/1"


@pytest.mark.parametrize(
    "change",
    [
        facts_of_another_kind,
        no_facts,
        no_facts_at_all,
        a_kind_that_nobody_knows,
        a_fact_more,
        no_step_planned,
        the_older_format,
    ],
)
def test_facts_that_are_not_of_their_steps_kind_are_not_understood(
    world: World, package: BuiltPackage, change: Callable[[Json], None]
) -> None:
    """Signed files without the facts of a signature among them."""
    manifest = package.manifest.model_dump(mode="json")
    assert canonical(manifest) == package.manifest.canonical()
    change(manifest)
    write_signed(package.folder, MANIFEST, canonical(manifest), package.device.key)
    assert world.failed(package) == {(OF_MANIFEST, Question.UNDERSTOOD)}


@pytest.mark.parametrize("an_id", ["../holder.record", "/etc/passwd", "a/b", "a\\b", "c:x", "nul", "", "Holder.record"])
def test_a_file_id_that_could_be_a_path_does_not_hold_and_opens_nothing(
    world: World, package: BuiltPackage, an_id: str
) -> None:
    first, *rest = package.manifest.steps
    entry = first.files[0].changed(id=an_id)
    changed = package.resign(steps=(first.changed(files=(*first.files, entry)), *rest))
    beside = {(OF_MANIFEST, Question.FILES_LISTED_ONCE), (OF_MANIFEST, Question.FILES_AS_PLANNED)}
    assert world.failed(changed) == beside
    business = package.resign(business=package.manifest.business.changed(id=an_id))
    assert world.failed(business) == beside | {("business.enc", Question.EXPECTED)}


def test_a_file_under_a_person_whom_the_step_is_not_about_does_not_hold(world: World, package: BuiltPackage) -> None:
    first, *rest = package.manifest.steps
    record, portrait = first.files
    (package.folder / record.file_name).rename(package.folder / "agent.record.enc")
    changed = package.resign(steps=(first.changed(files=(record.changed(id="agent.record"), portrait)), *rest))
    assert world.failed(changed) == {
        (OF_MANIFEST, Question.FILES_AS_PLANNED),
        (record.file_name, Question.PRESENT),
    }


def test_rules_that_are_not_known_vouch_for_no_plan(world: World, package: BuiltPackage) -> None:
    class NoRules:
        def pack(self, pack_id: str, sha256: str) -> None:
            return None

        text_in_force = staticmethod(RULES.text_in_force)

    inspection = inspect(package.files, [world.root.certificate], NoRules())
    assert {(check.file, check.question) for check in inspection.failed} == {(OF_MANIFEST, Question.PLAN_OF_PACK)}
