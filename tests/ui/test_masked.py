"""Screens get masked persons only: nothing in `ui` knows what a card says, or the number that a session is about."""

import ast
from pathlib import Path

import ui

_UNMASKED = frozenset({"CardRecord", "CardReading"})
_ASKED_OF_A_SESSION = frozenset({"service_number", "reading", "record"})


def test_no_screen_knows_more_than_is_masked() -> None:
    (folder,) = ui.__path__
    for path in sorted(Path(folder).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert not _UNMASKED & {alias.name for alias in node.names}, path.name
            if isinstance(node, ast.Attribute) and node.attr in _ASKED_OF_A_SESSION:
                asked = ast.unparse(node.value)
                assert not asked.endswith(("session", "work")), f"{path.name}: {ast.unparse(node)}"
