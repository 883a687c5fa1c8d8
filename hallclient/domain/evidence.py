"""The evidence package: one folder per session, encrypted files and a signed manifest that names every one of them.

    manifest.json  manifest.sig          what was done, by whom, when, and each file's digests; signed by the device
    record.enc ... notice.enc            the customer's data, each an `aead_stream` under the session's data key
    review.json    review.sig            a supervisor's decision, when the session was flagged; its reason is in
                                         review_note.enc
    receipt.json   receipt.sig           the centre's receipt, after delivery

The manifest carries no personal data of the customer.
"""

from enum import StrEnum
from math import isfinite
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from hallclient.domain.card import CardKind, Finding, ReaderIdentity
from hallclient.domain.card_usability import disqualifying
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.documents import Document
from hallclient.domain.equipment import DeviceIdentity, Place
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import BugError, FailureCode
from hallclient.domain.liveness import CONSEQUENCES, UNTOLD, Challenge, Refusal
from hallclient.domain.scene import SCENES, SceneCode, Step
from hallclient.domain.session import SessionEvent

MANIFEST, REVIEW, RECEIPT = "manifest", "review", "receipt"  # also the purpose of each one's signature


MOST_ATTEMPTS = 3  # at a live face
MOST_UNCOUNTED_ATTEMPTS = 3  # a clerk who has closed other programs, or had to turn to somebody, needs one or two
REMARKABLE_RESTARTS = 2  # of a reading: once may be a slip of the tongue or of a finger
MUTED_AFTER_S = 2.0  # of nothing but zeros: a microphone that is on is never so quiet, it has noise of its own


class FileKind(StrEnum):
    """What an encrypted file holds; its name in the package is `<kind>.enc`."""

    RECORD = "record"
    PORTRAIT = "portrait"
    LIVE_PHOTO = "live_photo"
    READING = "reading"
    STROKES = "strokes"
    NOTICE = "notice"
    REVIEW_NOTE = "review_note"

    @property
    def file_name(self) -> str:
        return f"{self.value}.enc"


class Facts(BaseModel):
    """A part of the manifest that a step found out."""

    model_config = ConfigDict(frozen=True, extra="forbid", revalidate_instances="always", hide_input_in_errors=True)

    def changed(self, **changes: object) -> Self:
        """These facts with `changes`, examined as if they were read: `model_copy` would take anything.

        Raises BugError for a part that there is not, or that is of another kind.
        """
        try:
            return type(self).model_validate({**dict(self), **changes})
        except ValidationError as error:  # its text would quote the input
            parts = ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
            raise BugError(f"no such {type(self).__name__}: {parts}") from None


class FileEntry(Facts):
    """One encrypted file: sizes in bytes, digests SHA-256 in hex, before and after encryption."""

    kind: FileKind
    plain_bytes: int
    plain_sha256: str
    sealed_bytes: int
    sealed_sha256: str


class CardFacts(Facts):
    """Which reader opened which kind of card, and the rules that its record breaks."""

    kind: CardKind
    reader: ReaderIdentity
    sam_number: str
    findings: tuple[Finding, ...]


class PrecheckFacts(Facts):
    """What was checked before the face. The networked check is the centre's and done after delivery."""

    card_usable: bool
    network_check: Literal["pending"]
    centre_reachable: bool


class ConsentFacts(Facts):
    """The customer's answer to the separate consent for face data, with the text's version and digest."""

    given: bool
    version: str
    sha256: str


