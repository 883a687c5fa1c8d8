"""One session through the real windows on supposed screens: `python -m tests.journeys.screens_process HOW OUT`.

HOW is "one": a single 1366x768 screen; or "pulled": two, of which the customer's is pulled at the second line.
A process of its own, because Qt reads its screens once. It prints what happened as JSON; OUT gets the pictures.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from tests.ui import doubles

MAIN = {"name": "main", "x": 0, "y": 0, "width": 1366, "height": 768, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
SECOND = {**MAIN, "name": "second", "x": 1366, "width": 1280, "height": 800}


def main(how: str, out: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as config:
        json.dump(
            {"synchronousWindowSystemEvents": True, "screens": [MAIN] if how == "one" else [MAIN, SECOND]}, config
        )
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={config.name}"
    from PySide6.QtGui import QGuiApplication  # noqa: PLC0415  # after the screens are set

    from hallclient.domain.evidence.receipt import Outcome  # noqa: PLC0415
    from hallclient.domain.staff import Role, Staff  # noqa: PLC0415
    from ui import screens  # noqa: PLC0415
    from ui.app import App, Services, create_application  # noqa: PLC0415
    from ui.rehearsal import Login, Rehearsal  # noqa: PLC0415

    application = create_application(["hallclient"], dark=False)
    application.setQuitOnLastWindowClosed(False)
    session, dispatch = doubles.Session(), doubles.Dispatch()
    dispatch.said = Outcome.PASSED

    class Hall:
        def log_in(self, number: str, password: str, code: str, equipment: object) -> Services:
            return Services(Staff(number, Role.CLERK), dispatch, counter=doubles.Counter(session))

    class Customer(doubles.PracticeCustomer):
        def begin_line(self, index: int) -> None:
            super().begin_line(index)
            where.append(customer_is())
            if how == "pulled" and index == 1:
                pull()

        def take_card_up(self) -> None:
            super().take_card_up()
            where.append(customer_is())

    where: list[str] = []
    app = App(Hall(), None, doubles.FixedClock())  # type: ignore[arg-type]

    def customer_is() -> str:
        if app.customer is None or app.clerk is None:
            return "nowhere"
        if app.customer.isWindow():
            return f"own screen {app.customer.width()}x{app.customer.height()}"
        return "in front" if app.clerk.shows_customer else "behind"

    def pull() -> None:
        second = next(one for one in QGuiApplication.screens() if one.name() == "second")
        left = [one for one in QGuiApplication.screens() if one is not second]
        screens._present = lambda: (left, left[0])  # the offscreen platform cannot pull one
        application.screenRemoved.emit(second)
        application.processEvents()

    app.start()
    rehearsal = Rehearsal(app, Customer(session), out, doubles.FixedClock())
    report = rehearsal.run(Login("1001", "any", lambda: "123456"), "second_verification", "13800000021")
    assert app.clerk is not None
    said = {
        "outcome": report.outcome,
        "where": where,
        "clerk": [app.clerk.width(), app.clerk.height()],
        "one_screen_said": app.clerk.start.one_screen.isVisibleTo(app.clerk.start),
        "lines": session.shown_lines,
        "signed_with": session.signed[1] if session.signed else None,
        "pictures": [path.name for path in report.screenshots],
    }
    rehearsal.end()
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
