"""A live face is compared with the chip's portrait, or left to a supervisor."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from hallclient.devices import Image
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.key_pictures import KeyPicture
from hallclient.domain.evidence.facts.portrait import (
    LIVE_PHOTO,
    ConsentFacts,
    FaceFacts,
    PortraitFacts,
    PortraitOptions,
)
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Challenge, Refusal
from hallclient.domain.notice import Notice
from hallclient.domain.plan import PlannedStep
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.supervised_way import SupervisedWay, failed_try, supervised_way
from hallclient.rule_texts import text_as_read
from hallclient.services.bug_log import report_bug
from hallclient.services.face_capture import Capture
from hallclient.services.hints import give_hints
from hallclient.services.key_pictures import key_pictures
from hallclient.services.liveness import LivenessResult
from hallclient.services.liveness_attempt import OpenAttempt
from hallclient.services.pictures import decode_photo, encode_photo
from hallclient.services.portrait_taking import PortraitListener, take_portrait
from hallclient.services.session.card import CardStep
from hallclient.services.session.failure_detail import camera_cause, cost
from hallclient.services.session.step import Keeper, StepWork
from hallclient.services.stop import Stop

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

_NO_FILES: Mapping[str, bytes] = MappingProxyType({})

_OF_THE_ENGINE = frozenset({FailureCode.FACE_WORKER_FAILED, FailureCode.MODEL_CHANGED})


@dataclass(frozen=True, slots=True)
class _Owed:
    """An event, the facts that it changes, and the files that these name, until the disk has taken them."""

    event: str
    detail: Mapping[str, object]
    facts: Mapping[str, object]
    files: Mapping[str, bytes] = field(repr=False)


class PortraitStep(StepWork):
    """Attributes:
    live_photo: the best picture of the customer, BGR; None before there is one.
    """

    uses_camera = True

    def __init__(self, keeper: Keeper, planned: PlannedStep) -> None:
        super().__init__(keeper, planned)
        self.live_photo: Image | None = None
        self._capture: Capture | None = None
        self._captured_by: DeviceIdentity | None = None  # another camera may have been tried since
        self._owed: _Owed | None = None  # how a try before the camera ended, while the disk does not take it
        self._told = False  # the devices, that they will soon be needed

    @property
    def facts(self) -> PortraitFacts:
        return self._facts(PortraitFacts) or PortraitFacts()

    @property
    def camera(self) -> DeviceIdentity:
        """What is known of the camera, see `Camera.identity`; from any thread."""
        return self._keeper.feed.identity

    @property
    def portrait(self) -> Image | None:
        """The chip's, BGR; None where it cannot be decoded."""
        return self._same_persons("card", CardStep).portrait

    def consent_text(self) -> Notice:
        """What the customer agrees to, or not, before the camera opens: the plan's.

        Raises notice_text_missing, step_out_of_order.
        """
        self._expect()
        shown = self._options(PortraitOptions).consent
        if not self._told:
            self._note("consent_shown")
            self._told = True
            give_hints(self._equipment)  # what died since the card was read is replaced while the customer reads
        return text_as_read(shown.code, shown.version, shown.sha256)

    def give_consent(self, given: bool) -> None:
        """Keep the customer's answer. A refusal is final for this session and leads to the supervised way.

        Whoever takes it back once the camera was used ends the session: it is abandoned, and nothing of it is kept.
        Raises as `consent_text` does: nobody answers to a text that is not there.
        """
        self.consent_text()
        if not given and self.facts != PortraitFacts(consent=self.facts.consent):
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "the camera was used with the customer's consent")
        consent = ConsentFacts(given=given, text=self._options(PortraitOptions).consent)
        if given:
            self._note("consent_given", facts=self.facts.changed(consent=consent))
        else:
            self._decide(self._not_compared(Decision.CONSENT_REFUSED), 0, consent=consent)

    def compare(self, listener: PortraitListener, stop: Stop | None = None) -> Comparison:
        """Take good pictures of a live face, compare them with the chip's portrait; the camera stays open after it.

        Once `stop` was said, on any thread, nobody is looked at any more and check_stopped is raised: no attempt of the
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
        self._expect()
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
                self._note("challenges_drawn", facts=self.facts.changed(liveness=attempt.facts_drawn()))
            return challenges

        def show(challenge: Challenge | None) -> None:
            """What somebody can have seen is kept before they see it: no pulled plug makes it unseen."""
            if challenge is not None and attempt.shows_more(challenge):
                event = "challenge_shown" if attempt.begun else "liveness_begun"
                self._note(event, facts=self.facts.changed(liveness=attempt.facts_shown(challenge)))
                attempt.note_shown(challenge)
            listener.on_challenge(challenge)

        shown = replace(listener, on_challenge=show)
        try:
            taken = take_portrait(
                self._keeper.feed, faces, self._hall.clock, draw, shown, stop, self._keep_capture, self._prepare
            )
        except Exception as error:
            if not attempt.begun:
                self._note_failed(error)
            else:
                code = error.code if isinstance(error, KnownError) else None
                refusal = _BROKEN_OFF.get(code, Refusal.COMPUTER_FAILED)
                self._note_failed(error, liveness=attempt.facts(refusal=refusal))
            raise
        result = taken.liveness
        pictures, files = self._key_pictures(result)
        ended = {
            "done": len(result.done),
            "refusal": result.refusal,
            "looks_per_s": round(result.looks_per_s, 1),
            "depth_hint": result.hint,
            "likeness": result.likeness,
            "process_losses": result.process_losses,
            "pictures": pictures,
        }
        liveness = attempt.facts(**ended)
        if taken.failure is not None and result.refusal is Refusal.NOT_COMPARED:
            self._note_failed(taken.failure, files, liveness=liveness)
            raise taken.failure
        if result.refusal is not None:
            if taken.failure is not None and not isinstance(taken.failure, KnownError):
                report_bug(taken.failure)  # the refusal stands, and is what the clerk is told
            refused = KnownError(_OF_THE_COUNTER.get(result.refusal, FailureCode.NOT_LIVE), result.refusal)
            self._note_failed(refused, files, liveness=liveness)
            raise refused from taken.failure
        not_compared = attempt.facts(**ended | {"refusal": Refusal.NOT_COMPARED})
        self._keep("liveness_passed", {}, files, liveness=not_compared)
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
        self._expect()
        if self.facts.consent is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "the customer was not asked for consent")
        self._keep_owed()
        if self.supervised_way is None:
            raise KnownError(FailureCode.SUPERVISED_WAY_CLOSED)
        if self._capture is not None:
            return self._compare_for_supervisor(self._capture)
        last = self.facts.failed_tries[-1] if self.facts.failed_tries else None
        crowded = last is not None and last.issue is QualityIssue.SEVERAL_FACES
        comparison = self._not_compared(Decision.SEVERAL_FACES if crowded else Decision.NO_FACE)
        self._decide(comparison, 0)
        return comparison

    @property
    def _tried(self) -> PortraitFacts:
        """The facts, with the end of a try that the disk did not take: a full disk makes no other attempt of it."""
        return self.facts if self._owed is None else self.facts.changed(**self._owed.facts)

    def _key_pictures(self, result: LivenessResult) -> tuple[tuple[KeyPicture, ...], Mapping[str, bytes]]:
        """Of the check that is over: what is listed of them, and their files, which overwrite none that is listed."""
        if not self._options(PortraitOptions).key_pictures:
            return (), {}
        return key_pictures(result, {picture.file for picture in self.facts.liveness.key_pictures})

    def _listed(self, facts: PortraitFacts) -> tuple[FileEntry, ...]:
        """Of the files that are committed, the key pictures that `facts` list."""
        listed = {self._file_id(picture.file) for picture in facts.liveness.key_pictures}
        return tuple(entry for entry in self.files if entry.id in listed)

    def _forget_unlisted(self, before: tuple[FileEntry, ...]) -> None:
        """Delete those of the files `before` that are committed no more; what cannot be is cleared at the seal."""
        for gone in {entry.id for entry in before} - {entry.id for entry in self.files}:
            try:
                self._hall.vault.forget(self._keeper.session_id, gone)
            except KnownError as error:
                _log.warning("a key picture that is no longer kept is not deleted yet: %s", error.code)

    def _keep(
        self, event: str, detail: Mapping[str, object], files: Mapping[str, bytes] = _NO_FILES, **facts: object
    ) -> None:
        """Keep how a try ended. Raises disk_full; then the next try does it first, before anybody is looked at.

        Until then the disk has an attempt that was interrupted, and if the program ends it stays one.
        """
        self._owed = _Owed(event, detail, facts, files)
        self._keep_owed()

    def _keep_owed(self) -> None:
        owed, before = self._owed, self.files
        if owed is None:
            return
        after = self.facts.changed(**owed.facts)
        files = (*self._listed(after), *(self._put(name, plain) for name, plain in owed.files.items()))
        self._note(owed.event, owed.detail, after, files)
        self._owed = None
        self._forget_unlisted(before)

    def _note_failed(self, error: Exception, files: Mapping[str, bytes] = _NO_FILES, **facts: object) -> None:
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
        if failed is not None and failed.issue is not None:
            detail["issue"] = failed.issue.value
        detail["costs"] = cost(facts.get("liveness"))
        self._keep(event, detail, files, **facts)

    def _refused_cameras(self) -> tuple[DeviceIdentity, ...]:
        """Those of the facts and the one that has just been refused, each once."""
        return tuple(dict.fromkeys((*self.facts.refused_cameras, self.camera)))

    def _compare(self, capture: Capture, **facts: object) -> Comparison:
        return self._keep_compared(self._match(capture), capture, **facts)

    def _match(self, capture: Capture) -> Comparison:
        return self._equipment.faces.matcher.compare(self.portrait, [frame.image for frame in capture.frames])

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
        photo = self._put(LIVE_PHOTO, encode_photo(capture.best.image))
        self._decide(comparison, len(capture.looked_s), photo, **facts)
        self.live_photo = capture.best.image
        return comparison

    def _keep_capture(self, capture: Capture) -> None:
        """Until it is decided: the try may fail yet, and a supervisor be asked."""
        self._capture, self._captured_by = capture, self.camera
        self._prepare(*(frame.image for frame in capture.frames))

    def _prepare(self, *images: Image) -> None:
        """The verdict will ask about these: what it takes is done between two looks."""
        if self._equipment.face_worker is not None:
            self._equipment.face_worker.prepare(images)

    def _forget_faces(self) -> None:
        """A try is over: its faces are no longer the face process's."""
        if self._equipment.face_worker is not None:
            self._equipment.face_worker.forget()

    def _decide(self, comparison: Comparison, looked_at: int, *photo: FileEntry, **facts: object) -> None:
        camera = self._captured_by if looked_at else None
        face = FaceFacts(camera=camera, frames_seen=looked_at, comparison=comparison)
        after = self.facts.changed(face=face, **facts)
        way = None if after.liveness.live else supervised_way(after)
        detail = {"decision": comparison.decision.value, "supervised_way": None if way is None else way.value}
        before = self.files
        self._finish(after, *self._listed(after), *photo, detail=detail)
        self._capture = None
        self._forget_unlisted(before)

    def _not_compared(self, decision: Decision) -> Comparison:
        """For want of a face or of a consent; a portrait that is missing is said before a face that is."""
        matcher = self._equipment.faces.matcher
        if decision is not Decision.CONSENT_REFUSED and self.portrait is None:
            decision = Decision.NO_PORTRAIT
        return Comparison(decision, None, matcher.thresholds, matcher.identity)

    def _cause(self, error: KnownError) -> dict[str, object]:
        return camera_cause(error, self.camera)

    def see_again(self) -> None:
        if self._has(LIVE_PHOTO):
            self.live_photo = decode_photo(self._get(LIVE_PHOTO))

    def forget(self) -> None:
        self.live_photo = self._capture = self._owed = None