class LivenessAttempt(Facts):
    """One active check that the face is a live one (ISO/IEC 30107-3); see `hallclient.domain.liveness`.

    `done` counts the challenges that were done, in the order in which they were drawn; where the check was broken off
    or had to begin anew, those before the last that was shown. `refusal` is None when the check was passed.
    `looks_per_s` is how many of the camera's pictures a second were looked at; where the check was broken off, at how
    many before it (without longer waits), by which its challenges were drawn. `likeness` is the lowest score between
    pictures of the check, None when it did not come to that: below the comparison's `match` it is another person's, and
    nobody passes. `process_losses` is how often the face process was lost and replaced while this attempt was looked
    at, 0 where the check was broken off: somebody may end it on purpose to have another look at the same challenges.
    `depth_hint` (0 to 1) is for a reviewer's eye and decides nothing.
    """

    challenges: tuple[Challenge, ...]
    done: int
    refusal: Refusal | None
    looks_per_s: float
    depth_hint: float
    likeness: float | None
    process_losses: int = 0

    @property
    def counts(self) -> bool:
        """It is one of the few that a customer has, see `CONSEQUENCES`; a passed one is."""
        return self.refusal is None or CONSEQUENCES[self.refusal].counts


class LivenessFacts(Facts):
    """Every attempt, in order: there are few, so that nobody can wait for challenges that suit a recording.

    `models` has the SHA-256 of each model file that was seen through. `drawn` are challenges that were drawn in a try
    that ended before anybody saw one of them: the next try asks for them, so that no try draws for nothing.
    """

    models: dict[str, str] = {}
    attempts: tuple[LivenessAttempt, ...] = ()
    drawn: tuple[Challenge, ...] | None = None

    @property
    def counted(self) -> int:
        """How many of a customer's `MOST_ATTEMPTS` were made."""
        return sum(attempt.counts for attempt in self.attempts)

    @property
    def uncounted(self) -> int:
        """How many were made of the `MOST_UNCOUNTED_ATTEMPTS` that do not count and are few as well."""
        refusals = [attempt.refusal for attempt in self.attempts if attempt.refusal is not None]
        return sum(CONSEQUENCES[refusal].bounded and not CONSEQUENCES[refusal].counts for refusal in refusals)

    @property
    def may_try_again(self) -> bool:
        """Attempts are few: nobody shall wait for the challenges that suit a recording."""
        return self.counted < MOST_ATTEMPTS and self.uncounted < MOST_UNCOUNTED_ATTEMPTS

    @property
    def still_asked(self) -> tuple[Challenge, ...] | None:
        """What was drawn before and is asked again, or somebody could wait for some; None where others are drawn.

        See `CONSEQUENCES`: of a pair of which one was done, the other was seen as well.
        """
        last = self.attempts[-1] if self.attempts else None
        if self.drawn is not None or last is None:
            return self.drawn
        return last.challenges if last.refusal in UNTOLD and not last.done else None

    @property
    def live(self) -> bool:
        """The last attempt was passed, and pictures of the same sight were compared."""
        return bool(self.attempts) and self.attempts[-1].refusal is None


class FailedTry(Facts):
    """Why one try before the camera ended without a comparison; see `hallclient.domain.supervised_way`.

    It is kept whether or not the customer saw a challenge, which makes it an attempt as well. `remark` is what kept
    the pictures from being good enough, where that was the reason.
    """

    code: FailureCode
    remark: FaceRemark | None = None


class FaceFacts(Facts):
    """The comparison, the camera, and `frames_seen`: how many pictures were looked at for the good ones that it is of.

    Those that the challenges were looked at with are not among them: each attempt has its rate.
    """

    camera: DeviceIdentity | None
    frames_seen: int
    comparison: Comparison


class LineEnd(StrEnum):
    """How it was said that a line is read: by the clerk's key, or by the button on the customer's own screen."""

    CLERK = "clerk"
    CUSTOMER = "customer"


