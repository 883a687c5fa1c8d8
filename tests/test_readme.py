"""What README shows of the code is the code."""

import re
from pathlib import Path

from hallclient.domain.evidence import MANIFEST, RECEIPT, REVIEW
from hallclient.domain.evidence.facts.key_pictures import KEY_PICTURE_FILES
from hallclient.domain.evidence.files import file_name
from hallclient.domain.evidence.review import REVIEW_NOTE
from hallclient.domain.hall_time import hall_date
from hallclient.domain.plan_diagram import state_diagram
from hallclient.domain.step_kinds import possible_files
from hallclient.rule_texts import built_in_pack, text_in_force
from tests import questionnaire
from tests.clock import NOON

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
LONGEST = built_in_pack().plan("new_number", lambda code: text_in_force(code, hall_date(NOON)))


def _block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found[-1])


def test_the_diagram_is_the_longest_plans() -> None:
    assert all(len(scene.steps) <= len(LONGEST.steps) for scene in built_in_pack().scenes)
    assert _block("mermaid") == state_diagram(LONGEST), "run `make diagram` and put its output into the README"


def test_a_kind_is_added_in_ten_lines_that_are_tested() -> None:
    shown = [line.partition("  #")[0].strip() for line in _block("python").splitlines()]
    tested = {line.strip() for line in Path(questionnaire.__file__).read_text("utf-8").splitlines()}
    assert len(shown) == 10
    assert [line for line in shown if line not in tested] == []


def test_the_table_of_the_format_has_every_file() -> None:
    """Of a numbered series the first and the last."""
    between = {f"holder.{name}" for name in KEY_PICTURE_FILES[1:-1]}
    named = [an_id for an_id in possible_files(LONGEST) if an_id not in between]
    files = [file_name(an_id) for an_id in (*named, "business", REVIEW_NOTE)]
    files += [f"{stem}.{ending}" for stem in (MANIFEST, REVIEW, RECEIPT) for ending in ("json", "sig")]
    assert [name for name in files if f"`{name}`" not in README] == []
