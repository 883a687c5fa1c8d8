"""What is found out while a notice is read: how often it was begun, and the recording."""

from enum import StrEnum
from math import isfinite
from typing import Literal

from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.manifest_part import ManifestPart
from hallclient.domain.step_kind import StepFacts, StepOptions

RECORDING = "recording"  # its file
REMARKABLE_RESTARTS = 2  # of a reading: once may be a slip of the tongue or of a finger
MUTED_AFTER_S = 2.0  # of nothing but zeros: a microphone that is on is never so quiet, it has noise of its own


class NoticeOptions(StepOptions):
    """`text` is what the customer reads aloud, before a camera and a microphone."""

    text: TextShown
    video: Literal[True] = True


class LineEnd(StrEnum):
    """How it was said that a line is read: by the clerk's key, or by the button on the customer's own screen."""

    CLERK = "clerk"
    CUSTOMER = "customer"


class RecordingFacts(ManifestPart):
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


class NoticeFacts(StepFacts):
    """`begun` is how often the reading was begun; `recording` is that of the whole one, None until there is one.

    `refused_cameras` looked virtual and ended a reading before a picture was taken; each once.
    """

    begun: int = 0
    refused_cameras: tuple[DeviceIdentity, ...] = ()
    recording: RecordingFacts | None = None

    @property
    def cameras(self) -> tuple[DeviceIdentity, ...]:
        return () if self.recording is None else (self.recording.camera,)

    @property
    def practised(self) -> bool:
        recording = self.recording
        return recording is not None and (recording.camera.practice or recording.microphone.practice)
