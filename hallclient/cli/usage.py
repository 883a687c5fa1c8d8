"""How a command is to be typed, for whoever typed it wrong."""

import tomllib
from importlib import resources
from typing import Any


def usage_hints(error: Any) -> list[str]:
    """Lines about Click's `UsageError`: the call with all that it needs, the form of what is wrong, where all stands.

    Typer has a Click of its own without a public name, so the type is open. Empty when it does not say which command.
    """
    context = error.ctx
    if context is None:
        return []
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["usage"]
    needed = [_form(one, context) for one in context.command.params if one.required]
    if hasattr(context.command, "commands"):
        needed.append("COMMAND")
    lines = [words["call"].format(call=" ".join([context.command_path, *needed]))]
    wrong = getattr(error, "param", None)
    if wrong is not None and wrong.get_help_record(context):
        lines.append(words["form"].format(form=_form(wrong, context), help=wrong.get_help_record(context)[1]))
    lines.append(words["more"].format(command=context.command_path))
    return lines


def _form(parameter: Any, context: Any) -> str:
    """`--out PATH`; an argument without its type, as the usage line has it."""
    form, _ = parameter.get_help_record(context) or (parameter.name.upper(), "")
    return str(form if form.startswith("-") else form.split()[0])