class ReadingFacts(Facts):
    """The recording of the notice being read, in one piece from the first line to the last: a torn one is never kept.

    `line_starts_s` is when each line was shown, in seconds since the recording's first picture; `line_ends` is who said
    of each line that it is read. `longest_silence_s` is the longest stretch in which the microphone gave nothing but
    zeros, as a muted one does. `pictures_dropped` were taken by the camera and are not in the file. `restarts` is how
    often the reading was begun again before this one was whole: after a failure, an interruption, or by the clerk.
    """

    camera: DeviceIdentity
    microphone: DeviceIdentity
    line_starts_s: tuple[float, ...]
    line_ends: tuple[LineEnd, ...]
    duration_s: float
    pictures: int
    pictures_dropped: int
    sound_s: float
    longest_silence_s: float
    restarts: int = 0

    @property
    def fits_together(self) -> bool:
        """All of it can be true of one recording, with a picture and sound, that went on when the last line was shown.

        The client keeps no other.
        """
        measured_s = (*self.line_starts_s, self.duration_s, self.sound_s, self.longest_silence_s)
        return (
            all(map(isfinite, measured_s))
            and max(self.line_starts_s, default=0.0) < self.duration_s
            and 0.0 <= self.longest_silence_s <= self.duration_s
            and self.sound_s > 0.0
            and self.pictures > 0
            and self.pictures_dropped >= 0
            and self.restarts >= 0
        )

    @property
    def often_restarted(self) -> bool:
        """Begun again so often that a reviewer is to wonder why."""
        return self.restarts >= REMARKABLE_RESTARTS

    @property
    def long_silent(self) -> bool:
        """The microphone was off for a while: what was said then is not in the recording."""
        return self.longest_silence_s >= MUTED_AFTER_S


class NoticeFacts(Facts):
    """Which text was shown, from its first showing on: a version that comes into force later changes nothing."""

    code: str
    version: str
    sha256: str


class SignatureFacts(Facts):
    """The signature on the notice.

    `unsigned_bytes` and `unsigned_sha256` describe the document as it lay before the customer: the signed PDF begins
    with exactly these bytes, and the strokes carry the same digest. `practice`: a scripted pen wrote them.
    """

    strokes_sha256: str
    points: int
    device: str
    practice: bool
    pressure: bool
    unsigned_bytes: int
    unsigned_sha256: str


class SessionFacts(Facts):
    """Everything that the steps have found out so far; each part is None until its step is done.

    `refused_cameras` looked virtual and ended a try before the camera, or a reading, before a picture was taken; each
    once. They are no proof against the session, which went on with another camera or none.
    """

    card: CardFacts | None = None
    precheck: PrecheckFacts | None = None
    consent_text: NoticeFacts | None = None
    consent: ConsentFacts | None = None
    failed_tries: tuple[FailedTry, ...] = ()
    refused_cameras: tuple[DeviceIdentity, ...] = ()
    liveness: LivenessFacts = LivenessFacts()
    face: FaceFacts | None = None
    notice: NoticeFacts | None = None
    readings_begun: int = 0
    reading: ReadingFacts | None = None
    signature: SignatureFacts | None = None
    files: tuple[FileEntry, ...] = ()

    @property
    def cameras(self) -> tuple[DeviceIdentity, ...]:
        """Every camera that took pictures of the customer, each once: one and the same, where nobody changed it."""
        used = (self.face and self.face.camera, self.reading and self.reading.camera)
        return tuple(dict.fromkeys(camera for camera in used if camera))

    @property
    def needs_review(self) -> bool:
        """All but a matched and live face need the supervised path."""
        matched = self.face is not None and self.face.comparison.decision is Decision.MATCHED
        return not (matched and self.liveness.live)

    def file(self, kind: FileKind) -> FileEntry | None:
        return next((entry for entry in self.files if entry.kind is kind), None)

    @property
    def card_usable(self) -> bool | None:
        """Whether the pre-check lets the card pass; None before it. No word of it outweighs a disqualifying finding."""
        if self.precheck is None:
            return None
        forbidden = self.card is None or disqualifying(self.card.kind, self.card.findings)
        return self.precheck.card_usable and not forbidden

    @property
    def practised(self) -> bool:
        """Some device of the session was a practice device."""
        parts = (
            self.card and self.card.reader.practice,
            self.face and self.face.camera and self.face.camera.practice,
            self.reading and self.reading.camera.practice,
            self.reading and self.reading.microphone.practice,
            self.signature and self.signature.practice,
        )
        return any(parts)


