"""The supervisor's desk: flagged sessions, what there is to see of each, and the decision."""

import datetime as dt
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from hallclient.devices import Image, PortraitDecoder
from hallclient.domain.card import Finding
from hallclient.domain.card_document import card_from_json
from hallclient.domain.certificates import is_valid_at
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.documents import canonical, parse, read_document, sign
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence import MANIFEST, REVIEW
from hallclient.domain.evidence.facts.card import PORTRAIT, RECORD, CardFacts
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.facts.notice import RECORDING, NoticeFacts, RecordingFacts
from hallclient.domain.evidence.facts.portrait import LIVE_PHOTO, FailedTry, PortraitFacts
from hallclient.domain.evidence.facts.signature import STROKES
from hallclient.domain.evidence.manifest import DoneStep, Manifest
from hallclient.domain.evidence.review import REVIEW_NOTE, ReviewDecision, ReviewDocument
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.permissions import Action
from hallclient.domain.person import MaskedPerson
from hallclient.domain.review import ReviewState, may_review
from hallclient.domain.signature import PenPoint
from hallclient.domain.step_kind import StepFacts
from hallclient.domain.supervised_way import SupervisedWay, supervised_way
from hallclient.domain.why_reviewed import tries_beside_attempts, why_not_live
from hallclient.services.access import OpenHall, iso
from hallclient.services.events import SessionReviewed
from hallclient.services.pictures import decode_photo
from hallclient.storage import reviews, sessions
from hallclient.storage.audit import append
from hallclient.storage.sessions import StoredSession
from hallclient.storage.vault import Vault

_log = logging.getLogger(__name__)

