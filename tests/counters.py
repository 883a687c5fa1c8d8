"""Counters that are enrolled at a real centre, and what becomes of their packages there."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from hallclient.central.centre import Centre
from hallclient.domain.certificate_requests import read_requests
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.inspection.answers import Inspection
from hallclient.domain.inspection.package import Rules, inspect
from hallclient.rule_texts import ShippedRules
from hallclient.services.access import OpenHall
from hallclient.services.dispatch import Dispatch
from hallclient.services.set_up import centre_from_json, create_hall
from hallclient.storage.hall_file import CentreEnrolment
from hallclient.sync.courier import Delivered
from hallclient.system import SystemClock, SystemEntropy
from tests.clock import HandClock
from tests.hallclient.central.running import running
from tests.halls import DEVICE, PLACE, STAFF, open_hall

_NOBODY = "https://127.0.0.1:9"


def todays_clock() -> HandClock:
    """TLS looks at the machine's own."""
    return HandClock(dt.datetime.now(dt.UTC))


def make_centre(folder: Path, rules: Rules | None = None) -> Centre:
    clock, entropy = SystemClock(), SystemEntropy()
    Centre.create(folder, "test", True, clock, entropy)
    return Centre.open(folder, clock, entropy, rules)


def certified_at(
    centre: Centre, clock: HandClock, place: Place = PLACE, device: str = DEVICE, url: str = _NOBODY
) -> Callable[[bytes], CentreEnrolment]:
    """What `create_hall` asks `centre` with, which is at hand."""

    def certified(request: bytes) -> CentreEnrolment:
        answer = centre.enrol(read_requests(request), Workstation(place, device)).to_json()
        return centre_from_json(answer, url, clock)

    return certified


def make_counter(folder: Path, centre: Centre, clock: HandClock, place: Place = PLACE, device: str = DEVICE) -> None:
    """A counter whose device and people `centre` has certified."""
    create_hall(folder, place, device, True, STAFF, clock, SystemEntropy(), certified_at(centre, clock, place, device))


def open_counter(folder: Path, centre: Centre, clock: HandClock) -> OpenHall:
    """A counter as `make_counter` makes it, with its clerk."""
    make_counter(folder, centre, clock)
    return open_hall(folder, clock)


def deliver(hall: OpenHall, centre: Centre) -> list[Delivered]:
    """Send all that waits to `centre`, which runs for it."""
    with running(centre) as url:
        dispatch = Dispatch(hall, url)
        try:
            return dispatch.send_all()
        finally:
            dispatch.close()


def inspected(hall: OpenHall, session: str, rules: Rules | None = None) -> Inspection:
    """The package as it lies in the counter's folder, with its receipt."""
    return inspect(hall.vault.package(session), hall.roots, rules or ShippedRules())
