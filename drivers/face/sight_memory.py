"""What looks found of the newest pictures, so that questions about them need neither the pictures nor another look."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from drivers.face.analyser import YuNetAnalyser
from drivers.face.relief import FlowRelief, ReliefFace, relief_face
from drivers.face.template_matcher import SeenFaces, TemplateMatcher
from hallclient.devices import FaceSight, Image
from hallclient.domain.comparison import Comparison
from hallclient.domain.liveness import Relief


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """`faces` is None where the matcher's engine finds faces by itself."""

    relief: ReliefFace | None
    faces: SeenFaces | None


class UnknownPictureError(LookupError):
    """A number of a picture that is not remembered, or not well enough for what was asked."""


class SightMemory:
    """Looks once at a picture for the analyser, the relief and the matcher. For one thread.

    Of each picture that is remembered some 200 kB are kept: the face in grey, its landmarks, the matcher's crop.
    """

    def __init__(self, analyser: YuNetAnalyser, relief: FlowRelief, matcher: TemplateMatcher) -> None:
        self._analyser, self._relief, self._matcher = analyser, relief, matcher
        self._seen: dict[int, _Seen] = {}

    def look(self, image: Image, number: int, held: Collection[int]) -> FaceSight:
        """As `FaceAnalyser.look`; from now on `image` is known as `number`, and of the others only those in `held`."""
        found = self._analyser.findings(image)
        self._seen = {known: seen for known, seen in self._seen.items() if known in held}
        self._seen[number] = _Seen(
            None if found.points is None else relief_face(image, found.points),
            self._matcher.seen_before(image, found.faces),
        )
        return found.sight

    def prepare(self, numbers: Sequence[int]) -> None:
        """Find the templates of the pictures among them that are remembered."""
        known = (self._seen[number].faces for number in numbers if number in self._seen)
        self._matcher.prepare_seen([faces for faces in known if faces is not None])

    def forget(self) -> None:
        """Remember no picture any more."""
        self._seen = {}

    def reliefs(self, numbers: Sequence[int]) -> tuple[Relief | None, ...]:
        """As `FaceRelief.reliefs`, of the face at rest and then the moved ones. Raises UnknownPictureError."""
        rest, *moved = (seen.relief for seen in self._known(numbers))
        return tuple(None if rest is None or face is None else self._relief.between(rest, face) for face in moved)

    def likeness(self, numbers: Sequence[int]) -> float | None:
        """As `FaceMatcher.likeness`. Raises UnknownPictureError."""
        return self._matcher.likeness_seen(self._faces(numbers))

    def compare(self, portrait: Image, numbers: Sequence[int]) -> Comparison:
        """As `FaceMatcher.compare`. Raises UnknownPictureError."""
        return self._matcher.compare_seen(portrait, self._faces(numbers))

    def _faces(self, numbers: Sequence[int]) -> list[SeenFaces]:
        faces = [seen.faces for seen in self._known(numbers) if seen.faces is not None]
        if len(faces) < len(numbers):
            raise UnknownPictureError
        return faces

    def _known(self, numbers: Sequence[int]) -> list[_Seen]:
        if not self._seen.keys() >= {*numbers}:
            raise UnknownPictureError
        return [self._seen[number] for number in numbers]
