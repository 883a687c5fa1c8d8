import numpy as np
import pytest

from drivers.practice.actor import SIZE_PX, Actor, Pose
from drivers.practice.performance import PerformanceSource, Performer, SensorNoise
from drivers.practice.pictures import Scene
from hallclient.domain.failures import BugError
from hallclient.domain.liveness import Challenge
from tests.attacks.kit import actor


def test_at_rest_the_actor_is_the_picture() -> None:
    picture = actor(Scene.HOLDER).picture(Pose())
    assert picture.shape == (SIZE_PX[1], SIZE_PX[0], 3)
    nearly = actor(Scene.HOLDER).picture(Pose(turn_deg=0.01))
    assert np.abs(picture.astype(int) - nearly).mean() < 1


def test_only_the_face_moves() -> None:
    rest, turned = (actor(Scene.HOLDER).picture(Pose(turn_deg=angle)).astype(int) for angle in (0, 18))
    assert np.abs(rest - turned)[:, :60].max() == 0  # off the patch around the face
    assert np.abs(rest - turned).max() > 50


def test_a_picture_without_a_face_makes_no_actor() -> None:
    with pytest.raises(BugError):
        Actor(np.zeros((480, 640, 3), np.uint8))


@pytest.mark.parametrize("challenge", Challenge)
def test_what_is_asked_is_done_a_little_later_and_ends(challenge: Challenge) -> None:
    asked, idle = (Performer(actor(Scene.HOLDER), 7) for _ in range(2))
    asked.perform(None, 0.5)
    asked.perform(challenge, 1.0)
    times = np.arange(0, 5, 0.04)
    acting = [time for time in times if asked.pose(time) != idle.pose(time)]
    assert 1.3 < min(acting) < 1.8
    assert max(acting) < 3.8


def test_the_same_seed_does_the_same_and_no_noise_comes_twice() -> None:
    one, other = (Performer(actor(Scene.HOLDER), 3) for _ in range(2))
    assert np.array_equal(one.picture(1.0), other.picture(1.0))
    grey = np.full((480, 640, 3), 128, np.uint8)
    noise = SensorNoise(1)
    assert not np.array_equal(noise.on(grey), noise.on(grey))
    assert 2 < noise.on(grey).std() < 3


def test_as_a_camera_it_does_what_it_is_asked_while_it_runs() -> None:
    performer = Performer(actor(Scene.HOLDER), 3)
    source = PerformanceSource(performer)
    assert source.open() == 25.0
    source.picture(50)
    source.perform(Challenge.OPEN_MOUTH)
    assert performer.pose(2.3).mouth == 0
    assert max(performer.pose(2.3 + step / 25).mouth for step in range(40)) > 0.9
    source.close()
