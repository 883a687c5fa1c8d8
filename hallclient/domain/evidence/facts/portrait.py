"""What is found out at the portrait: the consent, the tries before the camera, the comparison."""

from typing import Literal

from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.liveness_attempts import LivenessFacts
from hallclient.domain.evidence.text_shown import TextShown
from hallclient.domain.failures import FailureCode
from hallclient.domain.manifest_part import ManifestPart
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.step_kind import StepFacts, StepOptions

LIVE_PHOTO = "live_photo"  # its file
NOT_MATCHED, NOT_LIVE = "not_matched", "not_live"  # its flags


class PortraitOptions(StepOptions):
    """`consent` is the text by which the customer is asked. Whoever compares asks for a live face.

    `key_pictures`: a picture is kept of each challenge. A pack that asks for them has a consent that says so.
    """

    consent: TextShown
    liveness: Literal[True] = True
    key_pictures: bool = False


class ConsentFacts(ManifestPart):
    """The customer's answer to the separate consent for face data, with the text that they read."""

    given: bool
    text: TextShown


class FailedTry(ManifestPart):
    """Why one try before the camera ended without a comparison; see `hallclient.domain.supervised_way`.

    It is kept whether or not the customer saw a challenge, which makes it an attempt as well. `issue` is what kept
    the pictures from being good enough, where that was the reason.
    """

    code: FailureCode
    issue: QualityIssue | None = None


class FaceFacts(ManifestPart):
    """The comparison, the camera, and `frames_seen`: how many pictures were looked at for the good ones that it is of.

    Those that the challenges were looked at with are not among them: each attempt has its rate.
    """

    camera: DeviceIdentity | None
    frames_seen: int
    comparison: Comparison


class PortraitFacts(StepFacts):
    """Everything up to the comparison, and it; `face` is None until it is decided.

    `refused_cameras` looked virtual and ended a try before a picture was taken; each once. They are no proof against
    the session, which went on with another camera or none.
    """

    consent: ConsentFacts | None = None
    failed_tries: tuple[FailedTry, ...] = ()
    refused_cameras: tuple[DeviceIdentity, ...] = ()
    liveness: LivenessFacts = LivenessFacts()
    face: FaceFacts | None = None

    @property
    def cameras(self) -> tuple[DeviceIdentity, ...]:
        return (self.face.camera,) if self.face is not None and self.face.camera is not None else ()

    @property
    def practised(self) -> bool:
        return any(camera.practice for camera in self.cameras)

    @property
    def flags(self) -> tuple[str, ...]:
        """All but a matched and live face need the supervised way."""
        matched = self.face is not None and self.face.comparison.decision is Decision.MATCHED
        return tuple(flag for flag, holds in ((NOT_MATCHED, matched), (NOT_LIVE, self.liveness.live)) if not holds)
