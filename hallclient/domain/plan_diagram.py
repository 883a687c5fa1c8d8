"""A plan as a state diagram in Mermaid's language, for the README."""

from hallclient.domain.plan import Plan


def state_diagram(plan: Plan) -> str:
    """The plan's steps in their order, and how a session of it ends. Each arrow is one durable commit."""
    names = {step.id: step.id.replace("/", "_") for step in plan.steps}
    lines = ["stateDiagram-v2", "    [*] --> open", "    state open {"]
    lines += [f'        state "{step_id}" as {name}' for step_id, name in names.items() if step_id != name]
    before = "[*]"
    for step in plan.steps:
        lines.append(f"        {before} --> {names[step.id]}" + ("" if before == "[*]" else ": done"))
        before = names[step.id]
    lines += [
        f"        {before} --> [*]: done",
        "    }",
        "    open --> sealed: sealed",
        "    open --> refused: a step forbids to go on",
        "    open --> abandoned: abandoned",
        "    sealed --> [*]",
        "    refused --> [*]",
        "    abandoned --> [*]",
    ]
    return "\n".join(lines) + "\n"
