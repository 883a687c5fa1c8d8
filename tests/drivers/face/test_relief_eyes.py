import pytest

from drivers.face.relief_eyes import YuNetReliefEyes
from drivers.practice.actor import Pose
from drivers.practice.pictures import Scene
from tests.attacks.engines import engines
from tests.attacks.kit import actor


@pytest.mark.parametrize("scene", [Scene.HOLDER, Scene.STRANGER])
@pytest.mark.parametrize(
    "pose", [Pose(turn_deg=15), Pose(turn_deg=-15), Pose(nod_deg=15), Pose(scale=1.6, turn_deg=12)]
)
def test_they_say_what_the_analyser_and_the_relief_say_of_the_pictures(scene: Scene, pose: Pose) -> None:
    eyes = YuNetReliefEyes()
    rest, moved = actor(scene).picture(Pose(scale=pose.scale)), actor(scene).picture(pose)
    (sight_at_rest, at_rest), (sight, after) = eyes.look(rest), eyes.look(moved)
    assert (sight_at_rest, sight) == (engines().analyser.look(rest), engines().analyser.look(moved))
    assert at_rest is not None
    assert after is not None
    (relief,) = engines().relief.reliefs(rest, [moved])
    assert relief is not None
    assert eyes.relief(at_rest, after) == relief


def test_a_wall_has_nothing_to_measure() -> None:
    wall = actor(Scene.HOLDER).picture(Pose())
    wall[:] = 120
    sight, face = YuNetReliefEyes().look(wall)
    assert (sight.count, face) == (0, None)
