"""One customer's session, from the card to the sealed package.

Each move is committed with its audit event in one transaction, and only then returned: what a screen shows has
happened. All methods block and are called from one worker thread; the callbacks they take come on other threads.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime

from hallclient.devices import Frame, Image, RecordingReport
from hallclient.domain.aead_stream import DATA_KEY_BYTES
from hallclient.domain.card import CardReading
from hallclient.domain.card_document import SALT_BYTES, card_from_json, card_to_json
from hallclient.domain.card_usability import disqualifying
from hallclient.domain.certificates import is_valid_at
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.evidence import (
    CardFacts,
    ConsentFacts,
    FaceFacts,
    FileEntry,
    FileKind,
    LineEnd,
    LivenessAttempt,
    LivenessFacts,
    Manifest,
    NoticeFacts,
    PrecheckFacts,
    ReadingFacts,
    SessionFacts,
    SignatureFacts,
)
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.hall_time import CLOCK_CORRECTION, hall_date
from hallclient.domain.ids import session_id
from hallclient.domain.liveness import Challenge, Refusal, draw_challenges
from hallclient.domain.notice import Notice
from hallclient.domain.scene import SCENES, Scene, SceneCode, Step
from hallclient.domain.service_number import is_service_number
from hallclient.domain.session import CLOSED, AbandonReason, Move, RefusalReason, SessionEvent, State, moved, next_step
from hallclient.domain.signature import PenPoint, Signature, is_possible
from hallclient.domain.supervised_way import SupervisedWay, failed_try, supervised_way
from hallclient.services.access import OpenHall, iso
from hallclient.services.equipment import Equipment
from hallclient.services.face_capture import Capture
from hallclient.services.hints import give_hints
from hallclient.services.notice_document import Signatory, UnsignedDocument, render, sign_document
from hallclient.services.notice_recording import NoticeRecording
from hallclient.services.notices import FACE_CONSENT, FRAUD_RISK, notice_as_read, notice_in_force
from hallclient.services.physical_camera import PhysicalCamera
from hallclient.services.pictures import decode_photo, encode_photo
from hallclient.services.portrait_taking import PortraitListener, take_portrait
from hallclient.services.sealing import seal_session
from hallclient.services.stop import Stop
from hallclient.storage import sessions
from hallclient.storage.audit import append
from hallclient.storage.hall_keys import wrap_data_key
from hallclient.storage.sessions import StoredSession
from hallclient.system import return_freed_memory

_log = logging.getLogger(__name__)

# What says nothing about the person in front of the camera has a code of its own.
_TOO_SLOW = {
    Refusal.COMPUTER_TOO_SLOW: FailureCode.COMPUTER_TOO_SLOW,
    Refusal.CAMERA_TOO_SLOW: FailureCode.CAMERA_TOO_SLOW,
}

# Why a reading that was begun is begun again, where no failure is the reason: its words in the audit log.
_INTERRUPTED, _CLERK = "interrupted", "clerk"


def _unheard(_error: KnownError | None) -> None:
    """Who has no screen hears of it at the next call."""


def _require_plausible(hall: OpenHall, now: datetime) -> None:
    """Raises clock_wrong where this device's certificate does not hold at `now`."""
    if not is_valid_at(hall.device_certificate, now):
        raise KnownError(FailureCode.CLOCK_WRONG, "outside of the device's certificate")


@dataclass(slots=True)
class _Seen:
    """What this session has seen and a screen may show; rebuilt from the encrypted files after a crash."""

    card: CardReading | None = None
    portrait: Image | None = None
    live_photo: Image | None = None
    signed_notice: bytes | None = None

    def __repr__(self) -> str:
        return "<_Seen>"


