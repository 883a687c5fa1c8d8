"""The customer looks at the camera and sees themselves."""

from PySide6.QtCore import Qt

from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.liveness import Advice, Challenge
from ui import wording
from ui.customer.page import CustomerPage
from ui.newest import Newest
from ui.widgets.camera_view import CameraView
from ui.widgets.text import Text

_CHALLENGES = {sentence: challenge for challenge, sentence in wording.CHALLENGES.items()}


class LookPage(CustomerPage):
    """The preview, mirrored like a mirror, and the one thing to do."""

    def __init__(self) -> None:
        super().__init__(awaits_customer=True)
        self.view = CameraView(guided=True, mirrored=True)
        self.title = Text(wording.Customer.LOOK, "customer-display")
        self.hint = Text(wording.Customer.LOOK_HINT, "customer-lead-soft")
        for label in (self.title, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.setSpacing(8)
        self.column.addWidget(self.title)
        self.column.addWidget(self.hint)
        self.column.addSpacing(8)
        self.column.addWidget(self.view, 1)
        self.sentence = wording.Customer.LOOK
        self._frames: Newest | None = None
        self._standing = (wording.Customer.LOOK_HINT, "")  # the hint and its tone while nothing is missing

    @property
    def challenge(self) -> Challenge | None:
        """The challenge that is to be read here now."""
        return _CHALLENGES.get(self.title.text())

    def follow(self, frames: Newest, hint: str) -> None:
        """Begin; `hint` is what to do otherwise than the last time, empty for a first time."""
        self._say(wording.Customer.LOOK, "")
        self._standing = (hint, "look") if hint else (wording.Customer.LOOK_HINT, "")
        self.hint.say(*self._standing)
        self.view.show_image(None)
        if self._frames is not frames:  # a picture is drawn once, however often the customer is asked to look
            if self._frames is not None:
                self._frames.arrived.disconnect(self.view.show_frame)
            frames.arrived.connect(self.view.show_frame)
            self._frames = frames

    def pause(self) -> None:
        """Something did not go well: the clerk will say how it goes on, or it goes on by itself."""
        self._say(wording.Customer.LOOK_PAUSED, "")
        self.hint.say(wording.Customer.LOOK_PAUSED_HINT, "")
        self.awaits_customer = False

    def show_remark(self, remark: FaceRemark | None) -> None:
        """The one thing to do, in the place of the title; None when the picture is good."""
        if remark is None:
            self._say(wording.Customer.LOOK_GOOD, "good")
        else:
            self._say(wording.Customer.LOOK_REMARK.format(remark=wording.FACE_REMARKS[remark]), "look")

    def show_challenge(self, challenge: Challenge | None) -> None:
        """What to do now, in the place of the title; None between two challenges."""
        if challenge is None:
            self._say(wording.Customer.BETWEEN, "good")
        else:
            self._say(wording.CHALLENGES[challenge], "accent")
        self._standing = (wording.Customer.CHALLENGE_HINT, "")
        self.hint.say(*self._standing)
        self.view.point(challenge)

    def show_advice(self, advice: Advice | None) -> None:
        """What is missing, below what is asked, in the place of the hint; None for nothing."""
        if advice is None:
            self.hint.say(*self._standing)
        else:
            self.hint.say(wording.ADVICE[advice], "look")

    def _say(self, sentence: str, tone: str) -> None:
        self.awaits_customer = True
        self.sentence = sentence
        self.title.say(sentence, tone)
        self.view.guide(tone)
        self.view.point(None)
