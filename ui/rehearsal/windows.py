"""A rehearsal of one whole session in windows of its own, and of its review where it needs one."""

from pathlib import Path

from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.evidence.review import ReviewDecision
from hallclient.services.preparation import Preparation
from hallclient.services.rehearsal_report import Rehearsed
from ui.app import App, LocalHall, create_application
from ui.rehearsal.cast import Cast
from ui.rehearsal.clerk_and_customer import Rehearsal


def rehearse_windows(
    hall: LocalHall, preparation: Preparation, cast: Cast, scene: str, service_number: str, folder: Path
) -> Rehearsed:
    """One whole session through the windows of `hall`; a flagged one goes on to the review desk and is rejected there.

    Online it ends with the centre's word, offline with a provisional outcome. `folder` gets the pictures.
    """
    application = create_application()
    application.setQuitOnLastWindowClosed(False)
    online = hall.centre_url is not None
    waits = {Outcome.PROVISIONAL} if online else set()

    def settled(outcome: Outcome | None) -> bool:
        return outcome is not None and outcome not in waits

    app = App(hall, preparation, hall.clock)
    app.start(full_screen=False)
    app.customer_asked.connect(cast.customer.see)
    rehearsal = Rehearsal(app, cast.customer, folder, hall.clock)
    try:
        report = rehearsal.run(cast.clerk, scene, service_number, settled)
    finally:
        rehearsal.end()
    pictures = report.screenshots
    if report.outcome is Outcome.PENDING_REVIEW:
        app = App(hall, preparation, hall.clock)
        app.start(full_screen=False)
        rehearsal = Rehearsal(app, cast.customer, folder, hall.clock, first_picture=len(pictures) + 1)
        try:
            rehearsal.review(cast.supervisor, ReviewDecision.REJECTED)
        finally:
            rehearsal.end()
        pictures = [*pictures, *rehearsal.report.screenshots]
    failures = tuple(error.code for error in report.failures)
    return Rehearsed(report.session_id, report.times, failures, tuple(pictures))
