"""Plans: what can be one, what comes next, and what corrects another."""

import json
from collections.abc import Callable

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.hall_time import hall_date
from hallclient.domain.notice import Notice
from hallclient.domain.plan import Plan, PlannedStep
from hallclient.domain.rule_pack import RulePack, fits_pack
from hallclient.domain.step_kinds import correcting_plan, large_files, possible_files, require_doable
from hallclient.rule_texts import built_in_pack, text_in_force
from tests.packages import NOW

PACK = built_in_pack()
Change = Callable[[tuple[PlannedStep, ...]], tuple[PlannedStep, ...]]
WHOLE = ["holder/card", "holder/precheck", "holder/portrait", "notice", "signature"]


def text(code: str) -> Notice:
    return text_in_force(code, hall_date(NOW))


def plan(scene: str = "new_number") -> Plan:
    return PACK.plan(scene, text)


@pytest.mark.parametrize(
    ("scene", "steps"),
    [
        ("new_number", WHOLE),
        ("card_replacement", WHOLE),
        ("second_verification", WHOLE),
        ("numbers_under_my_name", WHOLE[:3]),
    ],
)
def test_todays_scenes_have_todays_road(scene: str, steps: list[str]) -> None:
    made = plan(scene)
    require_doable(made)
    assert [step.id for step in made.steps] == steps
    assert (made.pack, made.pack_sha256, made.persons) == (PACK.id, PACK.sha256, ("holder",))
    assert fits_pack(made, PACK, text)


def test_a_plan_names_the_text_that_is_in_force() -> None:
    notice = text("fraud_risk")
    read = plan().step("notice")
    assert read is not None
    assert read.options["text"] == {"code": "fraud_risk", "version": notice.version, "sha256": notice.sha256}


def test_steps_come_in_their_order() -> None:
    made = plan()
    done: set[str] = set()
    for step_id in WHOLE:
        following = made.next_step(done)
        assert following is not None
        assert following.id == step_id
        done.add(step_id)
    assert made.next_step(done) is None


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (FailureCode.PLAN_STEP_TWICE, lambda steps: (*steps, steps[0])),
        (FailureCode.PLAN_STEP_UNKNOWN, lambda steps: ()),
        (FailureCode.PLAN_STEP_UNKNOWN, lambda steps: (steps[0].changed(id="../card"), *steps[1:])),
        (FailureCode.PLAN_STEP_UNKNOWN, lambda steps: (steps[0].changed(id="holder/card/again"), *steps[1:])),
        (FailureCode.PLAN_STEP_UNKNOWN, lambda steps: (steps[0].changed(id="C:card"), *steps[1:])),
        (FailureCode.PLAN_KIND_UNKNOWN, lambda steps: (steps[0].changed(kind="dance"), *steps[1:])),
        (FailureCode.PLAN_PERSON_UNKNOWN, lambda steps: (steps[0].changed(person="nobody"), *steps[1:])),
        (FailureCode.PLAN_OPTION_UNKNOWN, lambda steps: (steps[0].changed(options={"faster": True}), *steps[1:])),
        (FailureCode.PLAN_OPTION_UNKNOWN, lambda steps: (*steps[:3], steps[3].changed(options={}), steps[4])),
        (FailureCode.PLAN_STEP_MISSING, lambda steps: steps[1:]),
        (FailureCode.PLAN_STEP_MISSING, lambda steps: (*steps[:3], steps[4])),
        (FailureCode.PLAN_FILE_TWICE, lambda steps: (*steps, steps[3].changed(id="again"))),
    ],
)
def test_what_cannot_be_done_is_no_plan(code: FailureCode, change: Change) -> None:
    made = plan()
    with pytest.raises(KnownError) as caught:
        require_doable(made.changed(steps=change(made.steps)))
    assert caught.value.code is code


def test_one_kind_may_come_more_than_once() -> None:
    made = plan()
    again = made.changed(steps=(*made.steps, made.steps[3].changed(id="second/notice")))
    require_doable(again)
    assert large_files(again) == ("recording", "second.recording")
    assert len(possible_files(again)) == len(set(possible_files(again)))


@pytest.mark.parametrize(
    ("again", "steps"),
    [
        ("holder/card", ["holder/card"]),
        ("holder/portrait", ["holder/card", "holder/portrait"]),
        ("notice", ["holder/card", "notice"]),
        ("signature", ["holder/card", "notice", "signature"]),
    ],
)
def test_a_correction_has_the_step_and_what_the_person_is_known_by(again: str, steps: list[str]) -> None:
    correcting = correcting_plan(plan(), again)
    require_doable(correcting)
    assert [step.id for step in correcting.steps] == steps
    assert fits_pack(correcting, PACK, text, corrects=True)
    assert not fits_pack(correcting, PACK, text)
    with pytest.raises(KnownError, match="plan_step_unknown"):
        correcting_plan(plan(), "dance")


def test_a_plan_of_other_rules_does_not_fit() -> None:
    made = plan()
    other = made.steps[3].changed(options={**made.steps[3].options, "video": False})
    for changed in (
        made.changed(scene="numbers_under_my_name"),
        made.changed(scene="nothing"),
        made.changed(persons=("holder", "agent")),
        made.changed(steps=(*made.steps[:3], other, made.steps[4])),
        made.changed(steps=made.steps[::-1]),
        made.changed(steps=made.steps[:-1]),
        made.changed(pack_sha256="0" * 64),
    ):
        assert not fits_pack(changed, PACK, text)
        assert changed.steps == made.steps[:-1] or not fits_pack(changed, PACK, text, corrects=True)


def test_what_is_changed_in_a_pack_has_another_digest() -> None:
    words = json.loads(PACK.model_dump_json())
    words["scenes"][0]["steps"].pop()
    changed = RulePack.model_validate(words)
    assert changed.sha256 != PACK.sha256
    assert not fits_pack(changed.plan("new_number", text), PACK, text, corrects=True)