class Verification:
    """A session that is being done. It owns camera, microphone, recorder and files until `close`."""

    def __init__(self, hall: OpenHall, equipment: Equipment, stored: StoredSession, data_key: bytes) -> None:
        """Use `Verification.open` or `Verification.resume`."""
        self._hall = hall
        self._equipment = equipment
        # Only who rehearses may play pictures into it.
        self._camera = equipment.camera if hall.file.practice else PhysicalCamera(equipment.camera)
        self._stored = stored
        self._data_key = data_key
        self._seen = _Seen()
        self._capture: Capture | None = None
        self._passed: LivenessFacts | None = None  # with a passed check that the disk did not take yet
        self._recording: NoticeRecording | None = None
        self._reading_ended_by = _INTERRUPTED
        self._document: Future[UnsignedDocument] | None = None
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="document")
        # Elapsed time goes on from the last commit: a restart of the machine starts another monotonic clock.
        self.opened_monotonic = hall.clock.monotonic() - stored.elapsed_s
        self._card_awaited_since_s = hall.clock.monotonic()
        hall.vault.prepare(stored.id)

    @classmethod
    def open(cls, hall: OpenHall, equipment: Equipment, scene: SceneCode, service_number: str) -> "Verification":
        """Begin a session about `service_number`, see `is_service_number`. Raises input_invalid, clock_wrong."""
        if not is_service_number(service_number):
            raise KnownError(FailureCode.INPUT_INVALID, "service number")
        clock, entropy = hall.clock, hall.entropy
        now = clock.now()
        _require_plausible(hall, now)
        stored = StoredSession(
            id=session_id(now, entropy.token(10)),
            scene=scene,
            service_number=service_number,
            clerk=hall.staff.number,
            opened_at=iso(now),
        )
        data_key = entropy.token(DATA_KEY_BYTES)
        with hall.database.transaction() as tables:
            sessions.insert(tables, stored, wrap_data_key(hall.hall_key, data_key, stored.id, entropy))
            append(tables, hall.audit_event("session_opened", stored.id, scene=scene.value))
        return cls(hall, equipment, stored, data_key)

    @classmethod
    def resume(cls, hall: OpenHall, equipment: Equipment, session: str) -> "Verification":
        """Go on with a session after its last committed step. Raises session_unknown, not_permitted."""
        with hall.database.reading() as tables:
            stored = sessions.load(tables, session)
        if stored.clerk != hall.staff.number:
            raise KnownError(FailureCode.NOT_PERMITTED, "another clerk's session")
        if stored.state in CLOSED:
            raise KnownError(FailureCode.SESSION_UNKNOWN, "the session is closed")
        verification = cls(hall, equipment, stored, hall.data_key(session))
        verification._see_again()
        return verification

    @property
    def session_id(self) -> str:
        return self._stored.id

    @property
    def scene(self) -> Scene:
        return SCENES[self._stored.scene]

    @property
    def service_number(self) -> str:
        return self._stored.service_number

    @property
    def state(self) -> State:
        return self._stored.state

    @property
    def facts(self) -> SessionFacts:
        return self._stored.facts

    @property
    def next_step(self) -> Step | None:
        return next_step(self.scene, self.state, self.facts.card_usable)

    @property
    def reading_of_card(self) -> CardReading | None:
        return self._seen.card

    @property
    def portrait(self) -> Image | None:
        """The chip's portrait, BGR; None before the card was read or when it cannot be decoded."""
        return self._seen.portrait

    @property
    def live_photo(self) -> Image | None:
        """The best picture of the customer, BGR."""
        return self._seen.live_photo

    def read_card(self, timeout_s: float) -> CardReading:
        """Wait for a card that is put down now, read it, keep it. Raises what `CardReader.read` raises, and disk_full.

        A card that lay there when the session was opened, or continued, was put down for something else, perhaps by
        somebody else: it has to be lifted first, by a customer who has read what is done in their name.
        """
        self._expect(Move.CARD_READ)
        reading = self._equipment.card_reader.read(timeout_s, put_down_since_s=self._card_awaited_since_s)
        portrait = self._decode_portrait(reading.portrait)
        files = (
            self._put(FileKind.RECORD, card_to_json(reading, self._hall.entropy.token(SALT_BYTES))),
            self._put(FileKind.PORTRAIT, reading.portrait),
        )
        facts = CardFacts(
            kind=reading.record.kind,
            reader=reading.reader,
            sam_number=reading.sam_number,
            findings=reading.findings(self._today),
        )
        self._commit(Move.CARD_READ, card=facts, files=files)
        self._seen.card, self._seen.portrait = reading, portrait
        give_hints(self._equipment)
        return reading

    def precheck(self, centre_reachable: bool = False) -> PrecheckFacts:
        """Check what can be checked before the face: today the card itself; the networked check is the centre's."""
        card = self.facts.card
        usable = card is not None and not disqualifying(card.kind, card.findings)
        facts = PrecheckFacts(card_usable=usable, network_check="pending", centre_reachable=centre_reachable)
        self._commit(Move.PRECHECKED, precheck=facts)
        return facts

    def consent_text(self) -> Notice:
        """What the customer agrees to, or not, before the camera opens; the same from its first showing on.

        Raises notice_text_missing, step_out_of_order, clock_wrong.
        """
        shown = self.facts.consent_text
        if shown is None:
            self._expect(Move.FACE_DECIDED)
            text = notice_in_force(FACE_CONSENT, self._today)
            self._note("consent_shown", consent_text=_stated(text))
            give_hints(self._equipment)  # what died since the card was read is replaced while the customer reads
            return text
        return notice_as_read(shown.code, shown.version, shown.sha256)

    def give_consent(self, given: bool) -> None:
        """Keep the customer's answer. A refusal is final for this session and leads to the supervised way."""
        self._expect(Move.FACE_DECIDED)
        text = self.consent_text()
        consent = ConsentFacts(given=given, version=text.version, sha256=text.sha256)
        if given:
            self._note("consent_given", consent=consent)
        else:
            self._decide(self._not_compared(Decision.CONSENT_REFUSED), 0, consent=consent)

    def compare(self, listener: PortraitListener, stop: Stop | None = None) -> Comparison:
        """Open the camera, take good pictures of a live face, compare them with the chip's portrait.

        Once `stop` was said, on any thread, the camera is let go of and check_stopped is raised: no attempt of the
        customer's, and the same challenges are asked the next time. A try that fails is kept in the facts.

        Raises step_out_of_order without consent or when no attempt is left, check_stopped, camera_missing,
        camera_virtual, camera_stopped, no_usable_face, face_worker_failed, computer_too_slow and camera_too_slow when
        too few pictures were seen to tell, and not_live when it did not look like a live person; the detail says why.
        After an attempt that told nothing about the person the same challenges are asked again.

        A passed check is kept before the comparison, as one that was not compared: whatever fails then is a fault of
        ours and costs the customer no attempt. It is not used again either, because it speaks only for the pictures of
        the same sight: who sits there when the fault is mended may be another person. So the next try is a whole one,
        with other challenges, for these have been seen to be done and may have been recorded.
        """
        self._expect(Move.FACE_DECIDED)
        if self.facts.consent is None or not self.facts.consent.given:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "no consent for face data")
        self._keep_passed()
        if not self.may_try_again:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "no attempt is left")
        attempt = LivenessAttempt(
            challenges=self.facts.liveness.still_asked or draw_challenges(self._hall.entropy),
            done=0,
            refusal=Refusal.INTERRUPTED,
            depth_hint=0.0,
            likeness=None,
        )
        before, equipment = self.facts.liveness.attempts, self._equipment

        def show(challenge: Challenge | None) -> None:
            """An attempt is kept before anybody sees its first challenge: no pulled plug draws others."""
            if challenge is not None and self.facts.liveness.attempts == before:
                self._note("liveness_begun", liveness=self._liveness(before, attempt))
            listener.on_challenge(challenge)

        shown = replace(listener, on_challenge=show)
        try:
            taken = take_portrait(
                self._camera, equipment.faces, self._hall.clock, attempt.challenges, shown, stop or Stop()
            )
        except KnownError as error:
            if error.code is FailureCode.CHECK_STOPPED and self.facts.liveness.attempts != before:
                attempt = attempt.model_copy(update={"refusal": Refusal.STOPPED_BY_CLERK})
                self._note_failed(error, liveness=self._liveness(before, attempt))
            else:
                self._note_failed(error)
            raise
        self._capture = taken.capture
        result = taken.liveness
        ended = {
            "done": len(result.done),
            "refusal": result.refusal,
            "depth_hint": result.hint,
            "likeness": result.likeness,
        }
        liveness = self._liveness(before, attempt.changed(**ended))
        if result.refusal is not None:
            refused = KnownError(_TOO_SLOW.get(result.refusal, FailureCode.NOT_LIVE), result.refusal)
            self._note_failed(refused, liveness=liveness)
            raise refused
        not_compared = attempt.changed(**ended | {"refusal": Refusal.NOT_COMPARED})
        self._passed = self._liveness(before, not_compared)
        try:
            self._keep_passed()
            return self._compare(taken.capture, liveness=liveness)
        except KnownError as error:
            self._note_failed(error)
            raise

    @property
    def may_try_again(self) -> bool:
        return self._tried.liveness.may_try_again

    @property
    def supervised_way(self) -> SupervisedWay | None:
        """Why `leave_to_supervisor` may be called; None while it may not."""
        return supervised_way(self._tried)

    def leave_to_supervisor(self) -> Comparison:
        """Go on the supervised way, where `hallclient.domain.supervised_way` says that it is open.

        Pictures of the last try that took some are compared and kept for the supervisor, and the comparison decides as
        it would have; without any there is nothing to compare. Raises step_out_of_order, supervised_way_closed.
        """
        self._expect(Move.FACE_DECIDED)
        if self.facts.consent is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "the customer was not asked for consent")
        self._keep_passed()
        if self.supervised_way is None:
            raise KnownError(FailureCode.SUPERVISED_WAY_CLOSED)
        if self._capture is not None:
            return self._compare(self._capture)
        without_portrait = self._seen.portrait is None
        last = self.facts.failed_tries[-1] if self.facts.failed_tries else None
        crowded = last is not None and last.remark is FaceRemark.SEVERAL_FACES
        without_face = Decision.SEVERAL_FACES if crowded else Decision.NO_FACE
        comparison = self._not_compared(Decision.NO_PORTRAIT if without_portrait else without_face)
        self._decide(comparison, 0)
        return comparison

    def notice(self) -> Notice:
        """The fraud-risk notice that the customer reads and signs; the same from its first showing on.

        Raises notice_text_missing, step_out_of_order, clock_wrong.
        """
        shown = self.facts.notice
        if shown is None:
            self._expect(Move.NOTICE_READ)
            text = notice_in_force(FRAUD_RISK, self._today)
            self._note("notice_shown", notice=_stated(text))
            return text
        return notice_as_read(shown.code, shown.version, shown.sha256)

    def start_reading(
        self,
        on_frame: Callable[[Frame], None],
        on_level: Callable[[float], None],
        on_trouble: Callable[[KnownError | None], None] = _unheard,
    ) -> None:
        """Begin to record; see `NoticeRecording` for the callbacks.

        Raises camera_missing, camera_virtual, camera_stopped, microphone_missing, recorder_failed, clock_wrong, and
        what the disk does: disk_full, store_read_only, store_busy.
        """
        self._expect(Move.NOTICE_READ)
        if self._recording is not None:
            raise BugError("the recording is already running")
        self._now()  # a wrong clock is said before anything runs: the document bears its time
        notice = self.notice()  # without its text nothing is to be recorded
        path = self._hall.vault.new_part_path(self.session_id, FileKind.READING)
        self._recording = NoticeRecording(
            self._camera,
            self._equipment.microphone,
            self._equipment.recorder,
            self._hall.clock,
            notice,
            path,
            self._data_key,
            on_frame,
            on_level,
            on_trouble,
        )
        try:
            self._note_begun()
        except KnownError as error:
            self._stop_recording()
            self._reading_ended_by = error.code
            raise
        self._prepare_document()

    def _note_begun(self) -> None:
        """How often it was begun stands in the facts: nobody has it read again and again unseen."""
        begun = self.facts.readings_begun + 1
        if begun == 1:
            self._note("reading_begun", readings_begun=begun)
        else:
            self._note("reading_restarted", {"cause": self._reading_ended_by}, readings_begun=begun)
        self._reading_ended_by = _INTERRUPTED

    def show_line(self, index: int, end: LineEnd = LineEnd.CLERK) -> None:
        """Line `index` is now before the customer; `end` says who ended the one before it.

        Raises recording_too_short, microphone_silent (the line before it is still to be read, the recording goes on);
        camera_stopped, microphone_stopped, recorder_failed, disk_full: call `restart_reading` and begin again.
        """
        self._running().show_line(index, end)

    def finish_reading(self, end: LineEnd = LineEnd.CLERK) -> ReadingFacts:
        """Stop the recording and keep it; `end` says who ended the last line. Raises what `show_line` raises."""
        recording = self._running()
        report, line_starts_s, line_ends = recording.finish(end)
        self._recording = None
        try:
            return self._keep_reading(recording, report, line_starts_s, line_ends)
        except KnownError as error:
            self._reading_ended_by = error.code
            raise

    def _keep_reading(
        self,
        recording: NoticeRecording,
        report: RecordingReport,
        line_starts_s: tuple[float, ...],
        line_ends: tuple[LineEnd, ...],
    ) -> ReadingFacts:
        entry = self._hall.vault.adopt(self.session_id, FileKind.READING, report.plain_bytes, report.plain_sha256)
        reading = ReadingFacts(
            camera=self._camera.identity,
            microphone=self._equipment.microphone.identity,
            line_starts_s=line_starts_s,
            line_ends=line_ends,
            duration_s=report.duration_s,
            pictures=report.pictures,
            pictures_dropped=report.pictures_dropped,
            sound_s=report.sound_s,
            longest_silence_s=recording.longest_silence_s,
            restarts=self.facts.readings_begun - 1,
        )
        self._commit(Move.NOTICE_READ, reading=reading, files=(*self.facts.files, entry))
        return reading

    def restart_reading(self) -> None:
        """Throw the recording away, which is never kept when it is aborted, and make ready for the next one."""
        if self._recording is None:
            return
        failure = self._recording.failure
        self._stop_recording()
        self._reading_ended_by = _CLERK if failure is None else failure.code
        try:
            self._equipment.recorder.prewarm()
        except KnownError as error:  # a hint: `start_reading` tries again, and says so
            _log.warning("the recorder cannot be made ready: %s", error.code)

    def _stop_recording(self) -> None:
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.abort()

    def sign(self, strokes: tuple[tuple[PenPoint, ...], ...], device: str) -> None:
        """Put the customer's strokes on the notice and sign it. Raises signature_empty, input_invalid, clock_wrong.

        Args:
            strokes: from the pad, each point 0 to 1 across the field.
            device: "pen", "touch" or "mouse".
        """
        self._expect(Move.NOTICE_SIGNED)
        if not is_possible(strokes, device):
            raise KnownError(FailureCode.INPUT_INVALID, "no pad gives such strokes")
        document = self._prepare_document().result()
        signature = Signature(strokes, document.sha256, device, practice=self._equipment.practice_pen)
        if signature.is_empty:
            raise KnownError(FailureCode.SIGNATURE_EMPTY)
        now = self._now()
        signed = sign_document(document, signature, self._hall.device_certificate, self._hall.device_key, now)
        files = (self._put(FileKind.STROKES, signature.to_json()), self._put(FileKind.NOTICE, signed))
        facts = SignatureFacts(
            strokes_sha256=signature.sha256,
            points=signature.point_count,
            device=device,
            practice=signature.practice,
            pressure=all(point.pressure is not None for stroke in strokes for point in stroke),
            unsigned_bytes=len(document.pdf),
            unsigned_sha256=document.sha256,
        )
        self._commit(Move.NOTICE_SIGNED, signature=facts, files=(*self.facts.files, *files))
        self._seen.signed_notice = signed

    def seal(self) -> Manifest:
        """Sign the manifest over everything and put the package into the outbox, or before a supervisor."""
        self._expect(Move.PACKAGE_SEALED)
        event = self._event(Move.PACKAGE_SEALED, self._now())
        self._stored, manifest = seal_session(self._hall, self._stored, event, self._data_key)
        return manifest

    def customer_copy(self) -> bytes:
        """The signed notice as a PDF, for the printer. Raises step_out_of_order before it was signed."""
        if self._seen.signed_notice is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "the notice is not signed")
        return self._seen.signed_notice

    def refuse(self) -> None:
        """End a session whose pre-check forbids to go on; the audit says why. Raises step_out_of_order."""
        self._expect(Move.REFUSED)
        card = self.facts.card
        findings = disqualifying(card.kind, card.findings) if card is not None else ()
        self._end(Move.REFUSED, RefusalReason.CARD_UNUSABLE, findings=list(findings))

    def abandon(self, reason: AbandonReason) -> None:
        """End the session before its seal; nothing of the customer is kept. Raises step_out_of_order."""
        self._end(Move.ABANDONED, reason)

    def close(self) -> None:
        """Let go of the devices. An open session can be resumed."""
        self._stop_recording()
        self._background.shutdown(wait=True, cancel_futures=True)
        return_freed_memory()

    def _end(self, move: Move, reason: AbandonReason | RefusalReason, **detail: object) -> None:
        self._expect(move)
        self._stop_recording()
        event = self._event(move, self._hall.clock.now())  # a customer may leave whatever the clock says
        hall = self._hall
        with hall.database.transaction() as tables:
            ended = sessions.record_move(tables, self._stored, event, SessionFacts())
            sessions.destroy_data_key(tables, self.session_id)
            append(tables, hall.audit_event(f"session_{move.value}", self.session_id, reason=reason.value, **detail))
        self._stored = ended
        hall.database.forget_old_pages()
        hall.vault.discard(self.session_id)
        self._seen = _Seen()

    def _liveness(self, before: tuple[LivenessAttempt, ...], attempt: LivenessAttempt) -> LivenessFacts:
        return LivenessFacts(models=dict(self._equipment.faces.relief.models), attempts=(*before, attempt))

    @property
    def _tried(self) -> SessionFacts:
        """The facts, with a passed check that the disk did not take: a full disk makes no attempt of it."""
        return self.facts if self._passed is None else self.facts.changed(liveness=self._passed)

    def _keep_passed(self) -> None:
        """Keep that a check was passed. Raises disk_full; then the next try does it first, before anybody is looked at.

        Until then the disk has an attempt that was interrupted, and if the program ends it stays one.
        """
        if self._passed is not None:
            self._note("liveness_passed", liveness=self._passed)
            self._passed = None

    def _note_failed(self, error: KnownError, **facts: object) -> None:
        """Keep that a try failed, in one transaction with what it found out; nothing of it is lost in a crash."""
        failed = failed_try(error)
        if failed is None:
            return
        match error.code:
            case FailureCode.NOT_LIVE:
                event, detail = "liveness_refused", {"refusal": error.detail}
            case FailureCode.CHECK_STOPPED:
                event, detail = "portrait_stopped", {}
            case _:
                event, detail = "portrait_failed", {"cause": error.code.value}
        if failed.remark is not None:
            detail["remark"] = failed.remark.value
        self._note(event, detail, failed_tries=(*self.facts.failed_tries, failed), **facts)

    def _compare(self, capture: Capture, **facts: object) -> Comparison:
        live = [frame.image for frame in capture.frames]
        comparison = self._equipment.faces.matcher.compare(self._seen.portrait, live)
        photo = self._put(FileKind.LIVE_PHOTO, encode_photo(capture.best.image))
        self._decide(comparison, capture.looked_at, files=(*self.facts.files, photo), **facts)
        self._seen.live_photo = capture.best.image
        return comparison

    def _decide(self, comparison: Comparison, looked_at: int, **facts: object) -> None:
        camera = self._camera.identity if looked_at else None
        face = FaceFacts(camera=camera, frames_seen=looked_at, comparison=comparison)
        self._commit(Move.FACE_DECIDED, face=face, **facts)

    def _not_compared(self, decision: Decision) -> Comparison:
        matcher = self._equipment.faces.matcher
        return Comparison(decision, None, matcher.thresholds, matcher.identity)

    def _decode_portrait(self, data: bytes) -> Image | None:
        try:
            return self._equipment.portrait_decoder.decode(data)
        except KnownError:  # a damaged portrait is the same as none: the supervised way, and the bytes are kept
            return None

    def _prepare_document(self) -> Future[UnsignedDocument]:
        """The notice as it will lie before the customer; made while they read, so that nobody waits for it."""
        failed = self._document is not None and self._document.done() and self._document.exception() is not None
        if self._document is None or failed:
            card = self._seen.card
            if card is None:
                raise BugError("a notice before a card")
            signatory = Signatory(
                name=card.record.holder_name,
                number=card.record.number,
                service_number=self.service_number,
                scene=self.scene.code,
                place=self._hall.file.place,
                session=self.session_id,
                with_video=True,
                practice=self._hall.file.practice,
            )
            self._document = self._background.submit(render, self.notice(), signatory, self._now())
        return self._document

    def _see_again(self) -> None:
        """Fill in what the encrypted files hold, after a crash."""
        kinds = {entry.kind for entry in self.facts.files}
        if FileKind.RECORD in kinds:
            portrait = self._get(FileKind.PORTRAIT)
            self._seen.card = card_from_json(self._get(FileKind.RECORD), portrait)
            self._seen.portrait = self._decode_portrait(portrait)
        if FileKind.LIVE_PHOTO in kinds:
            self._seen.live_photo = decode_photo(self._get(FileKind.LIVE_PHOTO))
        if FileKind.NOTICE in kinds:
            self._seen.signed_notice = self._get(FileKind.NOTICE)

    def _running(self) -> NoticeRecording:
        if self._recording is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "nothing is being recorded")
        return self._recording

    @property
    def _today(self) -> date:
        """The hall's date. Raises clock_wrong."""
        return hall_date(self._now())

    def _put(self, kind: FileKind, plain: bytes) -> FileEntry:
        return self._hall.vault.put(self.session_id, kind, self._data_key, plain)

    def _get(self, kind: FileKind) -> bytes:
        return self._hall.vault.get(self.session_id, kind, self._data_key)

    def _expect(self, move: Move) -> None:
        moved(self.scene, self.state, move, self.facts.card_usable)

    def _now(self) -> datetime:
        """The wall clock's time, where it can be true: evidence of another time would never verify.

        Raises clock_wrong.
        """
        now = self._hall.clock.now()
        _require_plausible(self._hall, now)
        if now < datetime.fromisoformat(self._stored.opened_at) - CLOCK_CORRECTION:
            raise KnownError(FailureCode.CLOCK_WRONG, "before the session was opened")
        return now

    def _event(self, move: Move, at: datetime) -> SessionEvent:
        clock = self._hall.clock
        return SessionEvent(
            sequence=len(self._stored.events) + 1,
            move=move,
            state=moved(self.scene, self.state, move, self.facts.card_usable),
            at=iso(at),
            elapsed_s=round(clock.monotonic() - self.opened_monotonic, 3),
        )

    def _commit(self, move: Move, **facts: object) -> None:
        event = self._event(move, self._now())
        with self._hall.database.transaction() as tables:
            after = sessions.record_move(tables, self._stored, event, self.facts.changed(**facts))
            append(tables, self._hall.audit_event(move.value, self.session_id, elapsed_s=event.elapsed_s))
        self._stored = after  # not before it is on the disk: who is refused that tries the same move again

    def _note(self, event: str, detail: Mapping[str, object] | None = None, **facts: object) -> None:
        with self._hall.database.transaction() as tables:
            after = sessions.record_facts(tables, self._stored, self.facts.changed(**facts))
            append(tables, self._hall.audit_event(event, self.session_id, **(detail or {})))
        self._stored = after


def _stated(text: Notice) -> NoticeFacts:
    return NoticeFacts(code=text.code, version=text.version, sha256=text.sha256)
