"""Clerk and customer before the real windows, from the login to the outcome, and the supervisor after them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from hallclient.devices import Clock
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import BugError
from hallclient.services.rehearsal_report import StepTimes
from ui import wording
from ui.app import App
from ui.clerk.session_view import SessionView
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow
from ui.rehearsal.cast import Login, PracticeCustomer, RehearsalReport
from ui.rehearsal.hands import click, press, type_into, write
from ui.rehearsal.photographs import Photographs
from ui.rehearsal.waiting import comes_true
from ui.steps.finish import FinishPage
from ui.steps.notice import NoticePage
from ui.steps.page import StepPage
from ui.steps.portrait import PortraitPage

_DEADLINE_S = 60.0
_TRY_DEADLINE_S = 150.0  # the longest that a try before the camera may last, with all of its own limits


class Rehearsal:
    """Plays clerk and customer. Call from the screen's thread; the application's events are handled while it waits."""

    def __init__(
        self, app: App, customer: PracticeCustomer, folder: Path, clock: Clock, first_picture: int = 1
    ) -> None:
        """`first_picture` is the number in the first picture's name."""
        self._app = app
        self._practice = customer
        self._photographs = Photographs(folder, first_picture)
        self.report = RehearsalReport(StepTimes(clock))

    def run(
        self,
        clerk: Login,
        scene: str,
        service_number: str,
        settled: Callable[[Outcome | None], bool] = lambda outcome: outcome is not None,
    ) -> RehearsalReport:
        """Log in, do one session of `scene`, and stay at the last page until `settled` likes the outcome."""
        self.log_in(clerk)
        self.do_session(scene, service_number, settled)
        return self.report

    def log_in(self, login: Login) -> None:
        """Type number, password and code and press Enter."""
        window = self._app.login
        self._shoot(window, "login_login")
        type_into(window.number, login.number)
        type_into(window.password, login.password)
        type_into(window.code, login.code())
        self._shoot(window, "login_filled")
        press(window, window.enter)
        self._until(lambda: self._app.clerk is not None or self._app.review is not None, "login")

    def do_session(self, scene: str, service_number: str, settled: Callable[[Outcome | None], bool]) -> None:
        """From the start page to the outcome. The windows stay at the last page."""
        clerk, customer = self._clerk, self._customer
        self._shoot(customer, "customer_welcome")
        press(clerk, clerk.start.scenes[scene])
        type_into(clerk.start.number, service_number)
        self._shoot(clerk, "clerk_start")
        press(clerk, clerk.start.start)
        self._until(lambda: clerk.view is not None, "a session")
        for step in self._view.workplace.session.plan.steps:
            self._turned_to(step.id)
            with self.report.times.step(step.id):
                if step.kind == "portrait":
                    with self._photographs.writing_later():
                        self._do_portrait()
                else:
                    getattr(self, f"_do_{step.kind}")()
        self._turned_to(wording.SEAL)
        with self.report.times.step(wording.SEAL):
            self._do_seal(settled)
        self._finish()

    def _turned_to(self, step: str) -> None:
        self._until(lambda: self._view.step == step and self._page.headline.text() != "", step)

    def review(self, supervisor: Login, decision: ReviewDecision) -> None:
        """As the supervisor of a freshly started App: open the first case, watch a moment of it, decide."""
        self.log_in(supervisor)
        window = self._app.review
        if window is None:
            raise BugError("not a supervisor's login")
        self._until(lambda: window.case is not None, "a case to review")
        video = window.evidence.video
        if window.case is not None and window.case.video is not None:
            self._until(lambda: video.picture.shows_image, "the recording's first picture")
            press(window, window.evidence.play)
            self._until(lambda: video.player.position() > 0, "the recording plays")
        self._shoot(window, "review_case")
        session_id = window.case.item.session_id if window.case else ""
        approving = decision is ReviewDecision.APPROVED
        press(window, window.verdict.approve if approving else window.verdict.reject)
        press(window, next(reason for reason in window.verdict.reasons if reason.isEnabled()))
        if approving:
            press(window, window.verdict.documents[0])
        self._shoot(window, "review_decided")
        with self._heard(window.decided, "the decision"):
            press(window, window.verdict.submit)
        self._until(lambda: window.queue.current_id != session_id, "the list without it")
        self._shoot(window, "review_next")

    def end(self) -> None:
        """Close the windows and wait until everything behind them has let go."""
        ended: list[bool] = []
        self._app.ended.connect(lambda: ended.append(True))
        (self._app.clerk or self._app.review or self._app.login).close()
        self._until(lambda: bool(ended), "the end")

    def _do_card(self) -> None:
        self._shoot_both("card")
        step = self._view.step
        with self._timed():
            self._practice.put_card_down()
            customer = self._customer.put_card
            self._until(
                lambda: self._view.steps.is_done(step) or customer.sentence == wording.Customer.LIFT_CARD,
                "the card's end",
            )
            if not self._view.steps.is_done(step):  # nobody saw it come
                self._practice.take_card_up()
                self._practice.put_card_down()

    def _do_precheck(self) -> None:
        self._ready()
        self._shoot_both("precheck")
        with self._timed():
            press(self._clerk, self._page.primary_action)

    def _do_portrait(self) -> None:
        customer, page, step = self._customer, self._page, self._view.step
        if not isinstance(page, PortraitPage):
            raise BugError("the portrait's page is not shown")
        page.failed.connect(self.report.failures.append)
        self._until(lambda: customer.page is customer.consent, "the consent")
        self._shoot_both("consent")
        with self.report.times.waiting():
            click(customer.consent.agree)
            self._until(lambda: customer.look.view.shows_image or has_ended(page), "the first picture")
        self._shoot_both("look")
        with self.report.times.waiting():
            self._until(lambda: customer.look.challenge is not None or has_ended(page), "a challenge", _TRY_DEADLINE_S)
        self._shoot_both("challenge")
        with self.report.times.waiting():
            self._look(page)
        face = page.work.facts.face
        self.report.decision = face.comparison.decision if face else None
        self._shoot_both("compared")
        press(self._clerk, self._page.primary_action)
        self._until(lambda: self._view.steps.is_done(step), "the portrait's end")

    def _look(self, page: PortraitPage) -> None:
        """As a clerk does: again while there is a try, then the supervised way."""
        self._until(lambda: has_ended(page), "the end of a try", _TRY_DEADLINE_S)
        while not page.primary_action.isEnabled():
            self._shoot_both("not_yet")
            again = page.banner.again.isEnabled() and len(self.report.failures) < MOST_ATTEMPTS
            if not again and not page.secondary_action.isEnabled():
                raise self.report.failures[-1]
            asked = not again and page.work.may_try_again  # nothing is asked where no try is lost
            press(self._clerk, page.banner.again if again else page.secondary_action)
            if asked:
                press(self._clerk, self._view.question.yes)
            self._until(lambda: has_ended(page), "the end of a try", _TRY_DEADLINE_S)

    def _do_notice(self) -> None:
        page, customer = self._page, self._customer
        if not isinstance(page, NoticePage):
            raise BugError("the notice's page is not shown")
        self._ready()
        self._shoot_both("notice_ready")
        with self.report.times.waiting():
            press(self._clerk, page.primary_action)
            self._until(lambda: customer.page is customer.reading, "the first line")
        self._read_aloud(page)

    def _read_aloud(self, page: NoticePage) -> None:
        customer, lines = self._customer, len(page.lines)
        for index in range(lines):
            self._practice.begin_line(index)
            self._until(lambda line=index: self._practice.line_is_read(line), "the voice")  # type: ignore[misc]
            self._until(
                lambda: page.primary_action.isEnabled() and customer.reading.read.isEnabled(), "the line may end"
            )
            if index == 1 % lines:
                self._shoot_both("notice_line")
            if index + 1 < lines:
                click(customer.reading.read)
                self._until(lambda due=index + 1: page.line == due, "the next line")  # type: ignore[misc]
        with self._timed():
            click(customer.reading.read)

    def _do_signature(self) -> None:
        customer = self._customer
        self._until(lambda: customer.page is customer.signing, "the signature pad")
        self._shoot_both("sign")
        write(customer.signing.pad, self._practice.strokes())
        self._until(customer.signing.accept.isEnabled, "a signature")
        self._shoot_both("signed")
        with self._timed():
            click(customer.signing.accept)

    def _do_seal(self, settled: Callable[[Outcome | None], bool]) -> None:
        page = self._finish_page
        with self._timed():
            self._until(lambda: settled(page.outcome_shown), "a settled outcome")

    def _finish(self) -> None:
        page = self._finish_page
        self._shoot_both("finish")
        if page.print in page.secondary_actions:
            press(self._clerk, page.print)
            self._until(page.primary_action.isEnabled, "the customer's copy")
        self._practice.take_card_up()
        self.report.session_id = self._view.workplace.session.session_id
        self.report.outcome = page.outcome_shown

    @property
    def _clerk(self) -> ClerkWindow:
        if self._app.clerk is None:
            raise BugError("no clerk has logged in")
        return self._app.clerk

    @property
    def _customer(self) -> CustomerWindow:
        if self._app.customer is None:
            raise BugError("no clerk has logged in")
        return self._app.customer

    @property
    def _view(self) -> SessionView:
        if self._clerk.view is None:
            raise BugError("no session is open")
        return self._clerk.view

    @property
    def _page(self) -> StepPage:
        if self._view.page is None:
            raise BugError("no step is shown")
        return self._view.page

    @property
    def _finish_page(self) -> FinishPage:
        if not isinstance(self._page, FinishPage):
            raise BugError("the last page is not shown")
        return self._page

    def _ready(self) -> None:
        page = self._page
        self._until(page.primary_action.isEnabled, f"the way on from {self._view.step}")

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """From what the customer did inside to the step's mark on the clerk's screen."""
        step = self._view.step
        with self.report.times.waiting():
            yield
            self._until(lambda: self._view.steps.is_done(step), f"the end of {step}")
            self._clerk.repaint()

    @contextmanager
    def _heard(self, signal: SignalInstance, what: str) -> Iterator[None]:
        heard: list[object] = []
        signal.connect(heard.append)
        yield
        self._until(lambda: bool(heard), what)
        signal.disconnect(heard.append)

    def _until(self, condition: Callable[[], bool], what: str, deadline_s: float | None = None) -> None:
        """Handle events until `condition` holds. After `deadline_s` it raises the failure that the clerk reads.

        Raises BugError where there is none.
        """
        deadline_s = _DEADLINE_S if deadline_s is None else deadline_s
        if not comes_true(condition, deadline_s):
            view = self._app.clerk.view if self._app.clerk else None
            if view is not None and view.page is not None and view.page.banner.error is not None:
                raise view.page.banner.error
            raise BugError(f"waited {deadline_s:.0f} s for {what}")

    def _shoot_both(self, page: str) -> None:
        self._customer.changed.emit()  # the clerk's picture of the customer's screen is as new as the other
        self._shoot(self._clerk, f"clerk_{page}")
        self._shoot(self._customer, f"customer_{page}")

    def _shoot(self, window: QWidget, name: str) -> None:
        self.report.screenshots.append(self._photographs.take(window, name))


def has_ended(page: PortraitPage) -> bool:
    """A try before the camera: with a decision, or with a failure that asks the clerk for something."""
    waits = page.banner.isVisible() and (page.banner.again.isEnabled() or page.secondary_action.isEnabled())
    return page.primary_action.isEnabled() or waits
