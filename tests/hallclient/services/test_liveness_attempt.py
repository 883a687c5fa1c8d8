from dataclasses import dataclass

import pytest

from hallclient.domain.evidence import LivenessFacts
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import PAIRS, Challenge, Refusal
from hallclient.services.liveness_attempt import OpenAttempt


@dataclass
class Byte:
    """Entropy that gives one byte again and again."""

    value: int

    def token(self, length: int) -> bytes:
        return bytes([self.value]) * length


def attempt(before: LivenessFacts, byte: int = 0) -> OpenAttempt:
    return OpenAttempt(before, {"mesh.tflite": "ab"}, Byte(byte))


def test_it_is_kept_as_interrupted_until_it_has_ended() -> None:
    one = attempt(LivenessFacts(), 5)
    assert not one.begun
    assert one.draw(14.96) == PAIRS[5]
    facts = one.facts()
    assert facts.models == {"mesh.tflite": "ab"}
    (kept,) = facts.attempts
    assert (kept.challenges, kept.refusal, kept.looks_per_s, kept.done) == (PAIRS[5], Refusal.INTERRUPTED, 15.0, 0)
    (ended,) = one.facts(refusal=None, done=2).attempts
    assert (ended.challenges, ended.refusal, ended.done) == (PAIRS[5], None, 2)
    assert one.facts() == facts


@pytest.mark.parametrize(
    ("refusal", "the_same"), [(Refusal.INTERRUPTED, True), (Refusal.COMPUTER_FAILED, True), (Refusal.FLAT, False)]
)
def test_others_are_drawn_only_after_an_attempt_that_told_something(refusal: Refusal, the_same: bool) -> None:
    first = attempt(LivenessFacts(), 5)
    first.draw(15)
    before = first.facts(refusal=refusal)
    second = attempt(before, 6)
    assert second.draw(15) == (PAIRS[5] if the_same else PAIRS[6])
    assert second.facts().attempts[:-1] == before.attempts


def test_no_blink_is_drawn_where_it_cannot_be_seen() -> None:
    assert all(Challenge.BLINK not in attempt(LivenessFacts(), byte).draw(11.9) for byte in range(252))


def test_an_attempt_without_challenges_is_a_mistake_of_ours() -> None:
    with pytest.raises(BugError):
        attempt(LivenessFacts()).facts()
