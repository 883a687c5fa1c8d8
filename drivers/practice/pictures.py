"""The people of the practice mode: press photographs of two public persons, by the White House.

They come in the sdist of `face_recognition` and are installed by `python -m drivers.fetch`, for practice on
this machine only. The notice in their EXIF data allows no use in products or promotions and no manipulation, so they
must never get into this repository, a release, or anything else that is published.
"""

import hashlib
import sys
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from hallclient.devices import Image
from hallclient.domain.failures import BugError, FailureCode, KnownError

PICTURE_SHA256 = {
    "obama.jpg": "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
    "obama2.jpg": "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
    "obama3.jpg": "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
    "biden.jpg": "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
}


class Crop(NamedTuple):
    """A part of a picture, in pixels."""

    file: str
    left: int
    top: int
    width: int
    height: int


class Scene(Enum):
    """Who is in front of the practice camera, head and shoulders, 4:3. The first two are the card's holder."""

    HOLDER = Crop("obama3.jpg", 159, 0, 1230, 922)
    HOLDER_SPEAKING = Crop("obama2.jpg", 0, 190, 626, 470)
    STRANGER = Crop("biden.jpg", 0, 0, 970, 728)


_PORTRAIT = Crop("obama.jpg", 269, 0, 440, 544)  # 102:126, as on a chip


def picture_folder() -> Path:
    """Where the pictures are installed: they belong to the virtual environment, not to the project."""
    return Path(sys.prefix) / "share" / "hallclient" / "practice"


def portrait(folder: Path | None = None) -> Image:
    """The card holder's portrait, BGR, 544x440x3, as 102:126 as a chip's. Raises practice_input_missing."""
    return _cut(_PORTRAIT, folder or picture_folder())


def live_picture(scene: Scene, folder: Path | None = None) -> Image:
    """What the camera would see, BGR, 4:3, at its own size. Raises practice_input_missing."""
    return _cut(scene.value, folder or picture_folder())


def _pinned(folder: Path, name: str) -> bytes | None:
    try:
        picture = (folder / name).read_bytes()
    except OSError:
        return None
    return picture if hashlib.sha256(picture).hexdigest() == PICTURE_SHA256[name] else None


def _cut(crop: Crop, folder: Path) -> Image:
    picture = _pinned(folder, crop.file)
    if picture is None:
        raise KnownError(FailureCode.PRACTICE_INPUT_MISSING, crop.file)
    whole = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    if whole is None:
        raise BugError("a pinned picture cannot be decoded")
    part = whole[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
    return np.ascontiguousarray(part, np.uint8)
