"""What every face engine does alike: take the one face of each picture, refuse without it, score, decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import DetectedFace, require_bgr
from hallclient.devices import Image
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.failures import BugError

Template = npt.NDArray[np.float32]
"""What an engine keeps of a face: a vector that only this engine can compare. Never stored."""

Face = TypeVar("Face")
Crop = TypeVar("Crop")

_ENLARGED_HEIGHT_PX = 252  # twice that of a chip's portrait, which is 102x126
_BROADEST = 4  # times its height: a line of pixels is no portrait, and would fill the memory once enlarged


@dataclass(slots=True, eq=False)
class SeenFaces:
    """What comparing needs of a picture: how many faces it shows, and the encoder's crop of the largest if any.

    `template` is that of the largest once it was asked for: the pictures of a live face are compared with one another
    and then with the card, and a template costs two runs of the network.
    """

    count: int
    largest: Any
    template: Template | None = None


class FaceEncoder(Protocol[Face, Crop]):
    """An engine's own part. Pictures are BGR, height x width x 3, uint8, and never empty; one thread at a time."""

    identity: EngineIdentity

    def faces(self, image: Image) -> Sequence[Face]:
        """The faces in a picture, the largest first."""
        ...

    def crop(self, image: Image, face: Face) -> Crop:
        """What `template` needs of one of the faces in `image`."""
        ...

    def template(self, crop: Crop) -> Template:
        """The template of a face."""
        ...

    def average(self, templates: Sequence[Template]) -> Template:
        """One template for several pictures of one person."""
        ...

    def scores(self, one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Every row of `one` (n x d) against every row of `other` (m x d): n x m, larger is more alike."""
        ...


class TemplateMatcher:
    """Fulfils `FaceMatcher` with any encoder. Two threads may share it: they take turns.

    Attributes:
        identity: engine, version and the models' SHA-256, as stored with every comparison.
        thresholds: the bands of its scores.
    """

    def __init__(self, encoder: FaceEncoder[Any, Any], thresholds: Thresholds) -> None:
        self.identity = encoder.identity
        self.thresholds = thresholds
        self._encoder = encoder
        self._lock = Lock()

    def compare(self, portrait: Image | None, live: Sequence[Image]) -> Comparison:
        """Compare the chip's portrait with live pictures of one person, all BGR (height x width x 3, uint8).

        A portrait that does not show exactly one face is as good as none: `no_portrait`, since nothing in front of the
        camera mends it.
        """
        if not live:
            raise BugError("nothing to compare with")
        for image in live:
            require_bgr(image)
        if portrait is None:
            return self._undecided(Decision.NO_PORTRAIT)
        require_bgr(portrait)
        return self.compare_seen(portrait, [self.see(image) for image in live])

    def compare_seen(self, portrait: Image, live: Sequence[SeenFaces]) -> Comparison:
        """As `compare`, with live pictures that were seen before; one or more."""
        with self._lock:
            of_card = self._of_portrait(portrait, only_one=True)
            if of_card is None:
                return self._undecided(Decision.NO_PORTRAIT)
            for seen in live:
                if seen.count != 1:
                    return self._undecided(Decision.SEVERAL_FACES if seen.count else Decision.NO_FACE)
            of_live = [self._template(seen) for seen in live]
            score = float(self.scores([of_card], [self._encoder.average(of_live)])[0, 0])
        return Comparison(self.thresholds.decide(score), score, self.thresholds, self.identity)

    def likeness(self, images: Sequence[Image]) -> float | None:
        """The lowest score of any later picture's largest face with the first's; None without faces."""
        for image in images:
            require_bgr(image)
        return self.likeness_seen([self.see(image) for image in images])

    def prepare_seen(self, pictures: Sequence[SeenFaces]) -> None:
        """Find the templates that `likeness_seen` and `compare_seen` will need of these."""
        with self._lock:
            for seen in pictures:
                if seen.count:
                    self._template(seen)

    def likeness_seen(self, pictures: Sequence[SeenFaces]) -> float | None:
        """As `likeness`, of pictures that were seen before."""
        if len(pictures) < 2 or not all(seen.count for seen in pictures):
            return None
        with self._lock:
            first, *others = (self._template(seen) for seen in pictures)
        return float(self.scores([first], others).min())

    def see(self, image: Image) -> SeenFaces:
        """Find the faces of a BGR picture for `compare_seen` and `likeness_seen`, which then need it no more."""
        with self._lock:
            return self._seen(image)

    def seen_before(self, image: Image, faces: Sequence[DetectedFace]) -> SeenFaces | None:  # noqa: ARG002 - of others
        """As `see`, at next to no cost, of a picture whose `faces` YuNet has found; None where that is not enough."""
        return None

    def portrait_template(self, portrait: Image) -> Template | None:
        """Of the largest face of a chip's portrait, as `compare` sees it; None without a face. For measuring."""
        require_bgr(portrait)
        with self._lock:
            return self._of_portrait(portrait, only_one=False)

    def template(self, image: Image) -> Template | None:
        """Of the largest face in `image`; None without a face. For measuring, where nobody is asked to step aside."""
        require_bgr(image)
        with self._lock:
            seen = self._seen(image)
            return self._template(seen) if seen.count else None

    def scores(self, one: Sequence[Template], other: Sequence[Template]) -> npt.NDArray[np.float32]:
        """Each of `one` against each of `other`: a matrix of scores, larger is more alike."""
        return self._encoder.scores(np.asarray(one), np.asarray(other))

    def _of_portrait(self, portrait: Image, only_one: bool) -> Template | None:
        """The average over the sizes at which a face is found; None without, or with several where `only_one` is."""
        sizes = [self._seen(image) for image in _sizes(portrait)]
        if only_one and any(seen.count > 1 for seen in sizes):
            return None
        found = [self._template(seen) for seen in sizes if seen.count]
        return self._encoder.average(found) if found else None

    def _seen(self, image: Image) -> SeenFaces:
        faces = self._encoder.faces(image) if image.size else ()
        return SeenFaces(len(faces), self._encoder.crop(image, faces[0]) if faces else None)

    def _template(self, seen: SeenFaces) -> Template:
        if seen.template is None:
            seen.template = self._encoder.template(seen.largest)
        return seen.template

    def _undecided(self, decision: Decision) -> Comparison:
        return Comparison(decision, None, self.thresholds, self.identity)


def _sizes(portrait: Image) -> list[Image]:
    """A small portrait as it is and enlarged: both together miss fewer people (figures in assets/face/sface.toml)."""
    height, width = portrait.shape[:2]
    if not 0 < height < _ENLARGED_HEIGHT_PX or not 0 < width <= _BROADEST * height:
        return [portrait]
    size = max(1, round(width * _ENLARGED_HEIGHT_PX / height)), _ENLARGED_HEIGHT_PX
    return [portrait, np.asarray(cv2.resize(portrait, size, interpolation=cv2.INTER_CUBIC), np.uint8)]
