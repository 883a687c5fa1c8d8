import numpy as np
import pytest

from drivers.face.eyelids import EyeLids
from drivers.face.models import EYELID_FILE, load_landmark_model
from drivers.face.motion import face_motion
from drivers.practice.actor import Pose
from drivers.practice.pictures import Scene
from hallclient.domain.face_motion import FaceMotion, Movement, RestingFace
from hallclient.domain.liveness_limits import NOD, NOD_REST, TURN, TURN_REST
from tests.attacks.engines import engines
from tests.attacks.kit import actor

PERSONS = (Scene.HOLDER, Scene.STRANGER)


def seen(scene: Scene, pose: Pose) -> FaceMotion:
    motion = engines().analyser.look(actor(scene).picture(pose)).motion
    assert motion is not None
    return motion


def moved(scene: Scene, pose: Pose) -> Movement:
    return RestingFace([seen(scene, Pose())]).movement(seen(scene, pose))


@pytest.mark.parametrize("scene", PERSONS)
def test_a_turn_and_a_nod_are_seen_as_such(scene: Scene) -> None:
    assert moved(scene, Pose(turn_deg=18)).turn > TURN
    assert moved(scene, Pose(turn_deg=-18)).turn < -TURN
    assert moved(scene, Pose(nod_deg=16)).nod > NOD
    assert abs(moved(scene, Pose(turn_deg=18)).nod) < NOD_REST
    assert abs(moved(scene, Pose(nod_deg=16)).turn) < TURN_REST


@pytest.mark.parametrize("scene", PERSONS)
def test_lids_and_lips_are_seen(scene: Scene) -> None:
    assert moved(scene, Pose(closed=1)).eyes < 0.5
    assert moved(scene, Pose(mouth=1)).mouth > 0.2
    assert moved(scene, Pose(mouth=1)).eyes > 0.8
    assert abs(moved(scene, Pose(closed=1)).mouth) < 0.03


@pytest.mark.parametrize("scene", PERSONS)
@pytest.mark.parametrize("pose", [Pose(scale=0.7), Pose(shift_px=(40, 20)), Pose(roll_deg=8), Pose(light=0.6)])
def test_elsewhere_it_is_the_same_face_at_rest(scene: Scene, pose: Pose) -> None:
    movement = moved(scene, pose)
    assert abs(movement.turn) < 0.02
    assert abs(movement.nod) < NOD_REST / 2
    assert movement.eyes > 0.8
    assert movement.growth == pytest.approx(pose.scale, rel=0.03)
    assert movement.roll_deg == pytest.approx(-pose.roll_deg, abs=1.5)


def test_points_that_are_no_face_have_no_motion() -> None:
    lids = EyeLids(load_landmark_model(EYELID_FILE))
    picture = np.zeros((48, 64, 3), np.uint8)
    assert face_motion(picture, np.zeros((468, 3), np.float32), lids) is None
    assert face_motion(picture, np.full((468, 3), np.nan, np.float32), lids) is None


def test_only_one_face_has_motion() -> None:
    picture = actor(Scene.HOLDER).picture(Pose())
    assert engines().analyser.look(np.hstack([picture, picture])).motion is None
    assert engines().analyser.look(np.zeros((480, 640, 3), np.uint8)).motion is None