class SealedDataKey(Facts):
    """The data key for the centre: which of its keys (SHA-256 of the public key) and the HPKE bytes, both in hex."""

    centre_key: str
    sealed: str


class AuditHead(Facts):
    """Where the hall's audit chain stood when the session was sealed."""

    sequence: int
    head: str


class Manifest(Document):
    """What a session did. Times are ISO 8601 in UTC; `certificate` is the device's, DER in hex."""

    format: Literal["hallclient-evidence/1"] = "hallclient-evidence/1"
    suite: Literal["aes"] = "aes"
    session: str
    device_sequence: int
    scene: SceneCode
    rule_pack: str
    practice: bool
    place: Place
    clerk: str
    device: str
    certificate: str
    opened_at: str
    sealed_at: str
    clock_status: Literal["unchecked"] = "unchecked"
    facts: SessionFacts
    events: tuple[SessionEvent, ...]
    audit: AuditHead
    data_key: SealedDataKey

    @property
    def face_by_consent(self) -> bool:
        """Whether the face was used as the customer answered to the very text about face data that was shown.

        No camera, no check, no picture and no score without a consent; with one no refusal. A scene with a face has
        both, the answer and what came of it.
        """
        facts = self.facts
        shown, answer, face = facts.consent_text, facts.consent, facts.face
        used = bool(
            facts.liveness.attempts
            or facts.liveness.drawn
            or facts.failed_tries
            or facts.refused_cameras
            or facts.file(FileKind.LIVE_PHOTO)
            or (face and (face.camera or face.frames_seen or face.comparison.score is not None))
        )
        if answer is None or face is None:
            return not used and answer is None and face is None and Step.PORTRAIT not in SCENES[self.scene].steps
        to_text_shown = shown is not None and (shown.version, shown.sha256) == (answer.version, answer.sha256)
        refused = face.comparison.decision is Decision.CONSENT_REFUSED
        return to_text_shown and answer.given is not refused and (answer.given or not used)

    @property
    def needs_review(self) -> bool:
        return self.facts.needs_review


class ReviewDecision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


class ReviewDocument(Document):
    """A supervisor's decision on a sealed session, signed by the device that sealed it.

    The reason and the auxiliary document are a person's free words, so they are an encrypted file like the others:
    `note` lists it by digest.
    """

    session: str
    manifest_sha256: str
    reviewer: str
    decision: ReviewDecision
    note: FileEntry
    at: str


class Outcome(StrEnum):
    """What the customer hears. Only the centre says `PASSED` or `NOT_PASSED`."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    PROVISIONAL = "provisional"
    PENDING_REVIEW = "pending_review"


class SentObject(Facts):
    """One object as the centre received it."""

    name: str
    bytes: int
    sha256: str


class Receipt(Document):
    """The centre's word that it holds the whole package, and how the verification ended."""

    session: str
    manifest_sha256: str
    objects: tuple[SentObject, ...]
    outcome: Outcome
    practice: bool
    centre: str
    received_at: str
    certificate: str


def judge(manifest: Manifest, review: ReviewDocument | None) -> Outcome:
    """How a whole and genuine package ends: a matched, live face passes, anything else only with an approval.

    No approval outweighs an unusable card, or a face that was used otherwise than the customer answered. The
    signatures and digests must have been checked before.
    """
    if not manifest.facts.card_usable or not manifest.face_by_consent:
        return Outcome.NOT_PASSED
    if not manifest.needs_review:
        return Outcome.PASSED
    approved = review is not None and review.decision is ReviewDecision.APPROVED
    return Outcome.PASSED if approved else Outcome.NOT_PASSED
