"""The customer looks at the camera and sees themselves."""

from PySide6.QtCore import Qt

from hallclient.domain.liveness import Advice, Challenge
from hallclient.domain.quality_issue import QualityIssue
from ui import wording
from ui.customer.page import CustomerPage
from ui.latest_value import LatestValue
from ui.scale import blank
from ui.widgets.camera_view import CameraView
from ui.widgets.text import Text


class LookPage(CustomerPage):
    """The preview, mirrored like a mirror, and the one thing to do.

    Attributes:
        challenge: the one that is to be read here now.
    """

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
        self.column.addWidget(blank(8))
        self.column.addWidget(self.view, 1)
        self.sentence = wording.Customer.LOOK
        self.challenge: Challenge | None = None
        self._frames: LatestValue | None = None
        self._first_hint = (wording.Customer.LOOK_HINT, "")  # and its tone, until something is asked

    def follow(self, frames: LatestValue, hint: str) -> None:
        """Begin; `hint` is what to do otherwise than the last time, empty for a first time."""
        self._say(wording.Customer.LOOK, "")
        self._first_hint = (hint, "look") if hint else (wording.Customer.LOOK_HINT, "")
        self.hint.say(*self._first_hint)
        self.view.show_image(None)
        if self._frames is not frames:  # a picture is drawn once, however often the customer is asked to look
            self._let_go_of_source()
            frames.arrived.connect(self.view.show_frame)
            self._frames = frames

    @property
    def at_work(self) -> bool:
        return self.awaits_customer

    def forget(self) -> None:
        self._let_go_of_source()
        self.view.show_image(None)

    def _let_go_of_source(self) -> None:
        frames, self._frames = self._frames, None
        if frames is not None:
            frames.arrived.disconnect(self.view.show_frame)

    def pause(self) -> None:
        """Something did not go well: the clerk will say how it goes on, or it goes on by itself."""
        self._say(wording.Customer.LOOK_PAUSED, "")
        self.hint.say(wording.Customer.LOOK_PAUSED_HINT, "")
        self.awaits_customer = False

    def show_issue(self, issue: QualityIssue | Advice | None) -> None:
        """Before anything is asked: the one thing to do, in the place of the title; None when the picture is good."""
        if issue is None:
            self._say(wording.Customer.LOOK_GOOD, "good")
        else:
            self._say(wording.Customer.LOOK_ISSUE.format(issue=wording.missing(issue)), "look")
        self.hint.say(*self._first_hint)

    def show_challenge(self, challenge: Challenge | None, advice: Advice | None, *, done: bool = False) -> None:
        """What to do now, in the place of the title, None between two challenges; below it what is missing for it.

        `done`: no other challenge follows.
        """
        if challenge is not None:
            self._say(wording.CHALLENGES[challenge], "accent", challenge)
        elif advice is not None:  # no praise above it
            self._say(wording.Customer.LOOK, "")
        else:
            self._say(wording.Customer.ALL_DONE if done else wording.Customer.BETWEEN, "good")
        if advice is None:
            self.hint.say(wording.Customer.ALL_DONE_HINT if done else wording.Customer.CHALLENGE_HINT, "")
        else:
            self.hint.say(wording.missing(advice), "look")

    def _say(self, sentence: str, tone: str, challenge: Challenge | None = None) -> None:
        self.awaits_customer = True
        self.challenge = challenge
        self.sentence = sentence
        self.title.say(sentence, tone)
        self.view.guide(tone)
        self.view.point(challenge)
