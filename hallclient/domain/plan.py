"""The plan of a session: which steps a customer's business needs, in which order, about whom.

It is made once, at the opening, by a rule pack, and kept with the session. Nothing else says what a session consists
of: the services, the screens' list, the centre and `verify` go by it. The seal is no step: it follows the last one.
"""

import re
from collections.abc import Collection

from pydantic import Field, JsonValue

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.manifest_part import ManifestPart

# A name, or a person's role, a stroke and a name. File ids are made of it, so it is never a path or a drive.
_STEP_ID = re.compile(r"[a-z][a-z0-9_]{0,31}(/[a-z][a-z0-9_]{0,31})?")
MOST_STEPS = 100  # of one session; every question is asked of each
_PERSON = re.compile(r"[a-z][a-z0-9_]{0,31}")


class PlannedStep(ManifestPart):
    """One thing to be done.

    Attributes:
        id: within the plan, such as `holder/card` or `notice`.
        kind: how it is done; see `hallclient.domain.step_kinds`.
        person: the role of whom it is about, one of the plan's.
        options: what is asked for in it; each kind has its own.
    """

    id: str
    kind: str
    person: str
    options: dict[str, JsonValue] = Field(default_factory=dict)


class SceneWords(ManifestPart):
    """How a business is called. `{number}` stands for the number that it is about.

    Attributes:
        name, hint: on the clerk's start page; the name also in the document that is signed.
        why, rule: beside the session, for the clerk.
        business, limits: what the customer reads is done, and is not done, in their name.
    """

    name: str
    hint: str
    why: str
    rule: str
    business: str
    limits: str


class Plan(ManifestPart):
    """The steps of one session in their order.

    Attributes:
        pack, pack_sha256: the rule pack that made it.
        scene: the pack's code for the business.
        words: how that is called, to the customer too: what they were told is signed with the rest.
        persons: the roles of everybody it is about, the first one's business it is.
    """

    pack: str
    pack_sha256: str
    scene: str
    words: SceneWords
    persons: tuple[str, ...]
    steps: tuple[PlannedStep, ...]

    def next_step(self, done: Collection[str]) -> PlannedStep | None:
        """The first step that is not among the ids in `done`; None when all are."""
        return next((step for step in self.steps if step.id not in done), None)

    def step(self, step_id: str) -> PlannedStep | None:
        """The step of this id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def of_kind(self, kind: str, person: str) -> PlannedStep | None:
        """The first step of `kind` about `person`."""
        return next((step for step in self.steps if (step.kind, step.person) == (kind, person)), None)

    def only(self, step_ids: Collection[str]) -> "Plan":
        """This plan with those of its steps alone."""
        return self.changed(steps=tuple(step for step in self.steps if step.id in step_ids))


def require_sound(plan: Plan, kinds: Collection[str]) -> None:
    """That `plan` can be done by a program that knows `kinds`.

    Raises plan_step_unknown for an id that is none, plan_step_twice, plan_kind_unknown, plan_person_unknown.
    """
    if not 1 <= len(plan.steps) <= MOST_STEPS:
        raise KnownError(FailureCode.PLAN_STEP_UNKNOWN, f"1 to {MOST_STEPS} steps make a plan")
    seen: set[str] = set()
    for step in plan.steps:
        if _STEP_ID.fullmatch(step.id) is None:
            raise KnownError(FailureCode.PLAN_STEP_UNKNOWN, "no id of a step")
        if step.id in seen:
            raise KnownError(FailureCode.PLAN_STEP_TWICE, step.id)
        seen.add(step.id)
        if step.kind not in kinds:
            raise KnownError(FailureCode.PLAN_KIND_UNKNOWN, step.id)
        if step.person not in plan.persons or _PERSON.fullmatch(step.person) is None:
            raise KnownError(FailureCode.PLAN_PERSON_UNKNOWN, step.id)
