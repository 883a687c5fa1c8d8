"""Whatever is changed in a genuine manifest that follows from something else: it never ends in a receipt `passed`.

Each example is a genuine package, changed in one to three places, signed by its genuine device and delivered.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallclient.central.centre import Centre
from hallclient.domain.card import CardKind, Finding
from hallclient.domain.comparison import Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.card import CardFacts
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.notice import LineEnd, NoticeFacts
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.evidence.facts.signature import SignatureFacts
from hallclient.domain.evidence.manifest import AuditHead, Manifest, flags_of
from hallclient.domain.evidence.receipt import Outcome
from hallclient.rule_texts import ShippedRules
from tests.attempts import LIVE, REFUSED_ATTEMPT
from tests.hallclient.central.running import enrol
from tests.hallclient.central.test_memory import NOW, Counter
from tests.hallclient.domain.inspection.consistency.changes import (
    Change,
    having,
    portrait,
    portrait_of,
    step,
    step_facts,
)
from tests.hallclient.domain.inspection.consistency.test_notice import notice, recording
from tests.packages import RECORDING_PICTURES, RECORDING_S, BuiltPackage, CountedEntropy, FixedClock

STEPS = ("holder/card", "holder/precheck", "holder/portrait", "notice", "signature")
SHA256 = st.binary(min_size=32, max_size=32).map(bytes.hex)
NO_SHA256 = st.text(max_size=70).filter(lambda text: len(text) != 64)
RUBBISH = st.text(max_size=20).filter(lambda text: "T" not in text)
ANY_SCORE = st.floats(-1, 1, allow_nan=False)


def compared(**changes: Any) -> Change:
    def change(manifest: Manifest) -> Manifest:
        face = portrait_of(manifest).face
        assert face is not None
        return portrait(face=face.model_copy(update={"comparison": replace(face.comparison, **changes)}))(manifest)

    return change


def thresholds(match: float, doubt: float, score: float) -> Change:
    def change(manifest: Manifest) -> Manifest:
        face = portrait_of(manifest).face
        assert face is not None
        own = replace(face.comparison.thresholds, match=match, doubt=doubt)
        return compared(thresholds=own, score=score)(manifest)

    return change


def seen(**changes: Any) -> Change:
    def change(manifest: Manifest) -> Manifest:
        face = portrait_of(manifest).face
        assert face is not None
        return portrait(face=face.model_copy(update=changes))(manifest)

    return change


def attempts(*made: Any) -> Change:
    return portrait(liveness=LivenessFacts.model_construct(models={"mesh.tflite": "1" * 64}, attempts=made, drawn=None))


def consent(**changes: Any) -> Change:
    def change(manifest: Manifest) -> Manifest:
        answer = portrait_of(manifest).consent
        assert answer is not None
        return portrait(consent=answer.model_copy(update=changes))(manifest)

    return change


def later(field: str, minutes: int) -> Change:
    def change(manifest: Manifest) -> Manifest:
        moved = dt.datetime.fromisoformat(getattr(manifest, field)) + dt.timedelta(minutes=minutes)
        return having(**{field: moved.isoformat()})(manifest)

    return change


def planned(**changes: Any) -> Change:
    return lambda manifest: having(plan=manifest.plan.model_copy(update=changes))(manifest)


def another_file(digest: str) -> Change:
    return lambda manifest: having(business=manifest.business.model_copy(update={"plain_sha256": digest}))(manifest)


def without(at: int) -> Change:
    return lambda manifest: having(steps=tuple(it for index, it in enumerate(manifest.steps) if index != at))(manifest)


def swapped(at: int) -> Change:
    def change(manifest: Manifest) -> Manifest:
        steps = list(manifest.steps)
        steps[at], steps[at + 1] = steps[at + 1], steps[at]
        return having(steps=tuple(steps))(manifest)

    return change


CHANGES: dict[str, st.SearchStrategy[Change]] = {
    "score": st.floats(-1, 0.49).map(lambda score: compared(score=score)),
    "no score": st.just(compared(score=None)),
    "decision": st.sampled_from([one for one in Decision if one is not Decision.MATCHED]).map(
        lambda decision: compared(decision=decision)
    ),
    "thresholds": st.tuples(st.floats(-1, 0.4), ANY_SCORE).map(
        lambda drawn: thresholds(drawn[0], -1.0, min(drawn[0] + 0.01, 0.44))
    ),
    "engine": st.text(max_size=10)
    .filter(lambda name: name not in ("sface", "dlib"))
    .map(
        lambda name: (
            lambda manifest: compared(
                engine=replace(portrait_of(manifest).face.comparison.engine, name=name)  # type: ignore[union-attr]
            )(manifest)
        )
    ),
    "frames": st.integers(-(2**40), 0).map(lambda frames: seen(frames_seen=frames)),
    "camera": st.just(seen(camera=None)),
    "virtual camera": st.text(max_size=9).map(lambda name: seen(camera=DeviceIdentity(name, False, virtual=True))),
    "consent": st.sampled_from([consent(given=False), portrait(consent=None)]),
    "attempts before": st.integers(3, 60).map(lambda times: attempts(*[REFUSED_ATTEMPT] * times, LIVE)),
    "attempts without challenges": st.integers(0, 5).map(
        lambda done: attempts(LIVE.model_copy(update={"challenges": (), "done": done}))
    ),
    "attempts half done": st.integers(-3, 1).map(lambda done: attempts(LIVE.model_copy(update={"done": done}))),
    "looks": st.floats(-10, 4.9).map(lambda rate: attempts(LIVE.model_copy(update={"looks_per_s": rate}))),
    "likeness": st.floats(-1, 0.49).map(lambda alike: attempts(LIVE.model_copy(update={"likeness": alike}))),
    "no attempts": st.just(attempts()),
    "findings": st.lists(st.sampled_from(Finding), min_size=1, max_size=3, unique=True).map(
        lambda findings: step_facts("holder/card", CardFacts, findings=tuple(findings))
    ),
    "kind": st.sampled_from([kind for kind in CardKind if kind is not CardKind.RESIDENT]).map(
        lambda kind: step_facts("holder/card", CardFacts, kind=kind)
    ),
    "sam": st.text(max_size=9).map(lambda number: step_facts("holder/card", CardFacts, sam_number=number)),
    "not usable": st.just(step_facts("holder/precheck", PrecheckFacts, card_usable=False)),
    "pictures": st.integers(-5, 10**6)
    .filter(lambda count: count != RECORDING_PICTURES)
    .map(lambda count: recording(pictures=count)),
    "duration": st.floats(-10, 10**6)
    .filter(lambda long: abs(long - RECORDING_S) > 0.2)
    .map(lambda long: recording(duration_s=long)),
    "sound": st.floats(-10, 0).map(lambda long: recording(sound_s=long)),
    "silence": st.floats(RECORDING_S + 0.1, 10**6).map(lambda long: recording(longest_silence_s=long)),
    "line ends": st.integers(0, 5)
    .filter(lambda count: count != 2)
    .map(lambda count: recording(line_ends=(LineEnd.CLERK,) * count)),
    "lines": st.lists(st.floats(0, 0.5), min_size=2, max_size=2).map(
        lambda starts: recording(line_starts_s=tuple(starts))
    ),
    "begun": st.integers(-3, 9).filter(lambda times: times != 1).map(lambda times: notice(begun=times)),
    "not recorded": st.just(step_facts("notice", NoticeFacts, recording=None)),
    "strokes": SHA256.map(lambda digest: step_facts("signature", SignatureFacts, strokes_sha256=digest)),
    "points": st.integers(-5, 500)
    .filter(lambda count: count != 12)
    .map(lambda count: step_facts("signature", SignatureFacts, points=count)),
    "pen": st.sampled_from(["touch", "mouse", "finger", ""]).map(
        lambda name: step_facts("signature", SignatureFacts, device=name)
    ),
    "pressure": st.just(step_facts("signature", SignatureFacts, pressure=False)),
    "unsigned": SHA256.map(lambda digest: step_facts("signature", SignatureFacts, unsigned_sha256=digest)),
    "unsigned length": st.integers(-5, 10**6).map(
        lambda length: step_facts("signature", SignatureFacts, unsigned_bytes=length)
    ),
    "by": st.tuples(st.sampled_from(STEPS), st.sampled_from(["", " ", "C1 ", "a/b", "x" * 65, "a\nb"])).map(
        lambda drawn: step(drawn[0], by=drawn[1])
    ),
    "clerk": st.sampled_from(["", " 1001", "..", "\u0000"]).map(lambda clerk: having(clerk=clerk)),
    "at": st.tuples(st.sampled_from(STEPS), RUBBISH).map(lambda drawn: step(drawn[0], at=drawn[1])),
    "long ago": st.sampled_from(STEPS).map(lambda name: step(name, at="1970-01-01T00:00:00+00:00")),
    "elapsed": st.floats(-(10**6), -0.001).map(lambda elapsed: step("notice", elapsed_s=elapsed)),
    "opened at": RUBBISH.map(lambda text: having(opened_at=text)),
    "sealed later": st.integers(7, 500_000).map(lambda minutes: later("sealed_at", minutes)),
    "sealed before": st.integers(-500_000, -10).map(lambda minutes: later("sealed_at", minutes)),
    "pack": st.text(max_size=9).map(lambda pack: planned(pack=pack)),
    "pack digest": SHA256.map(lambda digest: planned(pack_sha256=digest)),
    "scene": st.text(max_size=9).map(lambda scene: planned(scene=scene)),
    "without": st.integers(0, 4).map(without),
    "swapped": st.integers(0, 3).map(swapped),
    "hall": st.text(min_size=1, max_size=9).map(
        lambda name: lambda manifest: having(place=replace(manifest.place, counter=f"other {name}"))(manifest)
    ),
    "device": st.text(max_size=9).map(lambda name: having(device=f"other {name}")),
    "number": st.integers(-(2**40), 0).map(lambda number: having(device_sequence=number)),
    "far number": st.integers(2000, 2**50).map(lambda number: having(device_sequence=number, previous="ab" * 32)),
    "previous": SHA256.map(lambda digest: having(previous=digest)),
    "audit head": NO_SHA256.map(lambda head: having(audit=AuditHead(sequence=9, head=head))),
    "audit sequence": st.integers(-(2**40), 0).map(
        lambda number: having(audit=AuditHead(sequence=number, head="ab" * 32))
    ),
    "flags": st.lists(st.text(max_size=9), min_size=1, max_size=2).map(lambda flags: having(flags=tuple(flags))),
    "service number": SHA256.map(lambda digest: having(service_number_sha256=digest)),
    "content": SHA256.map(another_file),
}
ORDER = st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=3, unique=True)


@st.composite
def contradiction(draw: st.DrawFn) -> tuple[Change, ...]:
    return tuple(draw(CHANGES[name]) for name in draw(ORDER))


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Counter]:
    """A device of its own for each example, at one centre."""
    folder, clock = tmp_path_factory.mktemp("never"), FixedClock(NOW)
    Centre.create(folder / "centre", "centre", False, clock, CountedEntropy("centre"))
    centre = Centre.open(folder / "centre", clock, CountedEntropy("centre again"), ShippedRules())
    entropy = CountedEntropy("never passed")

    def counter() -> Counter:
        place = folder / entropy.token(8).hex()
        place.mkdir()
        return Counter(centre, enrol(centre, place), clock, place, entropy)

    return counter


def outcome(counter: Counter, package: BuiltPackage) -> Outcome | None:
    """None where it was refused."""
    from hallclient.central.refusal import RefusalError  # noqa: PLC0415

    try:
        return counter.send(package).outcome
    except RefusalError:
        return None


@pytest.mark.may_log("pyhanko")
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.attack("T3", "anything that contradicts")
def test_one_contradiction_never_passes(name: str, make: Callable[[], Counter]) -> None:
    counter = make()

    @settings(max_examples=2)
    @given(CHANGES[name])
    def never(change: Change) -> None:
        genuine = counter.seal()
        assert outcome(counter, genuine.resign(**dict(change(genuine.manifest)))) is not Outcome.PASSED
        counter.hall = make().hall

    never()


@pytest.mark.may_log("pyhanko")
@settings(max_examples=40)
@given(contradiction())
@pytest.mark.attack("T3", "several contradictions at once")
def test_nor_do_several_together(make: Callable[[], Counter], changes: tuple[Change, ...]) -> None:
    counter = make()
    genuine = counter.seal()
    manifest: Manifest = genuine.manifest
    for change in changes:
        try:
            manifest = change(manifest)
        except AssertionError:  # an earlier one took away what this one would change
            return
    assert outcome(counter, genuine.resign(**dict(manifest))) is not Outcome.PASSED


def test_what_was_not_changed_passes(make: Callable[[], Counter]) -> None:
    """Or the others would prove nothing."""
    counter = make()
    genuine = counter.seal()
    assert genuine.manifest.flags == flags_of(genuine.manifest.steps)
    assert outcome(counter, genuine) is Outcome.PASSED
