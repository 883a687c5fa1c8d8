"""One customer's session, from the card to the sealed package.

Each move is committed with its audit event in one transaction, and only then returned: what a screen shows has
happened. All methods block and are called from one worker thread; the callbacks they take come on other threads.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from hallclient.devices import Frame, Image, RecordingReport
from hallclient.domain.aead_stream import DATA_KEY_BYTES
from hallclient.domain.card import CardReading
from hallclient.domain.card_document import SALT_BYTES, card_from_json, card_to_json
from hallclient.domain.card_usability import disqualifying
from hallclient.domain.certificates import is_valid_at
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence import (
    CardFacts,
    ConsentFacts,
    FaceFacts,
    FileEntry,
    FileKind,
    LineEnd,
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
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.notice import Notice
from hallclient.domain.scene import SCENES, Scene, SceneCode, Step
from hallclient.domain.service_number import is_service_number
from hallclient.domain.session import AbandonReason, Move, RefusalReason, SessionEvent, State, moved, next_step
from hallclient.domain.signature import PenPoint, Signature, is_possible
from hallclient.domain.supervised_way import SupervisedWay, failed_try, supervised_way
from hallclient.services.access import OpenHall, iso
from hallclient.services.bug_log import report_bug
from hallclient.services.clearing import discard
from hallclient.services.ending import end_session, load_open_session
from hallclient.services.equipment import Equipment
from hallclient.services.face_capture import Capture
from hallclient.services.hints import give_hints
from hallclient.services.liveness_attempt import OpenAttempt
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
_OF_THE_COUNTER = {
    Refusal.COMPUTER_TOO_SLOW: FailureCode.COMPUTER_TOO_SLOW,
    Refusal.CAMERA_TOO_SLOW: FailureCode.CAMERA_TOO_SLOW,
}

# Who broke a check off after a challenge was seen. Whatever else does is a fault of the counter's own.
_BROKEN_OFF: Mapping[FailureCode | None, Refusal] = {
    FailureCode.CHECK_STOPPED: Refusal.STOPPED_BY_CLERK,
    FailureCode.CAMERA_MISSING: Refusal.INTERRUPTED,
    FailureCode.CAMERA_STOPPED: Refusal.INTERRUPTED,
    FailureCode.CAMERA_VIRTUAL: Refusal.INTERRUPTED,
}

_OF_THE_ENGINE = frozenset({FailureCode.FACE_WORKER_FAILED, FailureCode.MODEL_CHANGED})

# Why a reading that was begun is begun again, where no failure is the reason: its words in the audit log.
_INTERRUPTED, _CLERK = "interrupted", "clerk"


def _unheard(_error: KnownError | None) -> None:
    """Who has no screen hears of it at the next call."""


def _require_plausible(hall: OpenHall, now: datetime) -> None:
    """Raises clock_wrong where this device's certificate does not hold at `now`."""
    if not is_valid_at(hall.device_certificate, now):
        raise KnownError(FailureCode.CLOCK_WRONG, "outside of the device's certificate")


@dataclass(frozen=True, slots=True)
class _Owed:
    """An event, and the facts that it changes, until the disk has taken them."""

    event: str
    detail: Mapping[str, object]
    facts: Mapping[str, object]