FactsType = TypeVar("FactsType", bound=StepFacts)
Strokes = tuple[tuple[PenPoint, ...], ...]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A line of the list.

    Attributes:
        business: what it is about, in words.
        kinds: of its steps.
        why_not_live: see `hallclient.domain.why_reviewed`.
    """

    session_id: str
    business: str
    kinds: frozenset[str]
    clerk: str
    counter: str
    decision: Decision
    score: float | None
    live: bool
    why_not_live: Refusal | FailureCode | None
    sealed_at: dt.datetime
    state: ReviewState


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class KeyPictureSeen:
    """A key picture: of which attempt, counted from 1, and challenge, whether that was done, and BGR."""

    attempt: int
    challenge: Challenge
    done: bool
    image: Image


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReviewCase:
    """Everything for a decision. `video` is seekable and decrypted on the fly; close it.

    `failed_tries` are those that no attempt in `liveness` tells of; `supervised_way` is why it was taken, None
    where the customer was seen to be live. `key_pictures` are in the order in which they were taken.
    """

    item: ReviewItem
    comparison: Comparison | None
    portrait: Image | None
    live_photo: Image | None
    key_pictures: tuple[KeyPictureSeen, ...]
    video: io.RawIOBase | None
    strokes: Strokes
    person: MaskedPerson
    findings: tuple[Finding, ...]
    recorded: RecordingFacts | None
    liveness: LivenessFacts
    failed_tries: tuple[FailedTry, ...]
    supervised_way: SupervisedWay | None
    cameras: tuple[DeviceIdentity, ...]
    refused_cameras: tuple[DeviceIdentity, ...]


class ReviewDesk:
    """The desk of one supervisor. Raises not_permitted for anybody else."""

    def __init__(self, hall: OpenHall, portrait_decoder: PortraitDecoder) -> None:
        hall.must_be_permitted(Action.REVIEW)
        self._hall = hall
        self._portrait_decoder = portrait_decoder

    @property
    def practice(self) -> bool:
        """The hall is for rehearsals: nothing on this desk is real."""
        return self._hall.file.practice

    def waiting(self) -> list[ReviewItem]:
        """What waits for a decision, the longest waiting first.

        By what the database says: one whose files are damaged is a line like the others, and keeps nobody from them.
        """
        with self._hall.database.reading() as tables:
            waiting = [(sessions.load(tables, session), state) for session, state in reviews.open_reviews(tables)]
        return [self._item(stored, state) for stored, state in waiting]

    def open(self, session_id: str) -> ReviewCase:
        """Claim a session and show what is in it. What cannot be shown is back in the list, for a colleague or later.

        Raises review_taken, own_session, evidence_damaged, store_unreadable.
        """
        manifest = self._manifest(session_id)
        may_review(self._hall.staff, manifest.people)
        data_key = self._hall.data_key(session_id)
        with self._hall.database.transaction() as tables:
            stored = sessions.load(tables, session_id)
            reviews.claim(tables, session_id, self._hall.staff.number, self._now_s())
            append(tables, self._hall.audit_event("review_opened", session_id))
        with self._given_back_on_failure(session_id):
            return self._case(self._item(stored, ReviewState.CLAIMED), manifest, data_key)

    def recording(self, case: ReviewCase) -> bytes | None:
        """The recording of a case, decrypted in memory; None without one. Closes `video`.

        Raises evidence_damaged: the case is back in the list then.
        """
        if case.video is None:
            return None
        with self._given_back_on_failure(case.item.session_id), case.video as video:
            return video.read()

    def _case(self, item: ReviewItem, manifest: Manifest, data_key: bytes) -> ReviewCase:
        """About the person whose face is in question; a session of today has one."""
        person = _flagged(manifest).planned.person
        opened = _Opened(self._hall.vault, manifest, person, data_key)
        card, face, notice = opened.step("card"), opened.step("portrait"), opened.step("notice")
        portrait = opened.content(card, PORTRAIT) or b""
        record = card_from_json(opened.content(card, RECORD) or b"", portrait).record
        photo, points = opened.content(face, LIVE_PHOTO), opened.content(opened.step("signature"), STROKES)
        portrait_facts = _facts(face, PortraitFacts) or PortraitFacts()
        card_facts, notice_facts = _facts(card, CardFacts), _facts(notice, NoticeFacts)
        return ReviewCase(
            item=item,
            comparison=portrait_facts.face.comparison if portrait_facts.face else None,
            portrait=self._decoded(portrait),
            live_photo=decode_photo(photo) if photo else None,
            key_pictures=tuple(_key_pictures(opened, face, portrait_facts.liveness)),
            video=opened.stream(notice, RECORDING),
            strokes=_strokes(points) if points else (),
            person=MaskedPerson.of(record),
            findings=card_facts.findings if card_facts else (),
            recorded=notice_facts.recording if notice_facts else None,
            liveness=portrait_facts.liveness,
            failed_tries=tries_beside_attempts(portrait_facts),
            supervised_way=None if portrait_facts.liveness.live else supervised_way(portrait_facts),
            cameras=manifest.cameras,
            refused_cameras=tuple(
                dict.fromkeys(
                    (*portrait_facts.refused_cameras, *(notice_facts.refused_cameras if notice_facts else ()))
                )
            ),
        )

    def decide(self, session_id: str, decision: ReviewDecision, reason: str, auxiliary_document: str) -> None:
        """Approve or reject, with a reason; an approval names the auxiliary document that was looked at, too.

        The decision is signed with the supervisor's own key, lies beside the manifest and travels with it; the sealed
        session itself stays as it is. Raises reason_missing, review_taken, own_session, clock_wrong.
        """
        reason, auxiliary_document = reason.strip(), auxiliary_document.strip()
        if not reason or (decision is ReviewDecision.APPROVED and not auxiliary_document):
            raise KnownError(FailureCode.REASON_MISSING)
        hall = self._hall
        manifest = self._manifest(session_id)
        may_review(hall.staff, manifest.people)
        now = hall.clock.now()
        hall.must_be_permitted(Action.REVIEW)  # again: they may have been revoked since the desk was opened
        if not is_valid_at(hall.staff_chain.leaf, now):
            raise KnownError(FailureCode.CLOCK_WRONG, "outside of the supervisor's certificate")
        certificate, issuers = hall.staff_chain.to_texts()
        note = canonical({"reason": reason, "auxiliary_document": auxiliary_document})
        data_key = hall.data_key(session_id)
        with hall.database.transaction() as tables:
            reviews.decide(tables, session_id, hall.staff.number, ReviewState(decision.value), self._now_s())
            document = ReviewDocument(
                session=session_id,
                manifest_sha256=manifest.sha256,
                reviewer=hall.staff.number,
                certificate=certificate,
                issuers=issuers,
                decision=decision,
                note=hall.vault.put(session_id, REVIEW_NOTE, data_key, note),
                at=iso(now),
            )
            data = document.canonical()
            hall.vault.put_document(session_id, REVIEW, data, sign(hall.staff_key, REVIEW, data))
            about = _facts(_flagged(manifest), PortraitFacts) or PortraitFacts()
            append(tables, hall.audit_event(f"review_{decision.value}", session_id, **_decided(decision, about)))
        hall.events.tell(SessionReviewed(session_id, decision))

    def release(self, session_id: str) -> None:
        """Give the session back to the list."""
        with self._hall.database.transaction() as tables:
            reviews.release(tables, session_id, self._hall.staff.number)

    def _manifest(self, session_id: str) -> Manifest:
        with self._hall.vault.package(session_id).open(f"{MANIFEST}.json") as file:
            return parse(Manifest, read_document(file))

    @contextmanager
    def _given_back_on_failure(self, session_id: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            try:
                self.release(session_id)
            except Exception as error:  # noqa: BLE001  # the claim ends by itself, and this is not what failed first
                _log.warning("a case that could not be shown stays claimed for a while: %s", type(error).__name__)
            raise

    def _item(self, stored: StoredSession, state: ReviewState) -> ReviewItem:
        faces = [step.facts for step in stored.steps.values() if isinstance(step.facts, PortraitFacts)]
        facts = next((one for one in faces if one.flags), PortraitFacts())
        done = [step.done for step in stored.steps.values() if step.done is not None]
        last = max(done, key=lambda one: one.elapsed_s)
        comparison = facts.face.comparison if facts.face else None
        return ReviewItem(
            session_id=stored.id,
            business=stored.plan.words.name,
            kinds=frozenset(step.kind for step in stored.plan.steps),
            clerk=stored.clerk,
            counter=self._hall.file.place.counter,
            decision=comparison.decision if comparison else Decision.NO_FACE,
            score=comparison.score if comparison else None,
            live=facts.liveness.live,
            why_not_live=why_not_live(facts),
            sealed_at=dt.datetime.fromisoformat(last.at),
            state=state,
        )

    def _decoded(self, portrait: bytes) -> Image | None:
        try:
            return self._portrait_decoder.decode(portrait)
        except KnownError:  # as at the card: a damaged portrait is none, and the reviewer sees that
            return None

    def _now_s(self) -> float:
        return self._hall.clock.now().timestamp()


def _strokes(data: bytes) -> Strokes:
    return tuple(tuple(PenPoint(*point) for point in stroke) for stroke in json.loads(data)["strokes"])


def _decided(decision: ReviewDecision, facts: PortraitFacts) -> dict[str, object]:
    """For the audit log: the decision, and what it was about. The reason is free text and stays encrypted."""
    why = why_not_live(facts)
    return {
        "decision": decision.value,
        "face_decision": facts.face.comparison.decision.value if facts.face else None,
        "live": facts.liveness.live,
        "why_not_live": None if why is None else why.value,
    }


def _key_pictures(opened: "_Opened", face: DoneStep | None, liveness: LivenessFacts) -> Iterator[KeyPictureSeen]:
    for number, attempt in enumerate(liveness.attempts, start=1):
        for picture in attempt.pictures:
            content = opened.content(face, picture.file)
            if content is None:
                raise KnownError(FailureCode.EVIDENCE_DAMAGED, picture.file)
            done = picture.challenge in attempt.challenges[: attempt.done]
            yield KeyPictureSeen(number, picture.challenge, done, decode_photo(content))


class _Opened:
    """The files of one person of a session."""

    def __init__(self, vault: Vault, manifest: Manifest, person: str, data_key: bytes) -> None:
        self._vault, self._manifest, self._person, self._data_key = vault, manifest, person, data_key

    def step(self, kind: str) -> DoneStep | None:
        return self._manifest.done_of_kind(kind, self._person)

    def content(self, step: DoneStep | None, name: str) -> bytes | None:
        entry = step.file(name) if step is not None else None
        return None if entry is None else self._vault.get(self._manifest.session, entry.id, self._data_key)

    def stream(self, step: DoneStep | None, name: str) -> io.RawIOBase | None:
        entry = step.file(name) if step is not None else None
        return None if entry is None else self._vault.open(self._manifest.session, entry.id, self._data_key)


def _flagged(manifest: Manifest) -> DoneStep:
    """The first step for which a supervisor was called, or the first of all."""
    return next((step for step in manifest.steps if step.facts.flags), manifest.steps[0])


def _facts(step: DoneStep | None, model: type[FactsType]) -> FactsType | None:
    """The facts of a step, where its kind has this model."""
    return step.facts if step is not None and isinstance(step.facts, model) else None
