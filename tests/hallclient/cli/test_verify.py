"""`hallclient verify` has words for every question that an inspection asks."""

import tomllib
from importlib import resources

from hallclient.domain.inspection import Question


def test_every_question_has_its_words() -> None:
    words = tomllib.loads((resources.files("assets") / "commands.toml").read_text("utf-8"))["questions"]
    assert words.keys() == {question.value for question in Question}
    assert len(set(words.values())) == len(words)
