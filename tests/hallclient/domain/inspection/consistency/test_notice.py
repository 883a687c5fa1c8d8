"""A recording whose numbers cannot be true together does not hold."""

import math

import pytest

from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.notice import NoticeFacts
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.inspection_question import Question
from hallclient.domain.step_kind import facts_of
from tests.hallclient.domain.inspection.consistency.changes import Change, both, failing, having, step_facts
from tests.packages import BuiltPackage

VIRTUAL = DeviceIdentity("OBS Virtual Camera", practice=False, virtual=True)


def notice(**changes: object) -> Change:
    return step_facts("notice", NoticeFacts, **changes)


def recording(**changes: object) -> Change:
    def change(manifest: Manifest) -> Manifest:
        done = manifest.done_step("notice")
        assert done is not None
        made = facts_of(done, NoticeFacts).recording
        assert made is not None
        return notice(recording=made.model_copy(update=changes))(manifest)

    return change


def begun_again(times: int) -> Change:
    return both(recording(restarts=times), notice(begun=times + 1))


CONTRADICTIONS: list[tuple[Question, Change]] = [
    (Question.LINES_IN_ORDER, notice(recording=None)),
    (Question.LINES_IN_ORDER, recording(line_starts_s=(4.5, 0.0))),
    (Question.LINES_IN_ORDER, recording(line_starts_s=(-1.0, 4.5))),
    (Question.LINES_IN_ORDER, recording(line_starts_s=(), line_ends=())),
    (Question.LINES_IN_ORDER, recording(line_starts_s=(0.0, 0.0))),
    (Question.LINES_IN_ORDER, recording(line_starts_s=(0.0, 0.59))),
    (Question.EVERY_LINE_ENDED, recording(line_ends=())),
    (Question.EVERY_LINE_ENDED, recording(line_starts_s=(0.0, 4.5, 8.0))),
    (Question.RECORDING_FITS, recording(line_starts_s=(0.0, 99999.0))),
    (Question.RECORDING_FITS, recording(line_starts_s=(0.0, 9.0))),
    (Question.RECORDING_FITS, recording(duration_s=-1.0, longest_silence_s=0.0)),
    (Question.RECORDING_FITS, recording(duration_s=math.inf)),
    (Question.RECORDING_FITS, recording(duration_s=math.nan)),
    (Question.RECORDING_FITS, recording(pictures=0)),
    (Question.RECORDING_FITS, recording(pictures=-1)),
    (Question.RECORDING_FITS, recording(pictures_dropped=-1)),
    (Question.RECORDING_FITS, recording(sound_s=0.0)),
    (Question.RECORDING_FITS, recording(sound_s=math.inf)),
    (Question.RECORDING_FITS, recording(longest_silence_s=9.001)),
    (Question.RECORDING_FITS, recording(longest_silence_s=1e9)),
    (Question.RECORDING_FITS, recording(longest_silence_s=-0.1)),
    (Question.RECORDING_FITS, recording(restarts=-5)),
    (Question.RECORDING_FITS, recording(restarts=1)),
    (Question.RECORDING_FITS, notice(begun=0)),
    (Question.RECORDING_FITS, notice(begun=2)),
    (Question.RECORDING_FITS, notice(refused_cameras=(DeviceIdentity("a good one", practice=False),))),
    (
        Question.RECORDING_FITS,
        both(having(practice=True), recording(camera=VIRTUAL), notice(refused_cameras=(VIRTUAL,))),
    ),
    (Question.CAMERAS_NOT_VIRTUAL, recording(camera=VIRTUAL)),
]


@pytest.mark.parametrize(("question", "change"), CONTRADICTIONS)
def test_a_contradiction_fails_its_question(question: Question, change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == {question}


@pytest.mark.parametrize(
    "change",
    [
        recording(line_starts_s=(0.0, 0.601)),
        recording(line_starts_s=(0.0, 8.999)),
        recording(longest_silence_s=9.0),
        recording(pictures=1, pictures_dropped=500, sound_s=0.02),
        begun_again(times=3),
        # What was refused took no picture; what is unknown may be used, and is a reviewer's to wonder about.
        both(recording(camera=DeviceIdentity("camera 0", practice=False)), notice(refused_cameras=(VIRTUAL,))),
        both(having(practice=True), recording(camera=VIRTUAL)),
    ],
)
def test_what_a_genuine_session_may_say_is_no_contradiction(change: Change, built: BuiltPackage) -> None:
    assert failing(change(built.manifest)) == set()
