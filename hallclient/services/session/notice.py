"""A notice is read aloud before a camera and a microphone."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from hallclient.devices import Frame, RecordingReport
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.notice import RECORDING, LineEnd, NoticeFacts, NoticeOptions, RecordingFacts
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.notice import Notice
from hallclient.domain.plan import PlannedStep
from hallclient.rule_texts import text_as_read
from hallclient.services.notice_recording import NoticeRecording
from hallclient.services.session.failure_detail import camera_cause
from hallclient.services.session.step import Keeper, StepWork
from hallclient.services.stop import Stop

_log = logging.getLogger(__name__)

# Why a recording that was begun is begun again, where no failure is the reason: its words in the audit log.
_INTERRUPTED, _CLERK = "interrupted", "clerk"


def _unheard(_error: KnownError | None) -> None:
    """Who has no screen hears of it at the next call."""


@dataclass(slots=True)
class _WholeRecording:
    """A recording that was finished, until the disk has taken it; `entry` once its file is a member of the package."""

    report: RecordingReport
    facts: RecordingFacts
    entry: FileEntry | None = None


class NoticeStep(StepWork):
    """Owns microphone and recorder from `start_recording` to the end of the recording."""

    uses_camera = True

    def __init__(self, keeper: Keeper, planned: PlannedStep) -> None:
        super().__init__(keeper, planned)
        self._recording: NoticeRecording | None = None
        self._whole: _WholeRecording | None = None
        self._recording_ended_by = _INTERRUPTED
        self._told = False  # the audit, that the text was shown

    @property
    def facts(self) -> NoticeFacts:
        return self._facts(NoticeFacts) or NoticeFacts()

    @property
    def camera(self) -> DeviceIdentity:
        """What is known of the camera, see `Camera.identity`; from any thread."""
        return self._keeper.feed.identity

    @property
    def with_video(self) -> bool:
        """As the plan asks."""
        return self._options(NoticeOptions).video

    def notice(self) -> Notice:
        """The fraud-risk notice that the customer reads: the plan's. Raises notice_text_missing, step_out_of_order."""
        if not self.is_done and not self._told:
            self._expect()
            self._note("notice_shown")
            self._told = True
        shown = self._options(NoticeOptions).text
        return text_as_read(shown.code, shown.version, shown.sha256)

    def start_recording(
        self,
        on_frame: Callable[[Frame], None],
        on_level: Callable[[float], None],
        on_trouble: Callable[[KnownError | None], None] = _unheard,
        stop: Stop | None = None,
    ) -> None:
        """Begin to record; see `NoticeRecording` for the callbacks. The facts keep a refused virtual camera.

        Once `stop` was said, on any thread, while it begins, check_stopped is raised: no recording was begun. A camera
        that was still being opened is let go of.

        Raises camera_missing, camera_virtual, camera_stopped, microphone_missing, recorder_failed, clock_wrong,
        check_stopped, and what the disk does: disk_full, store_read_only, store_busy.
        """
        self._expect()
        if self._recording is not None or self._whole is not None:
            raise BugError("there is a recording already")
        self._keeper.now()  # a wrong clock is said before anything runs: the document bears its time
        notice = self.notice()  # without its text nothing is to be recorded
        path = self._hall.vault.new_part_path(self._keeper.session_id, self._file_id(RECORDING))
        try:
            self._recording = NoticeRecording(
                self._keeper.feed,
                self._equipment.microphone,
                self._equipment.recorder,
                self._hall.clock,
                notice,
                path,
                self._keeper.data_key,
                self._keeper.session_id,
                on_frame,
                on_level,
                on_trouble,
                stop or Stop(),
            )
        except KnownError as error:
            if error.code is FailureCode.CAMERA_VIRTUAL:
                self._note("recording_failed", camera_cause(error, self.camera), self._with_refused_camera())
            raise
        try:
            self._note_begun()
            self._keeper.prepare_after(self.planned.id)
        except BaseException as error:  # whatever it is: nothing goes on recording of which nobody knows
            self._stop_recording()
            if isinstance(error, KnownError):
                self._recording_ended_by = error.code
            raise

    def _note_begun(self) -> None:
        """How often it was begun stands in the facts: nobody has it read again and again unseen."""
        begun = self.facts.changed(begun=self.facts.begun + 1)
        if begun.begun == 1:
            self._note("recording_begun", facts=begun)
        else:
            self._note("recording_restarted", {"cause": self._recording_ended_by}, begun)
        self._recording_ended_by = _INTERRUPTED

    def show_line(self, index: int, end: LineEnd = LineEnd.CLERK) -> None:
        """Line `index` is now before the customer; `end` says who ended the one before it.

        Raises recording_too_short, microphone_silent (the line before it is still to be read, the recording goes on);
        camera_stopped, microphone_stopped, recorder_failed, disk_full: call `restart_recording` and begin again.
        """
        self._running().show_line(index, end)

    @property
    def recording_is_whole(self) -> bool:
        """It was read to its end and only has to be kept: `finish_recording` tries that again."""
        return self._whole is not None

    def finish_recording(self, end: LineEnd = LineEnd.CLERK) -> RecordingFacts:
        """Stop the recording and keep it; `end` says who ended the last line.

        Raises what `show_line` raises. When the disk or the clock does not let it be kept, it stays: see
        `recording_is_whole`. Nobody reads it twice for a busy disk.
        """
        try:
            if self._whole is None:
                self._whole = self._finish_recording(end)
            return self._keep_recording(self._whole)
        except KnownError as error:
            self._recording_ended_by = error.code
            raise

    def _finish_recording(self, end: LineEnd) -> _WholeRecording:
        recording = self._running()
        report, line_starts_s, line_ends = recording.finish(end)
        self._recording = None
        facts = RecordingFacts(
            camera=self.camera,
            microphone=self._equipment.microphone.identity,
            line_starts_s=line_starts_s,
            line_ends=line_ends,
            duration_s=report.duration_s,
            pictures=report.pictures,
            pictures_dropped=report.pictures_dropped,
            sound_s=report.sound_s,
            # The microphone is heard from before the first picture on; the recording is not.
            longest_silence_s=min(recording.longest_silence_s, report.duration_s),
            restarts=self.facts.begun - 1,
        )
        if not facts.fits_together:
            raise KnownError(FailureCode.RECORDER_FAILED, "not every line is in the recording")
        return _WholeRecording(report, facts)

    def _keep_recording(self, whole: _WholeRecording) -> RecordingFacts:
        report = whole.report
        if whole.entry is None:
            whole.entry = self._hall.vault.adopt(
                self._keeper.session_id, self._file_id(RECORDING), report.plain_bytes, report.plain_sha256
            )
        self._finish(self.facts.changed(recording=whole.facts), whole.entry)
        self._whole = None
        return whole.facts

    def restart_recording(self) -> None:
        """Throw the recording away, which is never kept when it is aborted, and make ready for the next one.

        Raises store_read_only, store_busy when its file cannot be deleted.
        """
        recording = self._recording
        if recording is not None:
            failure = recording.failure
            self._stop_recording()
            self._recording_ended_by = _CLERK if failure is None else failure.code
        self._forget_recording()
        if recording is None:
            return
        try:
            self._equipment.recorder.prewarm()
        except KnownError as error:  # a hint: `start_recording` tries again, and says so
            _log.warning("the recorder cannot be made ready: %s", error.code)

    def _forget_recording(self) -> None:
        """Delete the file of a recording that no fact lists: it was finished, and not kept."""
        if not self.is_done:
            self._hall.vault.forget(self._keeper.session_id, self._file_id(RECORDING))
            self._whole = None

    def _stop_recording(self) -> None:
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.abort()

    def _with_refused_camera(self) -> NoticeFacts:
        refused = tuple(dict.fromkeys((*self.facts.refused_cameras, self.camera)))
        return self.facts.changed(refused_cameras=refused)

    def _running(self) -> NoticeRecording:
        if self._recording is None:
            raise KnownError(FailureCode.STEP_OUT_OF_ORDER, "nothing is being recorded")
        return self._recording

    def stop(self) -> None:
        self._stop_recording()

    def forget(self) -> None:
        if self._whole is not None:
            try:
                self._forget_recording()
            except KnownError as error:  # it is encrypted, and goes when the session is resumed or ended
                _log.warning("a recording that was not kept is still there: %s", error)
        self._whole = None
