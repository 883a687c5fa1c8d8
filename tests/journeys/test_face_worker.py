"""The face process is killed and stopped while a customer looks at the camera: the photo is taken all the same."""

import os
import signal
from contextlib import closing

import pytest

from drivers.face.process_faces import ProcessFaces
from drivers.practice.camera import PracticeCamera
from drivers.practice.pictures import Scene, live_picture, portrait
from hallclient.devices import FaceSight, Frame
from hallclient.domain.comparison import Decision
from hallclient.services.camera_feed import CameraFeed
from hallclient.services.face_capture import capture_face
from hallclient.system import SystemClock


@pytest.mark.expects_log("the face process was lost .* and is started again")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_the_photo_is_taken_and_compared_although_the_process_is_lost(how: signal.Signals) -> None:
    clock = SystemClock()
    faces = ProcessFaces(patience_s=5.0 if how is signal.SIGSTOP else 60.0)
    restarts: list[int | None] = []
    faces.watch(lambda: restarts.append(faces.pid))
    looks: list[FaceSight] = []

    def lose_it_once(frame: Frame, sight: FaceSight) -> None:
        looks.append(sight)
        if len(looks) == 1:  # on a busy machine there may be only one more
            os.kill(faces.pid or 0, how)

    try:
        with closing(CameraFeed(PracticeCamera(live_picture(Scene.HOLDER)), clock)) as feed:
            capture = capture_face(feed.watch(lambda frame: None), faces, clock, lose_it_once)
        comparison = faces.compare(portrait(), [frame.image for frame in capture.frames])
    finally:
        faces.close()
    assert len(restarts) == 1
    assert len(capture.looked_s) == len(looks) > 1
    assert comparison.decision is Decision.MATCHED
