"""A practice person who turns, nods, blinks and opens the mouth, made by program out of one still picture.

The head's depth is that of the 468 landmarks, so that a turn moves the nose against the cheeks as a real one does; the
lids and the lips are moved inside the picture. Only the patch around the face is drawn anew: a few milliseconds.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from drivers.face.detector import FaceDetector
from drivers.face.landmarks import FaceLandmarks
from drivers.face.models import load_landmark_model, load_models
from hallclient.devices import Image
from hallclient.domain.failures import BugError

SIZE_PX = 640, 480

_PATCH_PX = 320
_FACE_IN_PATCH_PX = 150.0  # the height of the landmarks
_COARSE = 4  # depth and movement are smooth: they are worked out at a quarter of the patch's size
_HEAD_PX, _EDGE_PX = 25.0, 78.0  # off the face: up to here hair and ears move with it, from there on nothing does
_NECK_DEPTH_PX = 75.0  # behind the face's middle: what the head turns about
_RIGHT_EYE = (33, 133), 159, 145  # corners, upper lid, lower lid
_LEFT_EYE = (362, 263), 386, 374
_MOUTH = (78, 308), 13, 14  # inner corners, upper lip, lower lip
_MOUTH_OPENING_PX = 26.0
_CHIN = 152
_LID_CLOSES = 0.93  # of the eye's height
_INSIDE_OF_MOUTH_BGR = 30, 22, 48

Map = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pose:
    """How the person is at one moment.

    Attributes:
        turn_deg: of the head to the person's own left; negative to the right.
        nod_deg: chin to the chest; negative looks up.
        closed: both eyes, 0 open to 1 closed.
        mouth: 0 as in the picture to 1 wide open.
        shift_px, scale, roll_deg: of the whole scene, about its middle.
        light: factor.
    """

    turn_deg: float = 0.0
    nod_deg: float = 0.0
    closed: float = 0.0
    mouth: float = 0.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    roll_deg: float = 0.0
    light: float = 1.0


class Actor:
    """Draws one person in any pose.

    Attributes:
        middle: between the eyes, in pixels of the picture at rest.
        eye_distance: from outer corner to outer corner, in pixels.
    """

    def __init__(self, still: Image) -> None:
        """Learn the face in `still` (BGR, 4:3, exactly one face). Raises KnownError: model_changed."""
        self._still = np.asarray(cv2.resize(still, SIZE_PX, interpolation=cv2.INTER_AREA), np.uint8)
        faces = FaceDetector(load_models().detector).faces(self._still)
        points = FaceLandmarks(load_landmark_model()).find(self._still, faces[0]) if len(faces) == 1 else None
        if points is None:
            raise BugError("the still picture does not show one face")
        corners = points[[33, 263], :2]
        self.middle = float(corners[:, 0].mean()), float(corners[:, 1].mean())
        self.eye_distance = float(np.linalg.norm(corners[1] - corners[0]))
        self._to_patch = _to_patch(points)
        self._patch = cv2.warpAffine(
            self._still, self._to_patch, (_PATCH_PX, _PATCH_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        zoom = float(np.hypot(*self._to_patch[0, :2]))
        self._points = points[:, :2] @ self._to_patch[:, :2].T + self._to_patch[:, 2]
        self._depth, self._share = _depth_and_share(self._points, points[:, 2] * zoom)
        rows, columns = np.mgrid[0:_PATCH_PX, 0:_PATCH_PX].astype(np.float32)
        self._x, self._y = columns, rows

    def picture(self, pose: Pose) -> Image:
        """640x480 BGR of the person in `pose`, without any noise of a camera."""
        scene = cv2.getRotationMatrix2D((SIZE_PX[0] / 2, SIZE_PX[1] / 2), pose.roll_deg, pose.scale)
        scene[:, 2] += np.array(pose.shift_px)
        drawn = cv2.warpAffine(self._still, scene, SIZE_PX, borderMode=cv2.BORDER_REPLICATE)
        if pose.turn_deg or pose.nod_deg or pose.closed or pose.mouth:
            onto = scene @ np.vstack([cv2.invertAffineTransform(self._to_patch), [0, 0, 1]])
            # Transparent: outside of the patch the scene stays as it is drawn.
            cv2.warpAffine(self._acted(pose), onto, SIZE_PX, dst=drawn, borderMode=cv2.BORDER_TRANSPARENT)
        return np.asarray(cv2.convertScaleAbs(drawn, alpha=pose.light) if pose.light != 1 else drawn, np.uint8)

    def _acted(self, pose: Pose) -> Image:
        x, y = self._turned_back(pose)
        y, hole = self._expression(x, y, pose)
        acted = cv2.remap(self._patch, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        if pose.mouth:
            soft = cv2.GaussianBlur(hole, (0, 0), 1.2)[..., None]
            acted = acted * (1 - soft) + np.array(_INSIDE_OF_MOUTH_BGR, np.float32) * soft
        return np.asarray(acted, np.uint8)

    def _turned_back(self, pose: Pose) -> tuple[Map, Map]:
        """For each pixel of the turned head, where it is on the head that looks into the camera."""
        turn, nod = np.radians([pose.turn_deg, pose.nod_deg])
        side = _PATCH_PX // _COARSE
        rows, columns = (axis.astype(np.float32) for axis in np.mgrid[0:side, 0:side] * _COARSE)
        middle = _PATCH_PX / 2
        across, down, deep = columns - middle, rows - middle, self._depth - _NECK_DEPTH_PX
        new_x = np.cos(turn) * across - np.sin(turn) * deep
        deep = np.sin(turn) * across + np.cos(turn) * deep
        new_y = np.cos(nod) * down - np.sin(nod) * deep
        move_x = ((new_x - across) * self._share).astype(np.float32)
        move_y = ((new_y - down) * self._share).astype(np.float32)
        x, y = columns, rows
        for _ in range(6):  # whose movement ends here? Each round comes nearer, since no movement folds the picture
            at_x, at_y = x / _COARSE, y / _COARSE
            x = columns - cv2.remap(move_x, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            y = rows - cv2.remap(move_y, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        # Not cv2.resize: it would shift the coarse map by half of its step.
        at_x, at_y = self._x / _COARSE, self._y / _COARSE
        fine_x = cv2.remap(x - columns, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        fine_y = cv2.remap(y - rows, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return self._x + fine_x, self._y + fine_y

    def _expression(self, x: Map, y: Map, pose: Pose) -> tuple[Map, Map]:
        """Where in the picture (its y; x stays) each place of the face comes from; and 1 inside of the open mouth."""
        from_y, hole = y.copy(), np.zeros_like(y)
        if pose.closed:
            for corners, upper, lower in (_RIGHT_EYE, _LEFT_EYE):
                self._close(x, y, from_y, corners, upper, lower, pose.closed)
        if pose.mouth:
            (left, right), upper, lower = _MOUTH
            centre, half = self._across(left, right)
            arch = np.sqrt(np.clip(1 - ((x - centre) / (half * 1.05)) ** 2, 0, 1))
            wide = np.clip(1.6 - np.abs(x - centre) / (half * 1.6), 0, 1)
            lip = (self._points[upper, 1] + self._points[lower, 1]) / 2
            corner = (self._points[left, 1] + self._points[right, 1]) / 2
            seam = lip + (corner - lip) * np.clip(((x - centre) / half) ** 2, 0, 1.5)
            drop = pose.mouth * _MOUTH_OPENING_PX
            opening = drop * arch
            below = y > seam
            hole[below & (y < seam + opening)] = 1.0
            chin = self._points[_CHIN, 1]
            # The jaw goes down as a whole and the neck under it is squeezed.
            jaw = np.where(y < chin + drop, 1.0, np.clip((chin + 60 - y) / (60 - drop), 0, 1))
            shift = np.maximum(opening, drop * 0.8 * wide * np.clip((y - seam) / 30, 0, 1)) * jaw
            from_y = np.where(below, np.maximum(y - shift, np.minimum(seam, y)), from_y).astype(np.float32)
        return from_y, hole

    def _across(self, left: int, right: int) -> tuple[float, float]:
        ends = self._points[left, 0], self._points[right, 0]
        return float(ends[0] + ends[1]) / 2, abs(float(ends[1] - ends[0])) / 2

    def _close(
        self, x: Map, y: Map, from_y: Map, corners: tuple[int, int], upper: int, lower: int, closed: float
    ) -> None:
        centre, half = self._across(*corners)
        corner = float(self._points[list(corners), 1].mean())
        arch = np.clip(1 - ((x - centre) / (half * 1.1)) ** 2, 0, 1)
        top = corner + (self._points[upper, 1] - corner - 1) * arch
        bottom = corner + (self._points[lower, 1] - corner + 1) * arch
        lid = top + (bottom - top) * closed * _LID_CLOSES
        fold = top - 1.2 * half * np.sqrt(arch)  # up to here the skin is pulled down
        inside = (arch > 0) & (y > fold) & (y < bottom)
        above = inside & (y < lid)
        ratio = (y - fold) / np.maximum(lid - fold, 1e-3)
        from_y[above] = (fold + ratio * (top - fold))[above]
        ratio = (y - lid) / np.maximum(bottom - lid, 1e-3)
        under = inside & ~above
        from_y[under] = (top + ratio * (bottom - top))[under]


def _to_patch(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """2x3: the picture to a patch in which the face is upright, in the middle, and of one size."""
    right, left = points[33, :2], points[263, :2]
    tilt_deg = float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])))
    top, chin = points[10, :2], points[_CHIN, :2]
    scale = _FACE_IN_PATCH_PX / float(np.linalg.norm(chin - top))
    centre = (top + chin) / 2
    move = np.asarray(cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), tilt_deg, scale), np.float64)
    move[:, 2] += _PATCH_PX / 2 - centre
    return move


def _depth_and_share(points: npt.NDArray[np.float64], depth: npt.NDArray[np.float32]) -> tuple[Map, Map]:
    """At a quarter of the patch's size: the depth in pixels, and how much (0 to 1) each place moves with the head."""
    side = _PATCH_PX // _COARSE
    rows, columns = np.mgrid[0:side, 0:side] * _COARSE
    distance2 = (columns[..., None] - points[:, 0]) ** 2 + (rows[..., None] - points[:, 1]) ** 2
    nearest2 = distance2.min(axis=2, keepdims=True)
    weights = np.exp(-(distance2 - nearest2) / (2 * 4.0**2))
    smooth = (weights * depth).sum(axis=2) / weights.sum(axis=2)
    off = np.clip((np.sqrt(nearest2[..., 0]) - _HEAD_PX) / (_EDGE_PX - _HEAD_PX), 0, 1)
    share = 1 - off * off * (3 - 2 * off)
    return cv2.GaussianBlur(smooth.astype(np.float32), (0, 0), 0.8), share.astype(np.float32)
