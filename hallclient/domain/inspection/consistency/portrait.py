"""The kind of step in which a live face is compared with the card's."""

from collections.abc import Callable

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.card import PORTRAIT
from hallclient.domain.evidence.facts.key_pictures import KEY_PICTURE_FILES
from hallclient.domain.evidence.facts.portrait import LIVE_PHOTO, PortraitFacts, PortraitOptions
from hallclient.domain.inspection.consistency import key_pictures, liveness
from hallclient.domain.inspection_question import Question
from hallclient.domain.picture_bytes import pixels_sha256
from hallclient.domain.step_kind import Ask, FileRule, Opened, SealedSession, SealedStep, StepKind, facts_of
from hallclient.domain.supervised_way import supervised_way

_MOST_SCORE = 1.001  # 1, rounded


def _by_consent(_session: SealedSession, step: SealedStep) -> bool:
    """Whether the face was used as the customer answered, to the very text about face data that the plan has.

    No camera, no check, no picture and no score without a consent; with one no refusal.
    """
    facts = facts_of(step, PortraitFacts)
    answer, face = facts.consent, facts.face
    if answer is None or face is None:
        return False
    used = bool(
        facts.liveness.attempts
        or facts.liveness.drawn
        or facts.failed_tries
        or facts.refused_cameras
        or any(map(step.file, (LIVE_PHOTO, *KEY_PICTURE_FILES)))
        or face.camera
        or face.frames_seen
        or face.comparison.score is not None
    )
    asked = PortraitOptions.model_validate(step.planned.options).consent
    refused = face.comparison.decision is Decision.CONSENT_REFUSED
    return answer.text == asked and answer.given is not refused and (answer.given or not used)


def _cameras_not_virtual(session: SealedSession, step: SealedStep) -> bool:
    """Whether no picture of a real session came from a program. A hint only: the client itself says what it used."""
    return session.practice or not any(camera.virtual for camera in step.facts.cameras)


def _supervised_way_open(_session: SealedSession, step: SealedStep) -> bool:
    """Whether a face that was not found live was left to a supervisor no earlier than the rule lets anybody."""
    facts = facts_of(step, PortraitFacts)
    return facts.liveness.live or supervised_way(facts) is not None


def _thresholds_sane(_session: SealedSession, step: SealedStep) -> bool:
    face = facts_of(step, PortraitFacts).face
    return face is None or face.comparison.thresholds.sane


def _decided_by_score(_session: SealedSession, step: SealedStep) -> bool:
    """A score decides by the thresholds beside it; without one there is no match, no doubt and no mismatch.

    It is a cosine's, or of another measure that ends at 1.
    """
    face = facts_of(step, PortraitFacts).face
    if face is None:
        return True
    comparison = face.comparison
    if comparison.score is None:
        return not comparison.decision.by_score
    possible = abs(comparison.score) <= _MOST_SCORE
    return possible and comparison.thresholds.decide(comparison.score) is comparison.decision


def _compared_was_seen(session: SealedSession, step: SealedStep) -> bool:
    """Where two faces were compared a camera saw one of them, the card had the other, and both pictures were kept.

    Who was seen to be live was before a camera.
    """
    facts = facts_of(step, PortraitFacts)
    face = facts.face
    if face is None or (face.comparison.score is None and not facts.liveness.live):
        return True
    seen = face.camera is not None and face.frames_seen > 0 and step.file(LIVE_PHOTO) is not None
    card = session.done_of_kind("card", step.planned.person)
    return seen and (face.comparison.score is None or (card is not None and card.file(PORTRAIT) is not None))


def _look(_session: SealedSession, _step: SealedStep, opened: Opened) -> list[tuple[str, Question, bool]]:
    """All files of the step are photos, and no two show the same, whatever else is in the files."""
    looked: list[tuple[str, Question, bool]] = []
    before: set[str] = set()
    for name, photo in opened.plain.items():
        pixels = pixels_sha256(photo)
        looked.append((name, Question.PICTURE_READABLE, pixels is not None))
        if pixels is not None:
            looked.append((name, Question.KEY_PICTURES_ONCE, pixels not in before))
            before.add(pixels)
    return looked


def _asking(holds: Callable[[PortraitFacts], bool]) -> Ask:
    return lambda _session, step: holds(facts_of(step, PortraitFacts))


KIND = StepKind(
    name="portrait",
    facts=PortraitFacts,
    options=PortraitOptions,
    files=tuple(FileRule(name, always=False, photo=True) for name in (LIVE_PHOTO, *KEY_PICTURE_FILES)),
    needs=("card",),
    consistent={
        Question.FACE_BY_CONSENT: _by_consent,
        Question.ATTEMPTS_FEW: _asking(liveness.attempts_few),
        Question.CHALLENGES_DRAWN: _asking(liveness.challenges_drawn),
        Question.PASSED_BY_CHALLENGES: _asking(liveness.passed_by_challenges),
        Question.ATTEMPTS_FIT: _asking(liveness.attempts_fit),
        Question.TRIES_FIT: _asking(liveness.tries_fit),
        Question.KEY_PICTURES_ASKED: key_pictures.asked,
        Question.KEY_PICTURES_COMPLETE: key_pictures.complete,
        Question.KEY_PICTURES_ONCE: key_pictures.once,
        Question.KEY_PICTURES_FIT: key_pictures.fit,
        Question.SUPERVISED_WAY_OPEN: _supervised_way_open,
        Question.THRESHOLDS_SANE: _thresholds_sane,
        Question.DECIDED_BY_SCORE: _decided_by_score,
        Question.COMPARED_WAS_SEEN: _compared_was_seen,
        Question.CAMERAS_NOT_VIRTUAL: _cameras_not_virtual,
    },
    look=_look,
)
