"""A photograph in a hand: a flat or bent sheet in front of the camera."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from hallclient.devices import Image

_COARSE = 8
_EXACT_PX = 0.001
_CAMERA_PX = 900.0  # the focal length of a webcam at 640x480


@dataclass(frozen=True, slots=True)
class Hold:
    """How a sheet is held.

    Attributes:
        turn_deg, tilt_deg: about its upright and its level axis.
        bend_px: radius of a bend, negative inwards; 0 is flat.
        axis_deg: of the bend: 0 is upright, 90 level.
        shift_px, zoom, roll_deg: in the camera's picture.
    """

    turn_deg: float = 0.0
    tilt_deg: float = 0.0
    bend_px: float = 0.0
    axis_deg: float = 0.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0
    roll_deg: float = 0.0


def show(sheet: Image, hold: Hold, middle: tuple[float, float]) -> Image:
    """What the camera sees of `sheet`, which fills the picture when held straight and turns on `middle` (in pixels)."""
    height, width = sheet.shape[:2]
    rows, columns = (axis.astype(np.float32) for axis in np.mgrid[0 : height + 1 : _COARSE, 0 : width + 1 : _COARSE])
    across, down = columns - middle[0], rows - middle[1]
    deep = np.zeros_like(across)
    if hold.bend_px:
        axis = np.radians(hold.axis_deg)
        beside = np.cos(axis) * across + np.sin(axis) * down
        deep = hold.bend_px * (1 - np.cos(beside / hold.bend_px))
        shrunk = hold.bend_px * np.sin(beside / hold.bend_px) - beside
        across, down = across + np.cos(axis) * shrunk, down + np.sin(axis) * shrunk
    turn, tilt, roll = np.radians([hold.turn_deg, hold.tilt_deg, hold.roll_deg])
    across, deep = np.cos(turn) * across - np.sin(turn) * deep, np.sin(turn) * across + np.cos(turn) * deep
    down, deep = np.cos(tilt) * down - np.sin(tilt) * deep, np.sin(tilt) * down + np.cos(tilt) * deep
    seen = hold.zoom * _CAMERA_PX / (_CAMERA_PX + np.maximum(deep, 100 - _CAMERA_PX))
    across, down = across * seen, down * seen
    new_x = np.cos(roll) * across - np.sin(roll) * down + middle[0] + hold.shift_px[0]
    new_y = np.sin(roll) * across + np.cos(roll) * down + middle[1] + hold.shift_px[1]
    move_x, move_y = (new_x - columns).astype(np.float32), (new_y - rows).astype(np.float32)
    x, y = columns, rows
    for _ in range(25):
        at_x, at_y = x / _COARSE, y / _COARSE
        off_x = columns - cv2.remap(move_x, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) - x
        off_y = rows - cv2.remap(move_y, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) - y
        x, y = x + 0.7 * off_x, y + 0.7 * off_y
        if max(np.abs(off_x).max(), np.abs(off_y).max()) < _EXACT_PX:
            break
    fine_y, fine_x = _coarse_places(height, width)
    from_x = cv2.remap(x, fine_x, fine_y, cv2.INTER_LINEAR)
    from_y = cv2.remap(y, fine_x, fine_y, cv2.INTER_LINEAR)
    return np.asarray(cv2.remap(sheet, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


@cache
def _coarse_places(height: int, width: int) -> npt.NDArray[np.float32]:
    """Row and column of each pixel in steps of the coarse grid: 2 x height x width."""
    return np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(_COARSE)
