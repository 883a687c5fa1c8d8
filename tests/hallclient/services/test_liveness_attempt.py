from dataclasses import dataclass

import pytest

from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
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


def test_of_a_pair_of_which_one_was_done_the_other_was_seen_and_others_are_drawn() -> None:
    first = attempt(LivenessFacts(), 5)
    one, other = first.draw(15)
    assert first.shows_more(one)
    first.note_shown(one)
    assert not first.shows_more(one)
    assert first.facts().still_asked == (one, other)
    assert first.facts_shown(other).attempts[-1].done == 1
    first.note_shown(other)
    before = first.facts(refusal=Refusal.STOPPED_BY_CLERK)
    assert before.attempts[-1].done == 1
    assert attempt(before, 6).draw(15) == PAIRS[6]


def test_a_check_that_begins_anew_shows_nothing_more() -> None:
    one = attempt(LivenessFacts(), 5)
    first, second = one.draw(15)
    one.note_shown(first)
    one.note_shown(second)
    assert not one.shows_more(first)
    assert not one.shows_more(second)
    assert one.facts().attempts[-1].done == 1


@pytest.mark.parametrize("refusal", [Refusal.COMPUTER_TOO_SLOW, Refusal.CAMERA_TOO_SLOW])
def test_a_check_that_began_anew_hides_nothing_that_was_seen(refusal: Refusal) -> None:
    """Its second sight had done nothing yet; but both challenges were seen in the first."""
    one = attempt(LivenessFacts(), 5)
    for challenge in one.draw(15):
        one.note_shown(challenge)
    before = one.facts(refusal=refusal, done=0)
    assert before.still_asked is None
    assert before.attempts[-1].done == 1
    (refused,) = one.facts(refusal=Refusal.TOO_SLOW, done=0).attempts
    assert refused.done == 0


def test_what_was_drawn_and_not_shown_is_asked_by_the_next_try() -> None:
    """Or whoever never comes to rest would draw until it suits."""
    first = attempt(LivenessFacts(), 5)
    first.draw(15)
    before = first.facts_drawn()
    assert before.attempts == ()
    second = attempt(before, 6)
    assert second.draw(15) == PAIRS[5]
    assert second.facts().drawn is None


def test_on_a_slower_computer_another_challenge_takes_the_place_of_the_blink_alone() -> None:
    asked = (Challenge.BLINK, Challenge.TURN_LEFT)
    before = LivenessFacts(drawn=asked)
    drawn = {attempt(before, byte).draw(7.0) for byte in range(250)}
    assert drawn == {(other, Challenge.TURN_LEFT) for other in Challenge if other not in asked}
    assert attempt(before).draw(12.0) == asked


def test_no_blink_is_drawn_where_it_cannot_be_seen() -> None:
    assert all(Challenge.BLINK not in attempt(LivenessFacts(), byte).draw(11.9) for byte in range(252))


def test_an_attempt_without_challenges_is_a_mistake_of_ours() -> None:
    with pytest.raises(BugError):
        attempt(LivenessFacts()).facts()
