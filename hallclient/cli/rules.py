"""`hallclient rules`: what the rule pack in force asks for."""

import json
from typing import Annotated

import typer

from hallclient.cli.output import JsonOption, answer
from hallclient.domain.hall_time import hall_date
from hallclient.domain.plan import Plan
from hallclient.domain.plan_diagram import state_diagram
from hallclient.rule_texts import built_in_pack, text_in_force
from hallclient.system import SystemClock

app = typer.Typer(no_args_is_help=True, help="The rules by which sessions are planned.")


@app.command("list")
def list_scenes(as_json: JsonOption = False) -> None:
    """Print the businesses of the rules in force: code and name."""
    pack = built_in_pack()
    scenes = [{"code": scene.code, "name": scene.words.name, "steps": len(scene.steps)} for scene in pack.scenes]
    document = {"pack": pack.id, "digest": pack.sha256, "scenes": scenes}
    answer(document, [f"{scene.code}  {scene.words.name}" for scene in pack.scenes], as_json, positive=True)


@app.command()
def explain(
    scene: Annotated[str, typer.Option(metavar="CODE", help="The business, by its code: see `rules list`.")],
    as_json: JsonOption = False,
) -> None:
    """Print the plan of a session of SCENE that would begin now: its steps in their order."""
    plan = _plan(scene)
    steps = [step.model_dump(mode="json") for step in plan.steps]
    document = {
        "pack": plan.pack,
        "digest": plan.pack_sha256,
        "scene": plan.scene,
        "persons": list(plan.persons),
        "steps": steps,
    }
    lines = [f"{plan.pack}  {plan.pack_sha256}"]
    lines += [
        f"{step.id}  {step.kind}  {step.person}  {json.dumps(step.options, ensure_ascii=False, sort_keys=True)}"
        for step in plan.steps
    ]
    answer(document, lines, as_json, positive=True)


@app.command()
def diagram(
    scene: Annotated[
        str | None, typer.Option(metavar="CODE", help="The business; without it the one with the most steps.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the plan of SCENE as a state diagram for Mermaid."""
    if scene is None:
        scene = max(built_in_pack().scenes, key=lambda one: len(one.steps)).code
    drawn = state_diagram(_plan(scene))
    answer({"scene": scene, "diagram": drawn}, drawn.splitlines(), as_json, positive=True)


def _plan(scene: str) -> Plan:
    """Of a session that would begin now."""
    day = hall_date(SystemClock().now())
    return built_in_pack().plan(scene, lambda code: text_in_force(code, day))
