"""`hallclient queue`: what waits for the centre, and sending it now."""

from contextlib import closing
from typing import Annotated

import typer

from hallclient.cli.hall_in_use import HallInUse
from hallclient.cli.login import DataOption, StaffOption, opened_hall
from hallclient.cli.output import JsonOption, answer
from hallclient.domain.delivery import DeliveryState
from hallclient.domain.evidence.receipt import Outcome
from hallclient.services.dispatch import Dispatch, must_have_no_courier
from hallclient.services.dispatch import release as released
from hallclient.storage import deliveries
from hallclient.wiring.practice_centre import centre_address

app = typer.Typer(no_args_is_help=True, help="The outbox of sealed sessions.")


@app.command()
def status(data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False) -> None:
    """How many sessions wait, are quarantined, and were accepted."""
    with opened_hall(data, staff, only_reads=True) as hall, hall.database.reading() as tables:
        counts, in_use = deliveries.counts(tables), HallInUse.of(hall)
    document = {"waiting": counts.waiting, "quarantined": counts.quarantined, "accepted": counts.accepted}
    lines = [in_use.line, *(f"{name}: {count}" for name, count in document.items())]
    answer({"hall": in_use.row} | document, lines, as_json)


@app.command()
def release(
    session: Annotated[str, typer.Argument(metavar="SESSION", help="Its id, as `queue send` names it.")],
    data: DataOption = None,
    staff: StaffOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a session that was set aside back into the outbox, after what was wrong has been mended."""
    with opened_hall(data, staff) as hall:
        in_use = HallInUse.of(hall)
        released(hall, session)
    answer({"hall": in_use.row, "session": session, "state": "waiting"}, [in_use.line, session], as_json)


@app.command()
def send(data: DataOption = None, staff: StaffOption = None, as_json: JsonOption = False) -> None:
    """Deliver everything that waits, now. Exits with 1 when something was quarantined or could not be delivered.

    Beside the running application, which delivers by itself, it does nothing but say so.
    """
    with opened_hall(data, staff) as hall:
        in_use = HallInUse.of(hall)
        must_have_no_courier(hall.folder)  # before a practice centre is started for it
        with centre_address(hall.centre) as url, closing(Dispatch(hall, url)) as dispatch:
            delivered = dispatch.send_all()
            waiting = dispatch.status.waiting
    accepted = [item for item in delivered if item.state is DeliveryState.ACCEPTED]
    quarantined = [item for item in delivered if item.state is DeliveryState.QUARANTINED]
    counts = {"accepted": len(accepted), "quarantined": len(quarantined), "waiting": waiting}
    document = {
        "hall": in_use.row,
        **counts,
        "practice": hall.file.practice,
        "sessions": [
            {
                "session": item.session,
                "state": item.state.value,
                "outcome": (item.outcome or Outcome.PROVISIONAL).value,
                "reasons": list(item.reasons),
                "failure": item.failure.value if item.failure else None,
            }
            for item in delivered
        ],
    }
    lines = [in_use.line, *(f"{name}: {count}" for name, count in counts.items())]
    answer(document, lines, as_json, positive=len(accepted) == len(delivered))
