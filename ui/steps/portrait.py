"""The customer agrees, looks at the camera, and the best picture is compared with the chip's portrait."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from hallclient.devices import FaceSight, Frame
from hallclient.domain.comparison import Comparison, Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.face_remark import FaceRemark
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.liveness import Advice, Challenge, Refusal
from hallclient.domain.supervised_way import is_of_a_try
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from ui import wording
from ui.newest import Newest
from ui.steps.page import Question, StepPage
from ui.steps.steady_advice import SteadyAdvice
from ui.steps.steady_remark import SteadyRemark
from ui.steps.workplace import Workplace
from ui.widgets.camera_view import CameraView
from ui.widgets.key_button import action
from ui.widgets.picture import Picture
from ui.widgets.score_band import TONES, ScoreBand
from ui.widgets.text import Text

_PHOTO, _LEAST_PHOTO = QSize(142, 175), QSize(65, 80)  # pixels of the design
_FLAT = 430  # of the page, likewise: below it the photos stand beside the score and not above it
_OTHER_WAY = Question(wording.Portrait.SURE, wording.Portrait.SURE_STATUS, wording.Portrait.SURE_YES)
_READ_S = 2.0  # a remark that goes by itself stays at least so long


@dataclass(frozen=True, slots=True)
class _Prompt:
    """What is asked now and what is missing for it; `done` when nothing is asked any more."""

    challenge: Challenge | None = None
    advice: Advice | None = None
    done: bool = False


@dataclass(slots=True)
class _Try:
    """What this page knows of a try: attempts before it, all and those that count, the last advice, and its end."""

    before: int = 0
    counted: int = 0
    lack: Advice | None = None
    failed: KnownError | None = None


class _Prompts(Newest):
    """Carries both together: a screen that comes late never shows one challenge with what another one lacked."""

    def begin(self) -> None:
        self._now = _Prompt()

    def ask(self, challenge: Challenge | None) -> None:
        self._offer(_Prompt(challenge))

    def advise(self, advice: Advice | None) -> None:
        self._offer(replace(self._now, advice=advice))

    def end(self) -> None:
        self._offer(_Prompt(done=True))

    def _offer(self, prompt: _Prompt) -> None:
        self._now = prompt
        self.offer(prompt)


class PortraitPage(StepPage):
    """Consent by the customer, the camera's picture, the chip's portrait, and where the score stands."""

    def __init__(self, workplace: Workplace, work: PortraitStep) -> None:
        super().__init__(workplace)
        self.work = work
        self._frames, self._sights, self._prompts = Newest(), Newest(), _Prompts()
        self._advice: Advice | None = None  # what is missing before anything is asked
        self._try = _Try()  # the last
        self._otherwise = ""  # than in the last try: how this one begins
        self._stop = Stop()  # of that try
        self._aside = self._due = False  # the clerk is elsewhere, then a try is due
        self._looking = False  # a try is under way: what is seen and asked goes to the screens
        self._challenged = False  # something was asked in this try, and since the face process was lost
        self._prompt = _Prompt()  # the newest
        self._checking = False  # what was asked of the session last is a try, and no other way
        self._restarted_s: float | None = None  # since when the clerk reads that the face process was restarted
        self._steady = SteadyRemark()
        self._steady_advice = SteadyAdvice(self)
        self._steady_advice.read.connect(self._say_newest_prompt)
        self.view = CameraView(guided=True)
        self.portrait = Picture(wording.Portrait.NO_PORTRAIT, _PHOTO, least=_LEAST_PHOTO)
        self.live = Picture(wording.Portrait.NOT_TAKEN, _PHOTO, least=_LEAST_PHOTO)
        self.decision = Text(wording.Portrait.WAITING, "headline")
        self.band = ScoreBand()
        self.point = Text("", "small")
        self.liveness = Text("")
        pictures = QHBoxLayout()
        pictures.setSpacing(16)
        for caption, picture in (
            (wording.Portrait.CHIP_PHOTO, self.portrait),
            (wording.Portrait.LIVE_PHOTO, self.live),
        ):
            column = QVBoxLayout()
            column.addWidget(Text(caption, "soft"))
            column.addWidget(picture)
            column.addStretch(1)
            pictures.addLayout(column)
        words = QVBoxLayout()
        for widget in (Text(wording.Portrait.COMPARISON, "soft"), self.decision, self.band, self.point, self.liveness):
            words.addWidget(widget)
        words.addStretch(1)
        self._right, self._words = QBoxLayout(QBoxLayout.Direction.TopToBottom), words
        self._right.setSpacing(24)
        self._right.addLayout(pictures)
        self._right.addLayout(words, 1)
        both = QHBoxLayout()
        both.setSpacing(24)
        both.addWidget(self.view, 1)
        both.addLayout(self._right)
        self.content.addLayout(both)
        self.other_way = action(self, wording.Portrait.OTHER_WAY, Qt.Key.Key_F6)
        self.other_way.setEnabled(False)
        self.other_way.triggered.connect(self._ask_for_other_way)
        self.other_ways = [self.other_way]
        self.listen(self._frames.arrived, self._show_frame)
        self.listen(self._sights.arrived, self._say_sight)
        self.listen(self._prompts.arrived, self._say_prompt)
        self.listen(workplace.face_news.arrived, self._say_restarted)
        self.listen(workplace.customer.consent_answered, self._keep_answer)

    def _arrange(self) -> None:
        """The pictures give way first: what the clerk decides by is read without scrolling."""
        super()._arrange()
        flat = self.height() < _FLAT * self._factor
        directions = QBoxLayout.Direction
        self._right.setDirection(directions.LeftToRight if flat else directions.TopToBottom)
        self._words.setSpacing(round((4 if flat else 8) * self._factor))

    def begin(self) -> None:
        self.portrait.show_image(self.work.portrait)
        consent = self.work.facts.consent
        if consent is not None and consent.given:  # continued after a crash
            self._look()
            return
        self.say(wording.Portrait.HEADLINE_CONSENT, wording.Portrait.STATUS_CONSENT)
        self.ask(self.work.consent_text, self.at.customer.ask_consent)

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
        otherwise, made = self._next_time(), self.work.facts.liveness
        self._try = _Try(len(made.attempts), made.counted)
        self.say(self._counted(wording.Portrait.HEADLINE_LOOK), wording.Portrait.STATUS_LOOK)
        self._steady = SteadyRemark()
        self._looking, self._challenged, self._restarted_s = True, False, None
        self._advice = None
        self._steady_advice.clear()
        self._prompts.begin()
        self._otherwise = wording.Portrait.NEXT_TIME.format(advice=otherwise) if otherwise else ""
        if otherwise:
            self.status.say(self._otherwise, "look")
        self.at.customer.ask_look(self._frames, otherwise)
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

    def _counted(self, headline: str) -> str:
        """`headline` with which of the customer's attempts it is, where one is gone already."""
        gone = self._try.counted
        if not gone:
            return headline
        return wording.Portrait.ATTEMPT.format(headline=headline, attempt=gone + 1, attempts=MOST_ATTEMPTS)

    def _refused(self) -> Refusal | None:
        """How the attempt of the last try ended; None where that try came to none."""
        attempts, failed = self.work.facts.liveness.attempts, self._try.failed
        if failed is not None and failed.code is FailureCode.NOT_LIVE:
            return Refusal(failed.detail)
        return attempts[-1].refusal if len(attempts) > self._try.before else None

    def _next_time(self) -> str:
        """What the last try, and none before it, teaches for the next; empty where it teaches nothing."""
        refusal, failed = self._refused(), self._try.failed
        if refusal is not None:
            return wording.next_time(refusal, self._try.lack)
        if failed is None or not is_of_a_try(failed.code):
            return ""
        if failed.code is FailureCode.NO_USABLE_FACE and failed.detail:
            return wording.FACE_REMARKS[FaceRemark(failed.detail)]
        return wording.TRY_NEXT_TIME[failed.code]

    def put_aside(self) -> bool:
        """The check ends: nobody is looked at while the clerk is elsewhere. The service says when it has ended."""
        self._aside, stopped = True, self._looking
        if self._looking:
            self._looking = False
            self.at.customer.pause_look()
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
    def _say_prompt(self, prompt: _Prompt) -> None:
        """The same on both screens. From the first challenge on, a remark about a turned head would only confuse."""
        if not self._looking:
            return
        before, self._prompt, self._advice = self._prompt.challenge, prompt, prompt.advice
        challenge = prompt.challenge
        if challenge is not None and (challenge is not before or prompt.advice is not None):
            self._try.lack = prompt.advice
        if challenge is None and not self._challenged:
            return  # a remark about the picture comes first; with the next look it is said, also after a pause
        self._challenged = True
        advice = self._steady_advice.update(challenge, prompt.advice)
        missing = wording.missing(advice) if advice is not None else ""
        tone = "look" if missing else "good" if challenge is None else "accent"
        if challenge is not None:
            words = wording.Portrait.ADVICE if missing else wording.Portrait.CHALLENGE
            asked = words.format(challenge=wording.CHALLENGES[challenge], advice=missing)
            self.say(self._counted(wording.Portrait.HEADLINE_CHALLENGE), asked, tone)
        else:
            between = wording.Portrait.ALL_DONE if prompt.done else wording.Portrait.BETWEEN
            self.status.say(wording.Portrait.REMARK.format(remark=missing) if missing else between, tone)
        self.view.guide("accent" if challenge is not None else "" if missing else "good")
        self.view.point(challenge)
        self.at.customer.show_challenge(challenge, advice, done=prompt.done)

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
        missing = self._steady.update(sight.remark or self._advice, self.at.monotonic())
        if not self._steady.speaks:
            return
        if missing is not None:
            self.status.say(wording.Portrait.REMARK.format(remark=wording.missing(missing)), "look")
        elif self._otherwise:  # the customer reads it as well, until something is asked
            self.status.say(self._otherwise, "look")
        else:
            self.status.say(wording.Portrait.GOOD, "good")
        self.view.guide("good" if missing is None else "look")
        self.at.customer.show_face_remark(missing)

    @Slot()
    def _say_restarted(self) -> None:
        """Only while it matters: it goes when something is seen again, when a failure follows, and with another try."""
        if self._looking:
            self._restarted_s = self.at.monotonic()
            self._challenged, self._steady = False, SteadyRemark()
            self._steady_advice.clear()
            self.banner.say(wording.Portrait.WORKER_RESTARTED)
            self.view.point(None)
            self.at.customer.pause_look()

    def _forget_restart(self) -> None:
        if self._restarted_s is not None and self.at.monotonic() - self._restarted_s >= _READ_S:
            self._restarted_s = None
            self.banner.clear()

    @Slot(object)
    def show_failure(self, error: KnownError) -> None:
        self._looking, self._restarted_s = False, None
        if self._checking:
            self._try.failed = error
        super().show_failure(error)
        self.at.customer.pause_look()
        self._say_paused(error)
        if self._checking and not self.work.may_try_again:
            none_left = wording.none_left(self.work.facts.liveness)
            self.banner.say(none_left, wording.Portrait.LEFT_TO_SUPERVISOR)
        elif error.code is FailureCode.NOT_LIVE:
            self.banner.remedy.setText(wording.Portrait.REMIND.format(advice=self._next_time()))
        self.other_way.setEnabled(self.work.supervised_way is not None)

    def _say_paused(self, error: KnownError) -> None:
        """Nothing is asked of the customer any more: the clerk chooses how it goes on."""
        self.view.guide("")
        self.view.point(None)
        if not self._checking:
            self.say(wording.Portrait.HEADLINE_PAUSED, wording.Portrait.STATUS_PAUSED)
            return
        work = self.work
        not_live, last = error.code is FailureCode.NOT_LIVE, not work.may_try_again
        words = ""
        if not_live or last:  # after the last try the banner says what to do, and no longer why
            reason = error.failure.cause
            if not_live:
                reason = wording.failed_because(Refusal(error.detail), self._try.lack)
            words = wording.Portrait.FAILED.format(reason=reason)
        if not last:
            words += wording.attempts_left(work.facts.liveness, self._refused())
            words += wording.Portrait.OTHER_WAY_TOO if work.supervised_way is not None else ""
        self.say(wording.Portrait.HEADLINE_PAUSED, words, "look" if not_live or last else "")

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
        words = wording.DECISIONS[decision]
        found = words
        if comparison.score is not None:
            found = wording.Portrait.FOUND.format(decision=words, score=comparison.score)
            rate = comparison.thresholds.false_accept_rate
            self.point.setText(wording.Portrait.FALSE_ACCEPT.format(rate=rate))
            self.band.show_comparison(comparison)
        consequence = wording.DECISION_CONSEQUENCES[decision]
        if decision is Decision.MATCHED and not self.work.facts.liveness.live:
            consequence, tone = wording.Portrait.LEFT_TO_SUPERVISOR, "look"
        self.say(wording.Portrait.HEADLINE_DECIDED.format(decision=words), consequence, tone)
        self.decision.say(found, TONES[decision])
        live_tone, live_words = wording.liveness(self.work.facts.liveness)
        self.liveness.say(live_words, live_tone)
        self.live.show_image(self.work.live_photo)
        if self.work.live_photo is None:
            self.view.say_empty(wording.Portrait.NO_PICTURE_TAKEN)
            self.live.say_empty(wording.Portrait.NO_PORTRAIT)
        else:
            self.view.still = True
            self.view.show_image(self.work.live_photo)
        if decision is not Decision.CONSENT_REFUSED and not self.work.facts.liveness.live:
            self.at.customer.show_supervised()
        elif comparison.score is None:
            self.at.customer.show_uncompared()
        else:
            self.at.customer.show_compared()
        self.set_busy(False)
        self.other_way.setEnabled(False)
        self._found = found

    def go_on(self) -> None:
        self.finished.emit(self._found)
