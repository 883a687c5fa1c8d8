"""Looks at a picture once for all that a liveness check asks about it, so that it need not be kept."""

from drivers.face.analyser import YuNetAnalyser
from drivers.face.relief import FlowRelief, ReliefFace, relief_face
from hallclient.devices import FaceSight, Image
from hallclient.domain.liveness import Relief


class YuNetReliefEyes:
    """Fulfils `ReliefEyes`: says what `YuNetAnalyser` and `FlowRelief` say, with one detection for both."""

    def __init__(self) -> None:
        """Load the models. Raises model_changed."""
        self._analyser = YuNetAnalyser()
        self._relief = FlowRelief()
        self.models = self._relief.models

    def look(self, image: Image) -> tuple[FaceSight, ReliefFace | None]:
        """What a BGR picture (height x width x 3, uint8) shows, and what `relief` needs of it."""
        found = self._analyser.findings(image)
        return found.sight, None if found.points is None else relief_face(image, found.points)

    def relief(self, rest: ReliefFace, moved: ReliefFace) -> Relief | None:
        """How the nose moved against the skin around it; None where it cannot be measured."""
        return self._relief.between(rest, moved)
