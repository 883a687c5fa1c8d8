"""Rule packs: which businesses are done at the counter and what each of them needs (the table of PRODUCT.md).

The built-in pack lies in assets/rulepacks; packs that operators sign come later. A business stands in it when every
kind of step that it needs exists in the product. Where a pack may decide (○ in the table), the built-in one asks for
the notice and its video.
"""

from collections.abc import Callable
from typing import Literal

from pydantic import JsonValue

from hallclient.domain.documents import Document
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.manifest_part import ManifestPart
from hallclient.domain.notice import Notice
from hallclient.domain.plan import Plan, PlannedStep, SceneWords

TextInForce = Callable[[str], Notice]
"""The version of a text, by its code, that is in force on the day of the plan."""


class PackScene(ManifestPart):
    """A business: its words, whom it is about, and its steps in their order.

    `icon` names a drawing, and the `usual` one is chosen on the start page before anybody chooses.

    An option of a step whose value is `{"text": CODE}` stands for the version of that text that is in force.
    """

    code: str
    words: SceneWords
    persons: tuple[str, ...]
    steps: tuple[PlannedStep, ...]
    icon: str = "hall"
    usual: bool = False


class RulePack(Document):
    """A set of rules under one name. What is changed in it has another digest."""

    format: Literal["hallclient-rules/1"] = "hallclient-rules/1"
    id: str
    scenes: tuple[PackScene, ...]

    def scene(self, code: str) -> PackScene:
        """Raises scene_unknown."""
        found = next((scene for scene in self.scenes if scene.code == code), None)
        if found is None:
            raise KnownError(FailureCode.SCENE_UNKNOWN, code if code.isidentifier() else "no code of a scene")
        return found

    def plan(self, code: str, text: TextInForce, sha256: str | None = None) -> Plan:
        """The plan of a session of the scene `code` that begins now.

        `sha256` is this pack's, where that is known: a millisecond. Raises scene_unknown, and as `text` does.
        """
        scene = self.scene(code)
        return Plan(
            pack=self.id,
            pack_sha256=sha256 or self.sha256,
            scene=scene.code,
            words=scene.words,
            persons=scene.persons,
            steps=tuple(step.changed(options=_resolved(step.options, text)) for step in scene.steps),
        )


def _resolved(options: dict[str, JsonValue], text: TextInForce) -> dict[str, JsonValue]:
    return {name: _text_option(text(code)) if (code := _text_code(value)) else value for name, value in options.items()}


def _text_code(value: JsonValue) -> str | None:
    code = value.get("text") if isinstance(value, dict) and value.keys() == {"text"} else None
    return code if isinstance(code, str) else None


def _text_option(notice: Notice) -> JsonValue:
    return {"code": notice.code, "version": notice.version, "sha256": notice.sha256}
