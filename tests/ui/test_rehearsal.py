"""A whole session through the real windows."""

from pathlib import Path

import pytest

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role, Staff
from tests.ui import doubles, review_doubles
from ui.app import App, Services
from ui.rehearsal import Login, Rehearsal, clerk_and_customer


class Hall:
    """Knows one password."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def log_in(self, number: str, password: str, code: str, equipment: object) -> Services:
        if password != "right-password":
            raise KnownError(FailureCode.LOGIN_WRONG)
        return self._services


@pytest.fixture
def end(qtbot):
    apps: list[App] = []
    yield apps.append
    for app in apps:
        main = app.clerk or app.review or app.login
        with qtbot.waitSignal(app.ended):
            main.close()


def test_whole_session(qtbot, tmp_path: Path, end) -> None:
    session = doubles.Session()
    dispatch = doubles.Dispatch()
    dispatch.said = Outcome.PASSED
    services = Services(Staff("1001", Role.CLERK), dispatch, counter=doubles.Counter(session))
    app = App(Hall(services), None, doubles.FixedClock())
    end(app)
    app.start(full_screen=False)
    rehearsal = Rehearsal(app, doubles.PracticeCustomer(session), tmp_path, doubles.FixedClock())
    report = rehearsal.run(Login("1001", "right-password", lambda: "123456"), "second_verification", "13800000021")
    assert report.outcome is Outcome.PASSED
    assert report.decision is Decision.MATCHED
    assert [row["step"] for row in report.times.rows] == [step.value for step in doubles.Step]
    assert all(row["waited_seconds"] <= row["seconds"] for row in report.times.rows)
    assert all(path.stat().st_size > 1000 for path in report.screenshots)
    assert session.shown_lines == list(range(7))
    assert session.signed is not None
    assert session.signed[1] == "pen"
    assert all(point.pressure is not None for stroke in session.signed[0] for point in stroke)
    # Never on the screen's thread: everything ran on the session's own.
    assert {thread.rsplit("_", 1)[0] for _, thread in session.called} == {"session"}


@pytest.mark.parametrize(
    ("codes", "calls", "left"),
    [
        ((FailureCode.NO_USABLE_FACE, FailureCode.COMPUTER_TOO_SLOW), 3, 0),
        ((FailureCode.CAMERA_STOPPED,) * 3, 3, 1),
    ],
)
def test_before_the_camera_it_tries_again_as_a_clerk_and_then_goes_the_other_way(
    qtbot, tmp_path: Path, end, codes: tuple[FailureCode, ...], calls: int, left: int
) -> None:
    session = doubles.Session()
    session.failures["compare"] = [KnownError(code) for code in codes]
    services = Services(Staff("1001", Role.CLERK), doubles.Dispatch(), counter=doubles.Counter(session))
    app = App(Hall(services), None, doubles.FixedClock())
    end(app)
    app.start(full_screen=False)
    rehearsal = Rehearsal(app, doubles.PracticeCustomer(session), tmp_path, doubles.FixedClock())
    report = rehearsal.run(Login("1001", "right-password", lambda: "123456"), "numbers_under_my_name", "13800000021")
    assert [error.code for error in report.failures] == list(codes)
    assert session.calls("compare") == calls
    assert session.calls("leave_to_supervisor") == left
    assert report.outcome is Outcome.PROVISIONAL


def test_what_the_clerk_reads_is_why_a_rehearsal_ends(qtbot, tmp_path: Path, end, monkeypatch) -> None:
    monkeypatch.setattr(clerk_and_customer, "_DEADLINE_S", 1.0)
    session = doubles.Session()
    session.failures["check"] = [KnownError(FailureCode.DISK_FULL)]
    services = Services(Staff("1001", Role.CLERK), doubles.Dispatch(), counter=doubles.Counter(session))
    app = App(Hall(services), None, doubles.FixedClock())
    end(app)
    app.start(full_screen=False)
    rehearsal = Rehearsal(app, doubles.PracticeCustomer(session), tmp_path, doubles.FixedClock())
    with pytest.raises(KnownError, match="disk_full"):
        rehearsal.run(Login("1001", "right-password", lambda: "123456"), "numbers_under_my_name", "13800000021")


def test_scene_without_paper(qtbot, tmp_path: Path, end) -> None:
    session = doubles.Session()
    services = Services(Staff("1001", Role.CLERK), doubles.Dispatch(), counter=doubles.Counter(session))
    app = App(Hall(services), None, doubles.FixedClock())
    end(app)
    app.start(full_screen=False)
    rehearsal = Rehearsal(app, doubles.PracticeCustomer(session), tmp_path, doubles.FixedClock())
    report = rehearsal.run(Login("1001", "right-password", lambda: "123456"), "numbers_under_my_name", "13800000021")
    assert report.outcome is Outcome.PROVISIONAL
    assert [row["step"] for row in report.times.rows] == ["holder/card", "holder/precheck", "holder/portrait", "seal"]


def test_review(qtbot, tmp_path: Path, end) -> None:
    desk = review_doubles.ReviewDesk([review_doubles.review_case("s-1"), review_doubles.review_case("s-2", minutes=3)])
    services = Services(Staff("2001", Role.SUPERVISOR), doubles.Dispatch(), desk=desk)
    app = App(Hall(services), None, doubles.FixedClock())
    end(app)
    app.start(full_screen=False)
    rehearsal = Rehearsal(app, doubles.PracticeCustomer(doubles.Session()), tmp_path, doubles.FixedClock())
    rehearsal.review(Login("2001", "right-password", lambda: "123456"), ReviewDecision.APPROVED)
    assert desk.decisions[0][0] == "s-1"
    assert all(desk.decisions[0])
