"""A whole hall for rehearsals: its folder, its staff, its own centre. All of it is marked as practice."""

import re
import shutil
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from hallclient.devices import Clock, Entropy
from hallclient.domain.certificate_issuing import PRACTICE_ISSUER_DAYS
from hallclient.domain.certificate_requests import read_requests
from hallclient.domain.equipment import Place, Workstation
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Staff
from hallclient.regular_file import must_be_text
from hallclient.services.set_up import NewStaff, centre_from_json, create_hall
from hallclient.storage import hall_file
from hallclient.storage.hall_file import CentreEnrolment
from hallclient.storage.store_failures import store_failures
from hallclient.wiring.practice_staff import PRACTICE_STAFF, practice_password, practice_totp_secret

if TYPE_CHECKING:
    from hallclient.central.centre import Centre

# Port 9 is "discard": nothing listens there, so a hall that is told of no other address is offline.
NOBODY = "https://127.0.0.1:9"

_DEVICE = "practice-device"


@cache
def practice_words() -> dict[str, str]:
    """assets/practice.toml."""
    return tomllib.loads((resources.files("assets") / "practice.toml").read_text("utf-8"))


def practice_hall(folder: Path, clock: Clock, entropy: Entropy) -> Path:
    """The practice hall in `folder`/hall with its centre in `folder`/central, made where they are missing.

    Whoever calls holds the hall (`hallclient.cli.instance`): a first start that was broken off is made good here.

    Raises hall_exists when `folder` holds something else, input_invalid when its whole path is no text.
    """
    hall, central = practice_hall_folder(folder), folder / "central"
    whole = hall_file.exists(hall)
    if whole and not hall_file.read(hall).practice:
        raise KnownError(FailureCode.HALL_EXISTS, "not a practice hall")
    _remove_unfinished_centres(central)
    if whole:
        return hall
    words = practice_words()
    place = Place(hall=words["hall"], channel=words["channel"], counter=words["counter"])

    def certified(request: bytes) -> CentreEnrolment:
        enrolment = _centre(central, clock, entropy).enrol(read_requests(request), Workstation(place, _DEVICE))
        return centre_from_json(enrolment.to_json(), NOBODY, clock, str(central.resolve()))

    staff = tuple(
        NewStaff(Staff(number, role), practice_password(number), practice_totp_secret(number))
        for role, number in PRACTICE_STAFF.items()
    )
    create_hall(hall, place, _DEVICE, True, staff, clock, entropy, certified)
    return hall


def practice_hall_folder(folder: Path) -> Path:
    """Where in `folder` the hall is, beside its centre.

    Raises input_invalid when the whole path is no text: the hall's file says where the centre is.
    """
    must_be_text(folder.resolve())
    return folder / "hall"


def _remove_unfinished_centres(central: Path) -> None:
    """What `Centre.create` leaves beside `central` when it is killed."""
    draft = re.compile(rf"\.{re.escape(central.name)}\.[0-9a-f]{{16}}")
    with store_failures(central):
        for path in central.parent.iterdir():
            if draft.fullmatch(path.name):
                shutil.rmtree(path)


def _centre(folder: Path, clock: Clock, entropy: Entropy) -> "Centre":
    """The practice centre in `folder`, founded where it is missing."""
    # Here and not above: it brings the web service's libraries.
    from hallclient.central.centre import Centre  # noqa: PLC0415

    with store_failures(folder):
        if folder.is_dir() and any(folder.iterdir()):
            return Centre.open(folder, clock, entropy)
        return Centre.create(folder, "practice centre", True, clock, entropy, days=PRACTICE_ISSUER_DAYS)
