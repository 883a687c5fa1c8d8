"""Two counters of one hall, each with a folder and a device of its own, deliver to one centre."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.equipment import Workstation
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import KnownError
from hallclient.services.access import ROOTS
from hallclient.services.set_up import centre_from_json, create_hall
from hallclient.system import SystemEntropy
from tests import doubles
from tests.command_line import hallclient
from tests.counters import certified_at, deliver, inspected, make_centre, make_counter, todays_clock
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import DEVICE, PLACE, STAFF, open_hall

COUNTERS = {"device-3": "3", "device-4": "4"}


def test_two_counters_of_a_hall_deliver_to_one_centre(tmp_path: Path) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    sealed = {}
    for device, counter in COUNTERS.items():
        make_counter(tmp_path / device, centre, clock, replace(PLACE, counter=counter), device)
        with_clerk = open_hall(tmp_path / device, clock)
        session = open_session(with_clerk, doubles.equipment(clock))
        walk(session, clock)
        session.close()
        sealed[device] = with_clerk, session.session_id
    for device, (hall, session_id) in sealed.items():
        (delivered,) = deliver(hall, centre)
        assert (delivered.session, delivered.outcome) == (session_id, Outcome.PASSED)
        inspection = inspected(hall, session_id)
        assert inspection.holds
        assert inspection.manifest is not None
        assert inspection.manifest.workstation == Workstation(replace(PLACE, counter=COUNTERS[device]), device)
        assert inspection.manifest.device_sequence == 1  # each device counts its own
        package, roots = str(hall.vault.package(session_id).folder), str(hall.folder / ROOTS)
        said = hallclient("verify", package, "--roots", roots, "--json")
        assert (said.returncode, json.loads(said.stdout)["holds"]) == (0, True)
        hall.close()


@pytest.mark.parametrize(
    "certified",
    [
        Workstation(replace(PLACE, counter="4"), DEVICE),
        Workstation(replace(PLACE, hall="another hall"), DEVICE),
        Workstation(replace(PLACE, channel="agent"), DEVICE),
        Workstation(PLACE, "another device"),
    ],
)
def test_a_certificate_of_another_place_is_not_taken(tmp_path: Path, certified: Workstation) -> None:
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    elsewhere = certified_at(centre, clock, certified.place, certified.device)
    with pytest.raises(KnownError, match="enrolment_differs"):
        create_hall(tmp_path / "hall", PLACE, DEVICE, True, STAFF, clock, SystemEntropy(), elsewhere)


def test_a_counter_that_moved_sends_what_it_did_before(tmp_path: Path) -> None:
    """It is the same device by its key; the package says where it stood when it was sealed."""
    clock = todays_clock()
    centre = make_centre(tmp_path / "central")
    make_counter(tmp_path / "hall", centre, clock)
    hall = open_hall(tmp_path / "hall", clock)
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock)
    session.close()
    moved = replace(PLACE, counter="9")
    signed = centre.enrol(EnrolmentRequest(hall.device_key.public_key()), Workstation(moved, DEVICE))
    answer = centre_from_json(signed.to_json(), "https://127.0.0.1:9", clock)
    file = hall.file.model_copy(update={"place": moved, "centre": answer})
    (delivered,) = deliver(replace(hall, file=file), centre)
    assert delivered.outcome is Outcome.PASSED
    hall.close()
