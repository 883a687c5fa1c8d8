"""Facts change only into facts."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.portrait import ConsentFacts, FailedTry, PortraitFacts
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.failures import BugError, FailureCode
from hallclient.domain.liveness import Refusal
from tests.attempts import LIVE

SECRET = "张三丰"
UNEXAMINED = LivenessFacts().model_copy(update={"attempts": (LIVE.model_copy(update={"done": SECRET}),)})
CAMERA = DeviceIdentity("OBS Virtual Camera", practice=False, virtual=True)
CONSENT = ConsentFacts(given=True, text=TextShown(code="face_consent", version="1", sha256=""))
FACTS = PortraitFacts(consent=CONSENT, refused_cameras=(CAMERA,))


def test_a_change_leaves_the_rest_and_the_old_facts_as_they_were() -> None:
    tries = (FailedTry(code=FailureCode.NOT_LIVE),)
    changed = FACTS.changed(failed_tries=tries)
    assert changed.failed_tries == tries
    assert (changed.consent, changed.refused_cameras) == (FACTS.consent, (CAMERA,))
    assert FACTS.failed_tries == ()
    assert FACTS.changed() == FACTS


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"failed_trys": (1,)}, "failed_trys"),
        ({"failed_tries": (1,)}, "failed_tries.0"),
        ({"consent": SECRET}, "consent"),
        ({"refused_cameras": SECRET}, "refused_cameras"),
        ({"liveness": UNEXAMINED}, "liveness.attempts.0.done"),
        ({"liveness": LIVE}, "liveness"),
    ],
)
def test_a_part_that_there_is_not_or_of_another_kind_is_our_mistake(changes: dict[str, object], part: str) -> None:
    with pytest.raises(BugError) as caught:
        FACTS.changed(**changes)
    assert part in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.lists(st.sampled_from([None, *Refusal]), max_size=9))
def test_passed_checks_that_were_not_compared_change_nothing_about_the_tries_that_are_left(
    refusals: list[Refusal | None],
) -> None:
    def facts(some: Sequence[Refusal | None]) -> LivenessFacts:
        return LivenessFacts(attempts=tuple(LIVE.changed(refusal=refusal) for refusal in some))

    others = [refusal for refusal in refusals if refusal is not Refusal.NOT_COMPARED]
    assert facts(refusals).may_try_again is facts(others).may_try_again
    passed_last = facts([*refusals, Refusal.NOT_COMPARED])
    assert not passed_last.live
    assert passed_last.still_asked is None
