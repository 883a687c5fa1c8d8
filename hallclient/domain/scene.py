"""Which businesses are done at the counter, and the steps that each requires (the table of PRODUCT.md).

A scene stands here when every step that it requires exists in the product; the others come with their steps.
Where the rule pack may decide (○ in the table), the built-in pack asks for the notice and its video.
"""

from dataclasses import dataclass
from enum import StrEnum

RULE_PACK = "builtin/1"


class Step(StrEnum):
    """One thing that a customer does or waits for, in the order of the counter."""

    CARD = "card"
    PRECHECK = "precheck"
    PORTRAIT = "portrait"
    NOTICE = "notice"
    SIGNATURE = "signature"
    FINISH = "finish"


class SceneCode(StrEnum):
    NEW_NUMBER = "new_number"
    CARD_REPLACEMENT = "card_replacement"
    SECOND_VERIFICATION = "second_verification"
    NUMBERS_UNDER_MY_NAME = "numbers_under_my_name"


@dataclass(frozen=True, slots=True)
class Scene:
    """A business and the steps that it requires."""

    code: SceneCode
    steps: tuple[Step, ...]


_WHOLE_ROAD = tuple(Step)
SCENES: dict[SceneCode, Scene] = {
    scene.code: scene
    for scene in (
        Scene(SceneCode.NEW_NUMBER, _WHOLE_ROAD),
        Scene(SceneCode.CARD_REPLACEMENT, _WHOLE_ROAD),
        Scene(SceneCode.SECOND_VERIFICATION, _WHOLE_ROAD),
        Scene(SceneCode.NUMBERS_UNDER_MY_NAME, (Step.CARD, Step.PRECHECK, Step.PORTRAIT, Step.FINISH)),
    )
}
