"""The engine by which a centre compares pictures itself: the one of the counters, in a process of its own."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drivers.face.engines import DEFAULT_ENGINE, installed_engines
from drivers.face.process_faces import ProcessFaces
from drivers.idcard.vendor_portrait import portrait_decoder
from hallclient.central.comparison import PictureEngine
from hallclient.central.policy import Policy
from hallclient.devices import FaceMatcher, FaceWorker, PortraitDecoder
from hallclient.domain.comparison import Comparison
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.picture_bytes import LARGEST_PHOTO_PX, is_photo
from hallclient.picture_decoding import decode_picture

_PATIENCE_S = 10.0  # for one answer: nobody stands before a camera meanwhile, and a server may be busy

_log = logging.getLogger(__name__)


class CentreFaces:
    """Fulfils `hallclient.central.comparison.PictureEngine`."""

    def __init__(self, matcher: FaceMatcher, worker: FaceWorker, decoder: PortraitDecoder) -> None:
        self._matcher, self._worker, self._decoder = matcher, worker, decoder

    def prewarm(self) -> None:
        try:
            self._worker.prewarm()
        except KnownError as error:  # who compares will hear of it
            _log.warning("no pictures can be compared now: %s", error.code)

    def compare(self, portrait: bytes, photo: bytes) -> Comparison:
        """Raises portrait_unreadable for one that cannot be decoded here, picture_unreadable, face_worker_failed."""
        if not is_photo(photo):
            raise KnownError(FailureCode.PICTURE_UNREADABLE, f"no photo of at most {LARGEST_PHOTO_PX} px")
        card = self._decoder.decode(portrait)
        if card is None:
            raise KnownError(FailureCode.PORTRAIT_UNREADABLE, "a format that this computer cannot decode")
        return self._matcher.compare(card, [decode_picture(photo, formats=("JPEG",))])


@contextmanager
def centre_faces() -> Iterator[Callable[[Policy], PictureEngine | None]]:
    """For `Centre.open`; what it makes ends with the block.

    It makes nothing where there is no engine here, which raises face_engine_missing if the policy asks for one.
    """
    opened: list[ProcessFaces] = []

    def engine(policy: Policy) -> PictureEngine | None:
        if policy.compares is None and DEFAULT_ENGINE not in installed_engines():
            return None
        faces = ProcessFaces(DEFAULT_ENGINE, policy.thresholds.get(DEFAULT_ENGINE), patience_s=_PATIENCE_S)
        opened.append(faces)
        return CentreFaces(faces, faces, portrait_decoder())

    try:
        yield engine
    finally:
        for faces in opened:
            faces.close()
