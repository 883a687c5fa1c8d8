"""Plans: what can be one, what comes next, and what corrects another."""

import json
from collections.abc import Callable

import pytest

from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.hall_time import hall_date
from hallclient.domain.notice import Notice
from hallclient.domain.plan import Plan, PlannedStep
from hallclient.domain.rule_pack import RulePack
from hallclient.domain.step_kinds import (
    correcting_plan,
    is_made_by,
    kind_of,
    large_files,
    possible_files,
    register,
    require_doable,
)
from hallclient.rule_texts import ShippedRules, built_in_pack, shipped_packs, text_in_force
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
    assert is_made_by(made, PACK, text, corrects=False)


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


def with_id(step: PlannedStep, step_id: str) -> PlannedStep:
    return step.changed(id=step_id)


def signing(step_id: str) -> Change:
    """The signature is on what was read in this step."""
    return lambda steps: (*steps[:4], steps[4].changed(options={"signs": step_id}))


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
        (FailureCode.PLAN_STEP_MISSING, signing("nothing")),
        (FailureCode.PLAN_STEP_MISSING, signing("../notice")),
        (FailureCode.PLAN_STEP_MISSING, signing("holder/card")),
        (
            FailureCode.PLAN_STEP_MISSING,
            lambda steps: (*steps[:3], signing("later")(steps)[4], with_id(steps[3], "later")),
        ),
        (FailureCode.FILE_ID_INVALID, lambda steps: (with_id(steps[0], "con/card"), *steps[1:])),
        (FailureCode.FILE_ID_INVALID, lambda steps: (with_id(steps[0], "com1/card"), *steps[1:])),
        (FailureCode.PLAN_STEP_UNKNOWN, lambda steps: (*steps, *(with_id(steps[0], f"p{i}/card") for i in range(100)))),
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
        ("holder/precheck", ["holder/card", "holder/precheck"]),
        ("holder/portrait", ["holder/card", "holder/portrait"]),
        ("notice", ["holder/card", "holder/portrait", "notice"]),
        ("signature", ["holder/card", "holder/portrait", "notice", "signature"]),
    ],
)
def test_a_correction_has_the_step_and_what_the_person_is_known_by(again: str, steps: list[str]) -> None:
    correcting = correcting_plan(plan(), again)
    require_doable(correcting)
    assert [step.id for step in correcting.steps] == steps
    assert is_made_by(correcting, PACK, text, corrects=True)
    assert not is_made_by(correcting, PACK, text, corrects=False)
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
    ):
        assert not is_made_by(changed, PACK, text, corrects=False)
        assert not is_made_by(changed, PACK, text, corrects=True)


def test_what_is_changed_in_a_pack_has_another_digest() -> None:
    words = json.loads(PACK.model_dump_json())
    words["scenes"][0]["steps"].pop()
    changed = RulePack.model_validate(words)
    assert changed.sha256 != PACK.sha256
    assert not is_made_by(changed.plan("new_number", text), PACK, text, corrects=False)


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(BugError):
        register(kind_of(plan().steps[0]))


def test_of_two_signatures_each_is_corrected_with_what_it_signs() -> None:
    made = plan()
    both = made.changed(
        steps=(
            *made.steps,
            with_id(made.steps[3], "second/notice"),
            made.steps[4].changed(id="second/signature", options={"signs": "second/notice"}),
        )
    )
    require_doable(both)
    again = correcting_plan(both, "second/signature")
    assert [step.id for step in again.steps] == ["holder/card", "holder/portrait", "second/notice", "second/signature"]


def test_a_fragment_is_no_correction() -> None:
    """Whatever is left out of what a step needs, and of what its person is known again by."""
    made = plan()
    for kept in (["notice"], ["holder/card", "notice"], ["signature"], ["holder/card", "holder/portrait", "signature"]):
        assert not is_made_by(made.only(kept), PACK, text, corrects=True)


def test_every_pack_that_was_shipped_is_known_for_ever() -> None:
    """A package is judged by the rules of its day: who changes a pack adds a file, and its digest here."""
    shipped = {
        "builtin/2": "09650e95473d4057d77264cea04fe96a6b1854ae9b2eb867c2a66cdd0b85cc87",
        "builtin/3": "b763e28d90ea3d44fc1be438ef91697c8b7c0391e39a7163cf439450bcffbfc1",
    }
    assert {pack.id: pack.sha256 for pack in shipped_packs()} == shipped
    for pack_id, sha256 in shipped.items():
        assert ShippedRules().pack(pack_id, sha256) is not None
    assert ShippedRules().pack("builtin/2", "0" * 64) is None
