"""Pictures of the devices (BGR arrays) as Qt pictures."""

import numpy as np
from PySide6.QtGui import QImage

from hallclient.devices import Image


def to_qimage(image: Image) -> QImage:
    """A QImage that owns its pixels. `image` is BGR, height x width x 3, uint8."""
    packed = np.ascontiguousarray(image)
    height, width = packed.shape[:2]
    return QImage(packed.data, width, height, 3 * width, QImage.Format.Format_BGR888).copy()
