"""A camera that must have a lens: what a program plays counts as no camera, unless the hall is for practice."""

from hallclient.devices import Camera, Frame
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.failures import FailureCode, KnownError


class PhysicalCamera:
    """Fulfils `Camera`; refuses to start one that looks virtual."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    @property
    def identity(self) -> DeviceIdentity:
        return self._camera.identity

    def start(self, t0: float) -> None:
        """Open the device. Raises camera_missing, camera_virtual."""
        self._camera.start(t0)
        identity = self._camera.identity
        if identity.virtual:
            self._camera.close()
            raise KnownError(FailureCode.CAMERA_VIRTUAL, identity.name)

    def read(self) -> Frame | None:
        return self._camera.read()

    def close(self) -> None:
        self._camera.close()
