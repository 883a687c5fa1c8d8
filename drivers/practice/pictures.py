"""The people of the practice mode: nobody. They were made by program; assets/practice/README.md says how and by whom.

Faces that are rendered resemble one another more than people do, and these were chosen for being told apart: no
threshold may be measured on them.
"""

from enum import Enum
from importlib import resources

import cv2
import numpy as np

from hallclient.devices import Image
from hallclient.domain.failures import BugError

_PORTRAIT = "guo_card.png"


class Scene(Enum):
    """Who is in front of the practice camera, head and shoulders. The first two are the card's holder."""

    HOLDER = "guo_live2.jpg"
    HOLDER_ELSEWHERE = "guo_live1.jpg"
    STRANGER = "he_live1.jpg"


def portrait() -> Image:
    """The card holder's portrait, BGR, 378x306x3: three times as large as a chip's."""
    return _decoded(_PORTRAIT)


def live_picture(scene: Scene) -> Image:
    """What the camera would see, BGR, 480x640x3."""
    return _decoded(scene.value)


def _decoded(name: str) -> Image:
    data = (resources.files("assets") / "practice" / name).read_bytes()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise BugError(f"{name} cannot be decoded")
    return np.asarray(picture, np.uint8)
