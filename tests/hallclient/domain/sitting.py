"""A liveness check and somebody before it."""

from dataclasses import replace

from hallclient.domain.face_motion import FaceMotion
from hallclient.domain.liveness import Challenge, Relief
from hallclient.domain.liveness_check import LivenessCheck
from tests.hallclient.domain.program_face import face

LOOK_S = 0.08
DEEP, FLAT = Relief(0.05, 0.03), Relief(0.016, 0.012)


class Sitting:
    """A check and somebody before it; `look` passes time."""

    def __init__(self, *challenges: Challenge, relief: Relief | None = DEEP, look_s: float = LOOK_S) -> None:
        self.check = LivenessCheck(challenges)
        self.relief = relief
        self.look_s = look_s
        self.now_s = 100.0

    def look(self, *motions: FaceMotion | None, faces: int = 1) -> "Sitting":
        for motion in motions:
            self.check.see(self.now_s, 0 if motion is None and faces == 1 else faces, motion)
            self.now_s += self.look_s
            if self.check.question is not None:
                signed = self.relief
                if signed is not None and self.check.question.challenge is Challenge.TURN_RIGHT:
                    signed = replace(signed, turn=-signed.turn)
                self.check.answer((signed,) * len(self.check.question.moved_s))
        return self

    def rest(self, looks: int = 8) -> "Sitting":
        return self.look(*[face()] * looks)

    def wait(self, seconds: float, motion: FaceMotion | None = None) -> "Sitting":
        return self.look(*[motion or face()] * round(seconds / self.look_s))
