"""A picture and a block of sound, as they go from the devices to whoever looks and listens."""

from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.int16]


def is_bgr(image: object) -> TypeGuard[Image]:
    """Whether this is what every picture here is: height x width x 3 of uint8. It may be empty."""
    return isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. `time_s` is monotonic; `image` is BGR, height x width x 3, uint8, and never changed in place."""

    time_s: float
    image: Image


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A block of sound. `time_s` is the monotonic time of its first sample; `samples` is mono, int16."""

    time_s: float
    samples: Samples
