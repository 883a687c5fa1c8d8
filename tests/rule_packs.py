"""Rule packs that tests make: the built-in one with another scene."""

import datetime as dt
from dataclasses import dataclass

from pydantic import JsonValue

from hallclient.domain.notice import Notice
from hallclient.domain.plan import PlannedStep
from hallclient.domain.rule_pack import PackScene, RulePack
from hallclient.rule_texts import built_in_pack, text_in_force

CONSENT: dict[str, JsonValue] = {"consent": {"text": "face_consent"}, "liveness": True}
READING: dict[str, JsonValue] = {"text": {"text": "fraud_risk"}, "video": True}


def planned(step_id: str, kind: str, person: str, **options: JsonValue) -> PlannedStep:
    return PlannedStep(id=step_id, kind=kind, person=person, options=options)


def known_and_signed(person: str) -> tuple[PlannedStep, ...]:
    """Everything that a person does who takes part: card, portrait, notice, signature."""
    return (
        planned(f"{person}/card", "card", person),
        planned(f"{person}/precheck", "precheck", person),
        planned(f"{person}/portrait", "portrait", person, **CONSENT),
        planned(f"{person}/notice", "notice", person, **READING),
        planned(f"{person}/signature", "signature", person, signs=f"{person}/notice"),
    )


def pack_with(code: str, persons: tuple[str, ...], *steps: PlannedStep) -> RulePack:
    """The built-in pack, by another name, with the scene `code`."""
    built_in = built_in_pack()
    scene = PackScene(code=code, words=built_in.scenes[0].words, persons=persons, steps=steps)
    return RulePack(id="test/1", scenes=(*built_in.scenes, scene))


@dataclass(frozen=True)
class RulesOf:
    """Fulfils `hallclient.domain.inspection.package.Rules` for a pack of a test."""

    known: RulePack

    def pack(self, pack_id: str, sha256: str) -> RulePack | None:
        return self.known if (self.known.id, self.known.sha256) == (pack_id, sha256) else None

    def text_in_force(self, code: str, day: dt.date) -> Notice:
        return text_in_force(code, day)
