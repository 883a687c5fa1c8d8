"""The customer agrees, looks at the camera, and the best picture is compared with the chip's portrait."""

from PySide6.QtCore import Qt, Slot

from hallclient.devices import FaceSight, Frame
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from ui import wording
from ui.latest_value import LatestValue
from ui.steps.camera_try import CameraTry
from ui.steps.comparison_panel import ComparisonPanel, found_words
from ui.steps.page import Confirmation, StepPage
from ui.steps.prompts import Prompt, Prompts
from ui.steps.steady_advice import SteadyAdvice
from ui.steps.steady_issue import SteadyIssue
from ui.steps.workplace import Workplace
from ui.widgets.key_button import action
from ui.widgets.score_band import TONES

_FLAT = 430  # pixels of the design, of the page: below it the photos stand beside the score and not above it
_OTHER_WAY = Confirmation(wording.Portrait.SURE, wording.Portrait.SURE_STATUS, wording.Portrait.SURE_YES)
_READ_S = 2.0  # an issue that goes by itself stays at least so long


class PortraitPage(StepPage):
    """Consent by the customer, the camera's picture, the chip's portrait, and where the score stands."""

    def __init__(self, workplace: Workplace, work: PortraitStep) -> None:
        super().__init__(workplace)
        self.work = work
        self._frames, self._sights, self._prompts = LatestValue(), LatestValue(), Prompts()
        self._advice: Advice | None = None  # what is missing before anything is asked
        self._try = CameraTry()  # the last
        self._otherwise = ""  # than in the last try: how this one begins
        self._stop = Stop()  # of that try
        self._aside = self._due = False  # the clerk is elsewhere, then a try is due
        self._looking = False  # a try is under way: what is seen and asked goes to the screens
        self._challenged = False  # something was asked in this try, and since the face process was lost
        self._prompt = Prompt()  # the newest
        self._checking = False  # what was asked of the session last is a try, and no other way
        self._restarted_s: float | None = None  # since when the clerk reads that the face process was restarted
        self._steady = SteadyIssue()
        self._steady_advice = SteadyAdvice(self)
        self._steady_advice.read.connect(self._say_newest_prompt)
        self.panel = ComparisonPanel()
        self.view, self.portrait, self.live = self.panel.view, self.panel.portrait, self.panel.live
        self.decision, self.liveness = self.panel.decision, self.panel.liveness
        self.content.addLayout(self.panel)
        self.secondary_action = action(self, wording.Portrait.OTHER_WAY, Qt.Key.Key_F6)
        self.secondary_action.setEnabled(False)
        self.secondary_action.triggered.connect(self._ask_for_other_way)
        self.secondary_actions = [self.secondary_action]
        self.listen(self._frames.arrived, self._show_frame)
        self.listen(self._sights.arrived, self._say_sight)
        self.listen(self._prompts.arrived, self._say_prompt)
        self.listen(workplace.face_news.arrived, self._say_restarted)
        self.listen(workplace.customer.consent_answered, self._keep_answer)

    def _arrange(self) -> None:
        """The pictures give way first: what the clerk decides by is read without scrolling."""
        super()._arrange()
        self.panel.arrange(self._factor, flat=self.height() < _FLAT * self._factor)

    def begin(self) -> None:
        self.portrait.show_image(self.work.portrait)
        consent = self.work.facts.consent
        if consent is not None and consent.given:  # continued after a crash
            self._look()
            return
        self.say(wording.Portrait.HEADLINE_CONSENT, wording.Portrait.STATUS_CONSENT)
        self.ask(self.work.consent_text, self.workplace.customer.ask_consent)

    @Slot(bool)
    def _keep_answer(self, given: bool) -> None:
        self.status.say(wording.Session.WORKING, "accent")
        self.ask(lambda: self.work.give_consent(given), self._look if given else self._show_uncompared)

    @Slot(object)
    def _show_frame(self, frame: Frame) -> None:
        self.view.show_frame(frame)
        self.view.tell_origin(self.work.camera)

    @Slot(object)
    def _look(self, _: object = None) -> None:
        if self._aside:
            self._due = True
            return
        self._stop = stop = Stop()
        otherwise, made = self._try.next_time(self.work.facts.liveness), self.work.facts.liveness
        self._try = CameraTry(len(made.attempts), made.counted)
        self.say(self._try.headline(wording.Portrait.HEADLINE_LOOK), wording.Portrait.STATUS_LOOK)
        self._steady = SteadyIssue()
        self._looking, self._challenged, self._restarted_s = True, False, None
        self._advice = None
        self._steady_advice.clear()
        self._prompts.begin()
        self._otherwise = wording.Portrait.NEXT_TIME.format(advice=otherwise) if otherwise else ""
        if otherwise:
            self.status.say(self._otherwise, "look")
        self.workplace.customer.ask_look(self._frames, otherwise)
        listener = PortraitListener(
            on_frame=self._frames.offer,
            on_sight=lambda _, sight: self._sights.offer(sight),
            on_challenge=self._prompts.ask,
            on_advice=self._prompts.advise,
            on_done=self._prompts.end,
        )
        self._checking = True
        self.ask(lambda: self.work.compare(listener, stop), self._show)
        self._asked = self._look  # everything anew: the customer sees the picture and the first words again

    def put_aside(self) -> bool:
        """The check ends: nobody is looked at while the clerk is elsewhere. The service says when it has ended."""
        self._aside, stopped = True, self._looking
        if self._looking:
            self._looking = False
            self.workplace.customer.pause_look()
            self.view.guide("")
            self.view.point(None)
        self._stop.say()
        return stopped

    def take_up(self) -> None:
        self._aside = False
        if self._due:
            self._due = False
            self._look()

    def leave(self) -> None:
        super().leave()
        self._steady_advice.clear()
        self._stop.say()

    @Slot(object)
    def _say_prompt(self, prompt: Prompt) -> None:
        """The same on both screens. From the first challenge on, an issue about a turned head would only confuse."""
        if not self._looking:
            return
        before, self._prompt, self._advice = self._prompt.challenge, prompt, prompt.advice
        challenge = prompt.challenge
        if challenge is not None and (challenge is not before or prompt.advice is not None):
            self._try.lack = prompt.advice
        if challenge is None and not self._challenged:
            return  # an issue about the picture comes first; with the next look it is said, also after a pause
        self._challenged = True
        advice = self._steady_advice.update(challenge, prompt.advice)
        missing = wording.missing(advice) if advice is not None else ""
        tone = "look" if missing else "good" if challenge is None else "accent"
        if challenge is not None:
            words = wording.Portrait.ADVICE if missing else wording.Portrait.CHALLENGE
            asked = words.format(challenge=wording.CHALLENGES[challenge], advice=missing)
            self.say(self._try.headline(wording.Portrait.HEADLINE_CHALLENGE), asked, tone)
        else:
            between = wording.Portrait.ALL_DONE if prompt.done else wording.Portrait.BETWEEN
            self.status.say(wording.Portrait.ISSUE.format(issue=missing) if missing else between, tone)
        self.view.guide("accent" if challenge is not None else "" if missing else "good")
        self.view.point(challenge)
        self.workplace.customer.show_challenge(challenge, advice, done=prompt.done)

    @Slot()
    def _say_newest_prompt(self) -> None:
        if self._challenged:
            self._say_prompt(self._prompt)

    @Slot(object)
    def _say_sight(self, sight: FaceSight) -> None:
        if not self._looking:
            return
        self._forget_restart()
        if self._challenged:
            return
        missing = self._steady.update(sight.issue or self._advice, self.workplace.monotonic())
        if not self._steady.speaks:
            return
        if missing is not None:
            self.status.say(wording.Portrait.ISSUE.format(issue=wording.missing(missing)), "look")
        elif self._otherwise:  # the customer reads it as well, until something is asked
            self.status.say(self._otherwise, "look")
        else:
            self.status.say(wording.Portrait.GOOD, "good")
        self.view.guide("good" if missing is None else "look")
        self.workplace.customer.show_quality_issue(missing)

    @Slot()
    def _say_restarted(self) -> None:
        """Only while it matters: it goes when something is seen again, when a failure follows, and with another try."""
        if self._looking:
            self._restarted_s = self.workplace.monotonic()
            self._challenged, self._steady = False, SteadyIssue()
            self._steady_advice.clear()
            self.banner.say(wording.Portrait.WORKER_RESTARTED)
            self.view.point(None)
            self.workplace.customer.pause_look()

    def _forget_restart(self) -> None:
        if self._restarted_s is not None and self.workplace.monotonic() - self._restarted_s >= _READ_S:
            self._restarted_s = None
            self.banner.clear()

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        self._looking, self._restarted_s = False, None
        if self._checking:
            self._try.failed = error
        super().show_failure(error)
        self.workplace.customer.pause_look()
        self._say_paused(error)
        if self._checking and not self.work.may_try_again:
            none_left = wording.none_left(self.work.facts.liveness)
            self.banner.say(none_left, wording.Portrait.LEFT_TO_SUPERVISOR)
        elif error.code is FailureCode.NOT_LIVE:
            self.banner.remedy.setText(
                wording.Portrait.REMIND.format(advice=self._try.next_time(self.work.facts.liveness))
            )
        self.secondary_action.setEnabled(self.work.supervised_way is not None)

    def _say_paused(self, error: KnownError) -> None:
        """Nothing is asked of the customer any more: the clerk chooses how it goes on."""
        self.view.guide("")
        self.view.point(None)
        if not self._checking:
            self.say(wording.Portrait.HEADLINE_PAUSED, wording.Portrait.STATUS_PAUSED)
            return
        words, tone = self._try.paused(
            error,
            self.work.facts.liveness,
            last=not self.work.may_try_again,
            secondary_action=self.work.supervised_way is not None,
        )
        self.say(wording.Portrait.HEADLINE_PAUSED, words, tone)

    @Slot()
    def _ask_for_other_way(self) -> None:
        """It is for good: the tries that are left go with it, and where none is left there is nothing to ask."""
        if self.work.may_try_again:
            self.ask_first(_OTHER_WAY, self._take_other_way)
        else:
            self._take_other_way()

    def _take_other_way(self) -> None:
        self._checking = False
        self.say(wording.Portrait.HEADLINE_OTHER_WAY, wording.Portrait.STATUS_OTHER_WAY, "accent")
        self.ask(self.work.leave_to_supervisor, self._show)

    @Slot(object)
    def _show_uncompared(self, _: object) -> None:
        face = self.work.facts.face
        if face is not None:
            self._show(face.comparison)

    @Slot(object)
    def _show(self, comparison: Comparison) -> None:
        if self._restarted_s is not None:
            self.banner.clear()
        self._looking, self._restarted_s = False, None
        decision, tone = comparison.decision, TONES[comparison.decision]
        consequence = wording.DECISION_CONSEQUENCES[decision]
        if decision is Decision.MATCHED and not self.work.facts.liveness.live:
            consequence, tone = wording.Portrait.LEFT_TO_SUPERVISOR, "look"
        self.say(wording.Portrait.HEADLINE_DECIDED.format(decision=wording.DECISIONS[decision]), consequence, tone)
        self.panel.show_comparison(comparison, self.work.facts.liveness, self.work.live_photo)
        if decision is not Decision.CONSENT_REFUSED and not self.work.facts.liveness.live:
            self.workplace.customer.show_supervised()
        elif comparison.score is None:
            self.workplace.customer.show_uncompared()
        else:
            self.workplace.customer.show_compared()
        self.set_busy(False)
        self.secondary_action.setEnabled(False)
        self._found = found_words(comparison)

    def go_on(self) -> None:
        self.finished.emit(self._found)
