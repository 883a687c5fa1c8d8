"""The page of a kind of step that nobody here has heard of, in the clerk's window, over a real session."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hallclient.services.session.engine import Session
from hallclient.system import SystemClock
from tests import doubles as devices
from tests import questionnaire
from tests.clock import HandClock
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import make_hall, open_hall
from tests.questionnaire import PACK, SCENE, QuestionnairePage, QuestionnaireStep
from tests.ui import doubles
from tests.ui.conftest import PatientQtBot
from ui import wording
from ui.background import Background
from ui.clerk.session_view import SessionView
from ui.customer.window import CustomerWindow
from ui.event_relay import EventRelay
from ui.latest_value import LatestValue
from ui.steps.finish import FinishPage
from ui.steps.workplace import Workplace


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    clock = HandClock()
    make_hall(tmp_path / "hall", clock)
    with questionnaire.registered(), closing(open_hall(tmp_path / "hall", clock)) as hall:
        opened = open_session(hall, devices.equipment(clock), SCENE, PACK)
        walk(opened, clock, until=questionnaire.NAME)
        yield opened
        opened.close()


def test_the_clerk_walks_it_to_the_seal(session: Session, qtbot: PatientQtBot) -> None:
    background = Background("session")
    customer = CustomerWindow(practice=True)
    qtbot.addWidget(customer)
    view = SessionView(
        Workplace(
            session=session,
            background=background,
            customer=customer,
            dispatch=doubles.Dispatch(),
            print_copy=lambda pdf: None,
            reader_news=LatestValue(),
            events=EventRelay(),
            face_news=LatestValue(),
            monotonic=SystemClock().monotonic,
        )
    )
    qtbot.addWidget(view)
    view.show()
    view.begin()
    page = view.page
    assert isinstance(page, QuestionnairePage)
    assert view.steps.rows["agent/questionnaire"].name.text() == "问卷"
    page.go_on()
    qtbot.waitUntil(lambda: page.status.text() == "1")
    page.go_on()
    qtbot.waitUntil(lambda: page.status.text() == "2")
    page.no.trigger()
    qtbot.waitUntil(lambda: isinstance(view.page, FinishPage))
    qtbot.waitUntil(lambda: view.steps.is_done(wording.SEAL))
    assert view.steps.rows["agent/questionnaire"].badge.state == "look"  # one answer calls a supervisor
    assert session.the(QuestionnaireStep).facts.given == (True, True, False)
    view.end()
    background.close()
    qtbot.waitUntil(background.idle)
