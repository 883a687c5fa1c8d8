"""A session at the portrait's step before both windows, with a scripted person before its camera.

The windows, the session with its files, and the check are the product's; devices and engines are scripted.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from hallclient.devices import FaceEngines, Frame
from hallclient.domain.comparison import Comparison
from hallclient.domain.failures import KnownError
from hallclient.domain.liveness import PAIRS, Challenge
from hallclient.services.access import OpenHall, login
from hallclient.services.camera_feed import CameraWatch
from hallclient.services.portrait_taking import PortraitListener
from hallclient.services.session.engine import Session
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from tests import doubles
from tests.clock import CountingEntropy, HandClock
from tests.hallclient.domain.program_face import acted
from tests.hallclient.services.sessions import SERVICE_NUMBER, open_session, walk
from tests.halls import CLERK, PASSWORD, code_now, make_hall
from tests.journeys.scripted_person import (
    GOOD,
    LEFT,
    OPEN_MOUTH,
    RESTING,
    Camera,
    Look,
    Matcher,
    Person,
    seen,
)
from tests.ui import doubles as screen_doubles
from ui import wording
from ui.clerk.session_view import SessionView
from ui.clerk.window import ClerkWindow
from ui.customer.window import CustomerWindow
from ui.steps.portrait import PortraitPage


class OneSession(screen_doubles.Counter):
    """A counter that opens the session it was given."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._one = session

    def open_session(self, scene: str, service_number: str) -> Session:  # type: ignore[override]
        return self._one


@dataclass
class Screens:
    """A session at the portrait's step, the consent to be given, before both windows."""

    qtbot: QtBot
    portrait: PortraitStep
    person: Person
    camera: Camera
    matcher: Matcher
    clerk: ClerkWindow
    customer: CustomerWindow
    keep_picture: Callable[[QWidget, str], None]

    @property
    def view(self) -> SessionView:
        assert self.clerk.view is not None
        return self.clerk.view

    @property
    def page(self) -> PortraitPage:
        assert isinstance(self.view.page, PortraitPage)
        return self.view.page

    @property
    def hint(self) -> str:
        """The one line below what the customer shall do."""
        return self.customer.look.hint.text()

    @property
    def status(self) -> str:
        """The clerk's line."""
        return self.page.status.text()

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def until_asked(self) -> Challenge:
        """Both screens say it, and the person has done nothing yet."""
        self.until(lambda: self.person.waits and self.customer.look.challenge is self.person.asked)
        asked = self.customer.look.challenge
        assert asked is not None
        assert wording.CHALLENGES[asked] in self.status
        return asked

    def does(self, *looks: Look, then: Iterable[Look] = ()) -> None:
        """The person does this, and then waits; the screens hear of it later, see `until`."""
        self.person.does(*looks, then=then)

    def until_refused(self) -> None:
        self.until(lambda: self.page.headline.text() == wording.Portrait.HEADLINE_PAUSED)
        assert self.page.banner.isVisible()
        assert self.page.banner.again.isEnabled() or self.page.secondary_action.isEnabled()

    def again(self) -> None:
        self.page.banner.again.trigger()

    def does_all(self) -> None:
        """Both challenges as they are asked."""
        for last in (False, True):
            self.does(*map(seen, acted(self.until_asked())), *RESTING, then=itertools.repeat(GOOD))
            if not last:
                first = self.person.asked
                self.until(lambda first=first: self.person.asked is not first)  # type: ignore[misc]

    def shoot(self, what: str) -> None:
        for window, name in ((self.customer, "customer"), (self.clerk, "clerk")):
            self.keep_picture(window, f"{name}_{what}")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


class Lot(CountingEntropy):
    """Draws `pair`."""

    pair = (LEFT, OPEN_MOUTH)

    def token(self, length: int) -> bytes:
        """A single byte is asked for by the draw alone; at `PICTURE_S` each pair may be drawn."""
        return bytes([PAIRS.index(self.pair)]) if length == 1 else super().token(length)


@pytest.fixture
def lot() -> Lot:
    return Lot()


@pytest.fixture
def hall(tmp_path: Path, clock: HandClock, lot: Lot) -> Iterator[OpenHall]:
    make_hall(tmp_path / "hall", clock)
    opened = login(tmp_path / "hall", CLERK, PASSWORD, code_now(clock), clock, lot)
    yield opened
    opened.close()


@pytest.fixture
def screens(
    hall: OpenHall,
    clock: HandClock,
    qtbot: QtBot,
    keep_picture: Callable[[QWidget, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Screens]:
    person, matcher = Person(), Matcher()
    camera = Camera(clock, person)
    equipment = replace(doubles.equipment(clock), camera=camera, faces=FaceEngines(person, person, matcher, person))
    session = open_session(hall, equipment)
    portrait = session.the(PortraitStep)
    _hears_first(portrait, person, monkeypatch)
    _gives_whoever_begins(session, camera, monkeypatch)
    walk(session, clock, until="portrait")
    customer = CustomerWindow(practice=True)
    clerk = ClerkWindow(OneSession(session), screen_doubles.Dispatch(), customer, clock)
    closed: list[bool] = []
    clerk.closed.connect(lambda: closed.append(True))
    clerk.resize(1366, 768)
    customer.resize(1366, 768)
    customer.show()
    clerk.show()
    made = Screens(qtbot, portrait, person, camera, matcher, clerk, customer, keep_picture)
    clerk.start.started.emit("new_number", SERVICE_NUMBER)
    made.until(lambda: customer.page is customer.consent)
    yield made
    person.does(then=itertools.repeat(GOOD))
    clerk.close()
    made.until(lambda: bool(closed))
    customer.finish()
    for window in (clerk, customer):
        window.deleteLater()


def _hears_first(portrait: PortraitStep, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person is told what is asked before the screens hear of it."""
    compare = portrait.compare

    def heard(listener: PortraitListener, stop: Stop | None = None) -> Comparison:
        def ask(challenge: Challenge | None) -> None:
            person.hears(challenge)
            listener.on_challenge(challenge)

        return compare(replace(listener, on_challenge=ask), stop)

    monkeypatch.setattr(portrait, "compare", heard)


def _gives_whoever_begins(session: Session, camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    """The camera is the session's, and open from the first try on: the next try gets its first picture, too."""
    watch = session.feed.watch

    def watched(
        on_frame: Callable[[Frame], None], on_failure: Callable[[KnownError], None] | None = None
    ) -> CameraWatch:
        begun = watch(on_frame, on_failure)
        camera.look_begins()
        return begun

    monkeypatch.setattr(session.feed, "watch", watched)
