"""`hallclient rules explain` prints the plan of a session that would begin now."""

import json

import pytest

from hallclient.domain.hall_time import hall_date
from hallclient.domain.plan import Plan
from hallclient.domain.step_kinds import require_doable
from hallclient.rule_texts import built_in_pack, text_in_force
from hallclient.system import SystemClock
from tests.command_line import hallclient

PACK = built_in_pack()


@pytest.mark.parametrize("scene", [scene.code for scene in PACK.scenes])
def test_it_prints_the_plan_that_a_session_would_have(scene: str) -> None:
    done = hallclient("rules", "explain", "--scene", scene, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["pack"], said["digest"]) == (PACK.id, PACK.sha256)
    assert [step.keys() for step in said["steps"]] == [{"id", "kind", "person", "options"}] * len(said["steps"])
    plan = Plan(
        pack=said["pack"],
        pack_sha256=said["digest"],
        scene=scene,
        words=PACK.scene(scene).words,
        persons=said["persons"],
        steps=said["steps"],
    )
    require_doable(plan)
    day = hall_date(SystemClock().now())
    assert plan == PACK.plan(scene, lambda code: text_in_force(code, day))


def test_each_step_has_its_line() -> None:
    done = hallclient("rules", "explain", "--scene", "new_number")
    first, *lines = done.stdout.splitlines()
    assert PACK.sha256 in first
    assert [line.split()[0] for line in lines[:5]] == [
        "holder/card",
        "holder/precheck",
        "holder/portrait",
        "notice",
        "signature",
    ]


def test_a_business_that_no_rule_knows_is_said() -> None:
    done = hallclient("rules", "explain", "--scene", "card_sharing")
    assert done.returncode == 2
    assert done.stderr.startswith("scene_unknown")
