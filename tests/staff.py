"""People with logins of their own: an authenticator each, and a centre that certifies them."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hallclient.central.centre import Centre
from hallclient.devices import Clock
from hallclient.domain.certificate_requests import read_requests
from hallclient.domain.equipment import Workstation
from hallclient.domain.totp import code_at
from hallclient.services.access import OpenHall, login
from hallclient.services.dispatch import centre_client
from hallclient.services.joining import Joining
from hallclient.services.set_up import centre_from_json, create_hall, enrol, said_roots
from hallclient.services.staff import Invited
from hallclient.services.staff_certification import certify_pending
from hallclient.system import SystemEntropy
from tests.halls import ADMINISTRATOR, DEVICE, FIRST_ADMINISTRATOR, PASSWORD, PLACE, TOTP_SECRET


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a number, a password and an authenticator."""

    number: str
    password: str
    totp_secret: bytes

    def code(self, clock: Clock) -> str:
        return code_at(self.totp_secret, clock.now())

    def open(self, folder: Path, clock: Clock) -> OpenHall:
        return login(folder, self.number, self.password, self.code(clock), clock, SystemEntropy())

    @contextmanager
    def opened(self, folder: Path, clock: Clock) -> Iterator[OpenHall]:
        hall = self.open(folder, clock)
        try:
            yield hall
        finally:
            hall.close()


FIRST = Person(ADMINISTRATOR, PASSWORD, TOTP_SECRET)


def real_hall(folder: Path, centre: Centre, clock: Clock, url: str) -> None:
    """A hall that is no practice hall, with one administrator, enrolled as people do it."""
    request = create_hall(folder, PLACE, DEVICE, False, FIRST_ADMINISTRATOR, clock, SystemEntropy())
    answer = centre.enrol(read_requests(request), Workstation(PLACE, DEVICE)).to_json()
    with FIRST.opened(folder, clock) as hall:
        joined = centre_from_json(answer, url, clock)
        enrol(hall, PASSWORD, joined, said_roots(joined))


def joined(folder: Path, invited: Invited, password: str, clock: Clock) -> Person:
    """Whoever was invited, with a login that no centre has certified yet."""
    joining = Joining(folder, invited.invitation.number, invited.code.lower(), clock, SystemEntropy())
    secret = base64.b32decode(parse_qs(urlsplit(joining.totp_uri).query)["secret"][0])
    assert secret == joining.totp_secret
    joining.finish(password, code_at(secret, clock.now()))
    return Person(invited.invitation.number, password, secret)


def certify(hall: OpenHall, url: str) -> list[str]:
    """As the courier does with each contact."""
    with centre_client(hall, url) as client:
        return certify_pending(hall, client)
