"""What looks at pictures of faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hallclient.devices.pictures_and_sound import Image
from hallclient.domain.comparison import Comparison, EngineIdentity, Thresholds
from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.liveness import Relief
from hallclient.domain.quality_issue import QualityIssue
from hallclient.domain.repetition import Repetition


@dataclass(frozen=True, slots=True)
class FaceSight:
    """What one picture shows.

    Attributes:
        count: faces found.
        box: left, top, width, height of the largest face in pixels; None without a face.
        quality: 0 to 1, larger is better for comparing; 0 unless exactly one face is there.
        issue: the one thing to change; None when the picture is good enough to compare.
        motion: where the face is and how nose, lids and lips stand; None unless exactly one face is there.
        after_loss: whoever looks was lost and replaced since the look before: what was between them nobody saw.
    """

    count: int
    box: tuple[float, float, float, float] | None
    quality: float
    issue: QualityIssue | None = None
    motion: FaceMotion | None = None
    after_loss: bool = False


class FaceAnalyser(Protocol):
    """Sees what a picture of a person shows, without knowing who it is."""

    def look(self, image: Image) -> FaceSight:
        """What a BGR picture shows. A NaN-free uint8 picture of any size; an empty one shows no face."""
        ...


class FaceRelief(Protocol):
    """Tells a face with depth from a picture of one.

    Attributes:
        models: SHA-256 of each model file that seeing a live face rests on, by its name.
    """

    models: dict[str, str]

    def reliefs(self, rest: Image, moved: Sequence[Image]) -> tuple[Relief | None, ...]:
        """How the nose moved against the skin around it from one BGR picture to each of the others of the same face.

        None where one of the two does not show exactly one face.
        """
        ...


@dataclass(frozen=True, slots=True)
class Glance:
    """What is kept of a picture of the camera that need not be looked at.

    Attributes:
        time_s: the picture's time.
        samples: a few hundred of its raw values of one colour, always at the same places.
    """

    time_s: float
    samples: bytes


class FaceRepetitions(Protocol):
    """Tells live pictures from a still or a clip, by every picture of the camera since `begin`."""

    def begin(self) -> None:
        """Forget all pictures: those that come now are of another opening of the camera."""
        ...

    def see(self, glances: Sequence[Glance]) -> Repetition | None:
        """What the pictures up to `glances` (all since the last call, oldest first) do; the first thing of several."""
        ...


class FaceMatcher(Protocol):
    """Compares faces: an engine."""

    identity: EngineIdentity
    thresholds: Thresholds

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        """Compare the chip's portrait (None when there is none) with one or more pictures of one live person.

        All are BGR. Several live pictures are averaged; one of them without exactly one face decides for all.
        """
        ...

    def likeness(self, images: Sequence[Image]) -> float | None:
        """The lowest score of any later picture against the first: whether all show one person.

        None when there are fewer than two pictures or one has no face.
        """
        ...


@dataclass(frozen=True, slots=True)
class FaceEngines:
    """What looks at pictures of faces."""

    analyser: FaceAnalyser
    relief: FaceRelief
    matcher: FaceMatcher
    repetitions: FaceRepetitions
