"""A camera that must have a lens: what a program plays counts as no camera, unless the hall is for practice."""

from threading import Lock

from hallclient.devices import Camera, Frame
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError


class PhysicalCamera:
    """Fulfils `Camera`; refuses to start one that looks virtual."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._lock = Lock()
        self._turn: object = None  # of the newest `start`, until `close`

    @property
    def identity(self) -> DeviceIdentity:
        return self._camera.identity

    def start(self, t0: float) -> None:
        """Open the device. Raises camera_missing, also when meanwhile closed or started anew, and camera_virtual."""
        turn = object()
        with self._lock:
            self._turn = turn
        self._camera.start(t0)
        with self._lock:  # until it is closed: a successor must not be opened before that
            if self._turn is not turn:
                raise KnownError(FailureCode.CAMERA_MISSING, "closed while it was opened")
            identity = self._camera.identity
            if identity.virtual:
                self._camera.close()
                raise KnownError(FailureCode.CAMERA_VIRTUAL, identity.name)

    def read(self) -> Frame | None:
        return self._camera.read()

    def close(self) -> None:
        with self._lock:
            self._turn = None
        self._camera.close()
