"""The kind of step in which a notice is read aloud before a camera and a microphone."""

from itertools import pairwise

from hallclient.domain.evidence.facts.notice import RECORDING, NoticeFacts, NoticeOptions
from hallclient.domain.inspection_question import Question
from hallclient.domain.notice import SHORTEST_LINE_S
from hallclient.domain.step_kind import FileRule, Opened, SealedSession, SealedStep, StepKind, facts_of

_CLOCKS_APART_S = 0.1  # a camera's clock may be ahead of the computer's by a picture or two; times are rounded


def _lines_in_order(_session: SealedSession, step: SealedStep) -> bool:
    """A notice has lines, and each was before the customer for as long as no line can be read in less.

    What the line says is not known here: its own floor (`shortest_line_s`) is the client's to keep. The first line may
    seem to be shown with the first picture, whose time is the camera's.
    """
    recording = facts_of(step, NoticeFacts).recording
    if recording is None:
        return False
    starts_s = recording.line_starts_s
    shown_s = (later - earlier for earlier, later in pairwise(starts_s))
    return bool(starts_s) and starts_s[0] >= 0 and all(each >= SHORTEST_LINE_S - _CLOCKS_APART_S for each in shown_s)


def _every_line_ended(_session: SealedSession, step: SealedStep) -> bool:
    """Whether somebody said of each line of the notice that it is read."""
    recording = facts_of(step, NoticeFacts).recording
    return recording is None or len(recording.line_starts_s) == len(recording.line_ends)


def _recording_fits(_session: SealedSession, step: SealedStep) -> bool:
    """The recording's numbers go together, and with how often it was begun.

    What was refused as a virtual camera was one, and took no picture.
    """
    facts = facts_of(step, NoticeFacts)
    recording, refused = facts.recording, facts.refused_cameras
    return (
        (recording is None or (recording.fits_together and recording.restarts == facts.begun - 1))
        and all(camera.virtual for camera in refused)
        and not set(refused) & set(facts.cameras)
    )


def _cameras_not_virtual(session: SealedSession, step: SealedStep) -> bool:
    """As at the portrait."""
    return session.practice or not any(camera.virtual for camera in step.facts.cameras)


def _look(session: SealedSession, _step: SealedStep, opened: Opened) -> list[tuple[str, Question, bool]]:
    """The recording's own tags, which are at its beginning, name the session."""
    return [(RECORDING, Question.OF_THIS_SESSION, session.session.encode() in opened.plain[RECORDING])]


KIND = StepKind(
    name="notice",
    facts=NoticeFacts,
    options=NoticeOptions,
    files=(FileRule(RECORDING, always=True, large=True),),
    consistent={
        Question.LINES_IN_ORDER: _lines_in_order,
        Question.EVERY_LINE_ENDED: _every_line_ended,
        Question.RECORDING_FITS: _recording_fits,
        Question.CAMERAS_NOT_VIRTUAL: _cameras_not_virtual,
    },
    look=_look,
)