@dataclass(slots=True)
class _WholeReading:
    """A recording that was finished, until the disk has taken it; `entry` once its file is a member of the package."""

    report: RecordingReport
    facts: ReadingFacts
    entry: FileEntry | None = None


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
        self._captured_by: DeviceIdentity | None = None  # another camera may have been tried since
        self._owed: _Owed | None = None  # how a try before the camera ended, while the disk does not take it
        self._recording: NoticeRecording | None = None
        self._whole: _WholeReading | None = None
        self._reading_ended_by = _INTERRUPTED
        self._document: Future[UnsignedDocument] | None = None
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="document")
        # Elapsed time goes on from the last commit: a restart of the machine starts another monotonic clock.
        self.opened_monotonic = hall.clock.monotonic() - stored.elapsed_s
        self._card_awaited_since_s = hall.clock.monotonic()

    @classmethod
    def open(cls, hall: OpenHall, equipment: Equipment, scene: SceneCode, service_number: str) -> "Verification":
        """Begin a session about `service_number`, see `is_service_number`; it is begun whole or not at all.

        Raises input_invalid, clock_wrong, disk_full, store_busy, store_read_only.
        """
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
        try:
            with hall.database.transaction() as tables:
                sessions.insert(tables, stored, wrap_data_key(hall.hall_key, data_key, stored.id, entropy))
                append(tables, hall.audit_event("session_opened", stored.id, scene=scene.value))
                hall.vault.prepare(stored.id)  # after the commit a session would stay open that nobody was given
        except KnownError:
            discard(hall.vault, stored.id)
            raise
        return cls(hall, equipment, stored, data_key)

    @classmethod
    def resume(cls, hall: OpenHall, equipment: Equipment, session: str) -> "Verification":
        """Go on with a session after its last committed step. Files whose commit never came are deleted.

        Raises session_unknown, not_permitted, evidence_damaged; then `abandon_unopened` can end it.
        """
        stored = load_open_session(hall, session)
        data_key = hall.data_key(session)
        hall.vault.prepare(session)
        hall.vault.clear_unlisted(session, {entry.kind for entry in stored.facts.files})
        verification = cls(hall, equipment, stored, data_key)
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

    @property
    def camera(self) -> DeviceIdentity:
        """What is known of the camera, see `Camera.identity`; from any thread."""
        return self._camera.identity

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
        camera_virtual, camera_stopped, no_usable_face, face_worker_failed, model_changed, computer_too_slow and
        camera_too_slow when too few pictures were seen to tell, and not_live when it did not look like a live person;
        the detail says why. `CONSEQUENCES` says which of them cost the customer an attempt, and after which the same
        challenges are asked again.

        A check whose challenges were all done is kept before the comparison, as one that was not compared: whatever
        fails then is a fault of ours and costs the customer no attempt. It is not used again either, because it speaks
        only for the pictures of the same sight: who sits there when the fault is mended may be another person. So the
        next try is a whole one, with other challenges, for these have been seen to be done and may have been recorded.
        """
        self._expect(Move.FACE_DECIDED)
        if self.facts.consent is None or not self.facts.consent.given:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "no consent for face data")
        self._keep_owed()
        if not self.may_try_again:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "no attempt is left")
        try:
            return self._try(listener, stop or Stop())
        finally:
            self._forget_faces()

    def _try(self, listener: PortraitListener, stop: Stop) -> Comparison:
        faces = self._equipment.faces
        attempt = OpenAttempt(self.facts.liveness, dict(faces.relief.models), self._hall.entropy)

        def draw(looks_per_s: float) -> tuple[Challenge, ...]:
            """A draw is kept before anything else comes of it: nobody draws until it suits."""
            challenges = attempt.draw(looks_per_s)
            if challenges != self.facts.liveness.still_asked:
                self._note("challenges_drawn", liveness=attempt.facts_drawn())
            return challenges

        def show(challenge: Challenge | None) -> None:
            """What somebody can have seen is kept before they see it: no pulled plug makes it unseen."""
            if challenge is not None and attempt.shows_more(challenge):
                self._note(
                    "challenge_shown" if attempt.begun else "liveness_begun", liveness=attempt.facts_shown(challenge)
                )
                attempt.note_shown(challenge)
            listener.on_challenge(challenge)

        shown = replace(listener, on_challenge=show)
        try:
            taken = take_portrait(self._camera, faces, self._hall.clock, draw, shown, stop, self._keep_capture)
        except Exception as error:
            if not attempt.begun:
                self._note_failed(error)
            else:
                code = error.code if isinstance(error, KnownError) else None
                refusal = _BROKEN_OFF.get(code, Refusal.COMPUTER_FAILED)
                self._note_failed(error, liveness=attempt.facts(refusal=refusal))
            raise
        result = taken.liveness
        ended = {
            "done": len(result.done),
            "refusal": result.refusal,
            "looks_per_s": round(result.looks_per_s, 1),
            "depth_hint": result.hint,
            "likeness": result.likeness,
            "process_losses": result.process_losses,
        }
        liveness = attempt.facts(**ended)
        if taken.failure is not None and result.refusal is Refusal.NOT_COMPARED:
            self._note_failed(taken.failure, liveness=liveness)
            raise taken.failure
        if result.refusal is not None:
            if taken.failure is not None and not isinstance(taken.failure, KnownError):
                report_bug(taken.failure)  # the refusal stands, and is what the clerk is told
            refused = KnownError(_OF_THE_COUNTER.get(result.refusal, FailureCode.NOT_LIVE), result.refusal)
            self._note_failed(refused, liveness=liveness)
            raise refused from taken.failure
        not_compared = attempt.facts(**ended | {"refusal": Refusal.NOT_COMPARED})
        self._keep("liveness_passed", {}, liveness=not_compared)
        try:
            return self._compare(taken.capture, liveness=liveness)
        except Exception as error:
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

        Pictures of the last try that took good ones, however it ended, are compared and kept for the supervisor, and
        the comparison decides as it would have. Where the face engine is what fails they are kept all the same, and
        compared by the supervisor alone. Without any, as after the session was resumed, there is nothing to compare.
        Raises step_out_of_order, supervised_way_closed.
        """
        self._expect(Move.FACE_DECIDED)
        if self.facts.consent is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "the customer was not asked for consent")
        self._keep_owed()
        if self.supervised_way is None:
            raise KnownError(FailureCode.SUPERVISED_WAY_CLOSED)
        if self._capture is not None:
            return self._compare_for_supervisor(self._capture)
        last = self.facts.failed_tries[-1] if self.facts.failed_tries else None
        crowded = last is not None and last.remark is FaceRemark.SEVERAL_FACES
        comparison = self._not_compared(Decision.SEVERAL_FACES if crowded else Decision.NO_FACE)
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
        stop: Stop | None = None,
    ) -> None:
        """Begin to record; see `NoticeRecording` for the callbacks. The facts keep a refused virtual camera.

        Once `stop` was said, on any thread, while the camera opens, it is let go of and check_stopped is raised: no
        reading was begun.

        Raises camera_missing, camera_virtual, camera_stopped, microphone_missing, recorder_failed, clock_wrong,
        check_stopped, and what the disk does: disk_full, store_read_only, store_busy.
        """
        self._expect(Move.NOTICE_READ)
        if self._recording is not None or self._whole is not None:
            raise BugError("there is a recording already")
        self._now()  # a wrong clock is said before anything runs: the document bears its time
        notice = self.notice()  # without its text nothing is to be recorded
        path = self._hall.vault.new_part_path(self.session_id, FileKind.READING)
        try:
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
                stop or Stop(),
            )
        except KnownError as error:
            if error.code is FailureCode.CAMERA_VIRTUAL:
                self._note("reading_failed", self._cause(error), refused_cameras=self._refused_cameras())
            raise
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

    @property
    def reading_is_whole(self) -> bool:
        """It was read to its end and only has to be kept: `finish_reading` tries that again."""
        return self._whole is not None

    def finish_reading(self, end: LineEnd = LineEnd.CLERK) -> ReadingFacts:
        """Stop the recording and keep it; `end` says who ended the last line.

        Raises what `show_line` raises. When the disk or the clock does not let it be kept, it stays: see
        `reading_is_whole`. Nobody reads it twice for a busy disk.
        """
        try:
            if self._whole is None:
                self._whole = self._finish_recording(end)
            return self._keep_reading(self._whole)
        except KnownError as error:
            self._reading_ended_by = error.code
            raise

    def _finish_recording(self, end: LineEnd) -> _WholeReading:
        recording = self._running()
        report, line_starts_s, line_ends = recording.finish(end)
        self._recording = None
        facts = ReadingFacts(
            camera=self._camera.identity,
            microphone=self._equipment.microphone.identity,
            line_starts_s=line_starts_s,
            line_ends=line_ends,
            duration_s=report.duration_s,
            pictures=report.pictures,
            pictures_dropped=report.pictures_dropped,
            sound_s=report.sound_s,
            # The microphone is heard from before the first picture on; the recording is not.
            longest_silence_s=min(recording.longest_silence_s, report.duration_s),
            restarts=self.facts.readings_begun - 1,
        )
        if not facts.fits_together:
            raise KnownError(FailureCode.RECORDER_FAILED, "not every line is in the recording")
        return _WholeReading(report, facts)

    def _keep_reading(self, whole: _WholeReading) -> ReadingFacts:
        report = whole.report
        if whole.entry is None:
            whole.entry = self._hall.vault.adopt(
                self.session_id, FileKind.READING, report.plain_bytes, report.plain_sha256
            )
        self._commit(Move.NOTICE_READ, reading=whole.facts, files=(*self.facts.files, whole.entry))
        self._whole = None
        return whole.facts

    def restart_reading(self) -> None:
        """Throw the recording away, which is never kept when it is aborted, and make ready for the next one.

        Raises store_read_only, store_busy when its file cannot be deleted.
        """
        recording = self._recording
        if recording is not None:
            failure = recording.failure
            self._stop_recording()
            self._reading_ended_by = _CLERK if failure is None else failure.code
        self._forget_reading()
        if recording is None:
            return
        try:
            self._equipment.recorder.prewarm()
        except KnownError as error:  # a hint: `start_reading` tries again, and says so
            _log.warning("the recorder cannot be made ready: %s", error.code)

    def _forget_reading(self) -> None:
        """Delete the file of a reading that no fact lists: it was finished, and not kept."""
        if self.facts.reading is None:
            self._hall.vault.forget(self.session_id, FileKind.READING)
            self._whole = None

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
        # A try whose commit failed may have left a file, and then the session went another way: nobody knows it.
        self._hall.vault.clear_unlisted(self.session_id, {entry.kind for entry in self.facts.files})
        self._stored, manifest = seal_session(self._hall, self._stored, event, self._data_key)
        return manifest

    def customer_copy(self) -> bytes:
        """The signed notice as a PDF, for the printer. Raises step_out_of_order before it was signed."""
        if self._seen.signed_notice is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "the notice is not signed")
        return self._seen.signed_notice

    def refuse(self) -> None:
        """End a session whose pre-check forbids to go on; the audit says why. Raises as `abandon` does."""
        self._expect(Move.REFUSED)
        card = self.facts.card
        findings = disqualifying(card.kind, card.findings) if card is not None else ()
        self._end(Move.REFUSED, RefusalReason.CARD_UNUSABLE, findings=list(findings))

    def abandon(self, reason: AbandonReason) -> None:
        """End the session before its seal; nothing of the customer is kept.

        Raises step_out_of_order, disk_full, store_busy: then the session goes on. Once the end is committed nothing is
        raised, whatever becomes of the files, see `clear_away`.
        """
        self._end(Move.ABANDONED, reason)

    def close(self) -> None:
        """Let go of the devices. An open session can be resumed."""
        self._stop_recording()
        if self._whole is not None:
            try:
                self._forget_reading()
            except KnownError as error:  # it is encrypted, and goes when the session is resumed or ended
                _log.warning("a reading that was not kept is still there: %s", error)
        self._background.shutdown(wait=True, cancel_futures=True)
        self._seen, self._capture = _Seen(), None
        return_freed_memory()

    def _end(self, move: Move, reason: AbandonReason | RefusalReason, **detail: object) -> None:
        self._expect(move)
        self._stop_recording()
        self._stored = end_session(self._hall, self._stored, move, reason, self._elapsed_s, **detail)
        self._seen, self._whole, self._capture = _Seen(), None, None

    @property
    def _tried(self) -> SessionFacts:
        """The facts, with the end of a try that the disk did not take: a full disk makes no other attempt of it."""
        return self.facts if self._owed is None else self.facts.changed(**self._owed.facts)

    def _keep(self, event: str, detail: Mapping[str, object], **facts: object) -> None:
        """Keep how a try ended. Raises disk_full; then the next try does it first, before anybody is looked at.

        Until then the disk has an attempt that was interrupted, and if the program ends it stays one.
        """
        self._owed = _Owed(event, detail, facts)
        self._keep_owed()

    def _keep_owed(self) -> None:
        if self._owed is not None:
            self._note(self._owed.event, self._owed.detail, **self._owed.facts)
            self._owed = None

    def _note_failed(self, error: Exception, **facts: object) -> None:
        """Keep that a try failed, in one transaction with what it found out; nothing of it is lost in a crash.

        What says nothing about the try is not kept as one that failed; what it found out is.
        """
        known = error if isinstance(error, KnownError) else KnownError(FailureCode.INTERNAL_ERROR)
        failed = failed_try(known)
        if failed is not None:
            facts["failed_tries"] = (*self.facts.failed_tries, failed)
        if known.code is FailureCode.CAMERA_VIRTUAL:
            facts["refused_cameras"] = self._refused_cameras()
        if not facts:
            return
        detail: dict[str, object]
        match known.code:
            case FailureCode.NOT_LIVE:
                event, detail = "liveness_refused", {"refusal": known.detail}
            case FailureCode.CHECK_STOPPED:
                event, detail = "portrait_stopped", {}
            case _:
                event, detail = "portrait_failed", self._cause(known)
        if failed is not None and failed.remark is not None:
            detail["remark"] = failed.remark.value
        self._keep(event, detail, **facts)

    def _cause(self, error: KnownError) -> dict[str, object]:
        """What the audit log says of a failure: of an abandoned session nothing else tells which camera was tried."""
        refused = {"camera": asdict(self.camera)} if error.code is FailureCode.CAMERA_VIRTUAL else {}
        return {"cause": error.code.value, **refused}

    def _refused_cameras(self) -> tuple[DeviceIdentity, ...]:
        """Those of the facts and the one that has just been refused, each once."""
        return tuple(dict.fromkeys((*self.facts.refused_cameras, self.camera)))

    def _compare(self, capture: Capture, **facts: object) -> Comparison:
        return self._keep_compared(self._match(capture), capture, **facts)

    def _match(self, capture: Capture) -> Comparison:
        return self._equipment.faces.matcher.compare(self._seen.portrait, [frame.image for frame in capture.frames])

    def _compare_for_supervisor(self, capture: Capture) -> Comparison:
        try:
            return self._keep_compared(self._match_if_possible(capture), capture)
        finally:
            self._forget_faces()

    def _match_if_possible(self, capture: Capture) -> Comparison:
        """Never a dead end: a face engine that fails, as foreseen or not, is a reason for the supervised way."""
        try:
            return self._match(capture)
        except KnownError as error:
            if error.code not in _OF_THE_ENGINE:
                raise
            _log.warning("nothing is compared on the supervised way: %s", error.code)
        except Exception as error:  # noqa: BLE001  # nobody waits for its number: the supervisor compares
            report_bug(error)
        return self._not_compared(Decision.NO_FACE)

    def _keep_compared(self, comparison: Comparison, capture: Capture, **facts: object) -> Comparison:
        photo = self._put(FileKind.LIVE_PHOTO, encode_photo(capture.best.image))
        self._decide(comparison, len(capture.looked_s), files=(*self.facts.files, photo), **facts)
        self._seen.live_photo = capture.best.image
        return comparison

    def _keep_capture(self, capture: Capture) -> None:
        """Until it is decided: the try may fail yet, and a supervisor be asked."""
        self._capture, self._captured_by = capture, self._camera.identity
        if self._equipment.face_worker is not None:
            self._equipment.face_worker.prepare([frame.image for frame in capture.frames])

    def _forget_faces(self) -> None:
        """A try is over: its faces are no longer the face process's."""
        if self._equipment.face_worker is not None:
            self._equipment.face_worker.forget()

    def _decide(self, comparison: Comparison, looked_at: int, **facts: object) -> None:
        camera = self._captured_by if looked_at else None
        face = FaceFacts(camera=camera, frames_seen=looked_at, comparison=comparison)
        self._commit(Move.FACE_DECIDED, face=face, **facts)
        self._capture = None

    def _not_compared(self, decision: Decision) -> Comparison:
        """For want of a face or of a consent; a portrait that is missing is said before a face that is."""
        matcher = self._equipment.faces.matcher
        if decision is not Decision.CONSENT_REFUSED and self._seen.portrait is None:
            decision = Decision.NO_PORTRAIT
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

        Raises clock_wrong, and clock_went_back before the time at which the session was opened: one of both was wrong.
        """
        now = self._hall.clock.now()
        _require_plausible(self._hall, now)
        if now < datetime.fromisoformat(self._stored.opened_at) - CLOCK_CORRECTION:
            raise KnownError(FailureCode.CLOCK_WENT_BACK)
        return now

    def _event(self, move: Move, at: datetime) -> SessionEvent:
        return SessionEvent(
            sequence=len(self._stored.events) + 1,
            move=move,
            state=moved(self.scene, self.state, move, self.facts.card_usable),
            at=iso(at),
            elapsed_s=self._elapsed_s,
        )

    @property
    def _elapsed_s(self) -> float:
        return round(self._hall.clock.monotonic() - self.opened_monotonic, 3)

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
