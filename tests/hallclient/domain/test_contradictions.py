"""A package whose facts contradict themselves does not hold, and the question that they fail is named."""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hallclient.domain.contradictions import CONSISTENT

from hallclient.domain.comparison import Comparison, Decision, Thresholds
from hallclient.domain.evidence import FileKind
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from tests.hallclient.domain.test_liveness_contradictions import CONTRADICTIONS as LIVENESS_CONTRADICTIONS
from tests.packages import NOW, BuiltPackage, CountedEntropy, build_package, make_authority

Change = Callable[[Manifest], Manifest]
HELD = Thresholds(0.5, 0.35, 0.0001, "test", "2026-01-01")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltPackage:
    entropy = CountedEntropy()
    root = make_authority(entropy)
    centre_key = X25519PrivateKey.from_private_bytes(entropy.token(32)).public_key()
    return build_package(tmp_path_factory.mktemp("built") / "package", root.device(entropy), centre_key, entropy)


def having(**changes: object) -> Change:
    return lambda manifest: manifest.model_copy(update=changes)


def facts(**changes: object) -> Change:
    return lambda manifest: manifest.model_copy(update={"facts": manifest.facts.model_copy(update=changes)})


def face(**changes: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        assert manifest.facts.face is not None
        return facts(face=manifest.facts.face.model_copy(update=changes))(manifest)

    return change


def compared(**changes: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        assert manifest.facts.face is not None
        comparison: Comparison = replace(manifest.facts.face.comparison, **changes)  # type: ignore[arg-type]
        return face(comparison=comparison)(manifest)

    return change


def reading(**changes: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        assert manifest.facts.reading is not None
        return facts(reading=manifest.facts.reading.model_copy(update=changes))(manifest)

    return change


def begun_again(times: int) -> Change:
    return lambda manifest: facts(readings_begun=times + 1)(reading(restarts=times)(manifest))


def first_event(at: str) -> Change:
    return lambda manifest: having(events=(replace(manifest.events[0], at=at), *manifest.events[1:]))(manifest)


def listed(*, twice: FileKind | None = None, without: FileKind | None = None, also: FileKind | None = None) -> Change:
    def change(manifest: Manifest) -> Manifest:
        files = [entry for entry in manifest.facts.files if entry.kind is not without]
        files += [entry for entry in files if entry.kind is twice]
        files += [files[0].model_copy(update={"kind": also})] if also else []
        return facts(files=tuple(files))(manifest)

    return change


def moment(**ago: float) -> str:
    return (NOW - dt.timedelta(**ago)).isoformat()


CONTRADICTIONS = [
    (Question.SESSION_NUMBERED, having(session="../../x")),
    (Question.SESSION_NUMBERED, having(session="019c0000-0000-4000-8000-000000000000")),
    (Question.SESSION_NUMBERED, having(session="019C0000-0000-7000-8000-000000000000")),
    (Question.SESSION_NUMBERED, having(session="019c0000-0000-7000-8000-000000000000\n")),
    (Question.SESSION_NUMBERED, having(device_sequence=-5)),
    (Question.SESSION_NUMBERED, having(device_sequence=0)),
    (Question.SESSION_NUMBERED, having(device_sequence=2**63)),
    (Question.TIMES_PLAUSIBLE, having(opened_at="演练客户")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-03-02")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-03-02T09:30:00")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-W10-1T09:30:00+00:00")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2026-13-02T09:30:00+00:00")),
    (Question.TIMES_PLAUSIBLE, having(opened_at="2099-01-01T00:00:00+00:00")),
    (Question.TIMES_PLAUSIBLE, first_event("x")),
    (Question.TIMES_PLAUSIBLE, first_event(moment(minutes=5, seconds=1))),
    (Question.FILES_LISTED_ONCE, listed(twice=FileKind.RECORD)),
    (Question.FILES_LISTED_ONCE, listed(also=FileKind.REVIEW_NOTE)),
    (Question.FILES_HAVE_FACTS, facts(reading=None)),
    (Question.FILES_HAVE_FACTS, facts(signature=None)),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, doubt=-1.1))),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, match=0.0, doubt=-1.0))),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, doubt=0.6))),
    (Question.THRESHOLDS_SANE, compared(thresholds=replace(HELD, false_accept_rate=0.02))),
    (Question.DECIDED_BY_SCORE, compared(score=None)),
    (Question.DECIDED_BY_SCORE, compared(score=0.49)),
    (Question.DECIDED_BY_SCORE, compared(score=5.0)),
    (Question.DECIDED_BY_SCORE, compared(score=math.inf)),
    (Question.DECIDED_BY_SCORE, compared(decision=Decision.DOUBTFUL)),
    (Question.DECIDED_BY_SCORE, compared(decision=Decision.NO_FACE)),
    (Question.COMPARED_WAS_SEEN, face(camera=None)),
    (Question.COMPARED_WAS_SEEN, face(frames_seen=0)),
    (Question.COMPARED_WAS_SEEN, listed(without=FileKind.LIVE_PHOTO)),
    (Question.COMPARED_WAS_SEEN, listed(without=FileKind.PORTRAIT)),
    (Question.LINES_IN_ORDER, reading(line_starts_s=(4.5, 0.0))),
    (Question.LINES_IN_ORDER, reading(line_starts_s=(-1.0, 4.5))),
    (Question.LINES_IN_ORDER, reading(line_starts_s=(), line_ends=())),
    (Question.LINES_IN_ORDER, reading(line_starts_s=(0.0, 0.0))),
    (Question.LINES_IN_ORDER, reading(line_starts_s=(0.0, 0.59))),
    (Question.READING_FITS, reading(line_starts_s=(0.0, 99999.0))),
    (Question.READING_FITS, reading(line_starts_s=(0.0, 9.0))),
    (Question.READING_FITS, reading(duration_s=-1.0, longest_silence_s=0.0)),
    (Question.READING_FITS, reading(duration_s=math.inf)),
    (Question.READING_FITS, reading(duration_s=math.nan)),
    (Question.READING_FITS, reading(pictures=0)),
    (Question.READING_FITS, reading(pictures=-1)),
    (Question.READING_FITS, reading(pictures_dropped=-1)),
    (Question.READING_FITS, reading(sound_s=0.0)),
    (Question.READING_FITS, reading(sound_s=math.inf)),
    (Question.READING_FITS, reading(longest_silence_s=9.001)),
    (Question.READING_FITS, reading(longest_silence_s=1e9)),
    (Question.READING_FITS, reading(longest_silence_s=-0.1)),
    (Question.READING_FITS, reading(restarts=-5)),
    (Question.READING_FITS, reading(restarts=1)),
    (Question.READING_FITS, facts(readings_begun=0)),
    (Question.READING_FITS, facts(readings_begun=2)),
    (Question.READING_FITS, facts(notice=None)),
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    changed = change(built.manifest)
    assert {asked for asked, holds in CONSISTENT.items() if not holds(changed)} == {question}


def test_every_question_has_a_contradiction() -> None:
    assert {question for question, _ in (*CONTRADICTIONS, *LIVENESS_CONTRADICTIONS)} == CONSISTENT.keys()


@pytest.mark.parametrize(
    "change",
    [
        having(),
        first_event(moment(minutes=5)),
        first_event(moment(days=-30)),
        having(opened_at="2026-03-02T09:30:00.123Z"),
        compared(decision=Decision.NO_FACE, score=None),
        reading(line_starts_s=(0.0, 0.601)),
        reading(line_starts_s=(0.0, 8.999)),
        reading(longest_silence_s=9.0),
        reading(pictures=1, pictures_dropped=500, sound_s=0.02),
        begun_again(times=3),
    ],
)
def test_what_a_genuine_session_may_say_is_no_contradiction(change: Change, built: BuiltPackage) -> None:
    changed = change(built.manifest)
    assert [asked for asked, holds in CONSISTENT.items() if not holds(changed)] == []


def test_the_inspection_asks_each(built: BuiltPackage) -> None:
    entropy = CountedEntropy()
    inspection = inspect(built.files, [make_authority(entropy).certificate])
    asked = {check.question for check in inspection.checks if check.holds}
    assert CONSISTENT.keys() <= asked
