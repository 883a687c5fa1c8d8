"""Somebody at the counter's computer, with the product's own commands, the hall's folder, and a centre of their own."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.domain.certificate_requests import read_requests
from hallclient.domain.equipment import Workstation
from hallclient.services.access import REQUEST
from hallclient.services.set_up import centre_from_json, create_hall, said_roots
from hallclient.system import SystemClock, SystemEntropy
from tests import doubles
from tests.attacks.answers import answered
from tests.clock import HandClock
from tests.command_line import Done, hallclient
from tests.counters import certified_at, make_centre, todays_clock
from tests.hallclient.central.running import running
from tests.hallclient.services.sessions import open_session, walk
from tests.halls import ADMINISTRATOR, CLERK, DEVICE, PASSWORD, PLACE, STAFF, code_now, open_hall


@dataclass
class Computer:
    """A counter, and the centre of somebody who came by."""

    folder: Path
    foreign: Centre
    own_url: str
    foreign_url: str

    def run(self, *arguments: str, **secrets: str) -> Done:
        (self.folder / "hall" / "logins.json").unlink(missing_ok=True)  # as if the 30 s of a code were over
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HALLCLIENT_")}
        done = hallclient(*arguments, "--data", "hall", folder=self.folder, environment={**environment, **secrets})
        answered(f"exit {done.returncode} {code_of(done)}".rstrip())
        return done

    def enrol(self, *options: str, **secrets: str) -> Done:
        """`hallclient hall enrol`, with what the centre of their own answers to the request in the folder."""
        requests = read_requests((self.folder / "hall" / REQUEST).read_bytes())
        answer = self.foreign.enrol(requests, Workstation(PLACE, DEVICE)).to_json()
        (self.folder / "answer.json").write_bytes(answer)
        root = said_roots(centre_from_json(answer, self.foreign_url, SystemClock()))
        where = ("--url", self.foreign_url, "--root-sha256", root)
        return self.run("hall", "enrol", "answer.json", *where, *options, **secrets)

    def login(self) -> dict[str, str]:
        return {"HALLCLIENT_PASSWORD": PASSWORD, "HALLCLIENT_CODE": code_now(SystemClock())}


def code_of(done: Done) -> str:
    """The failure's code, where there is one."""
    return done.stderr.split()[0].rstrip(":") if done.returncode == 2 else ""


@pytest.fixture
def clock() -> HandClock:
    return todays_clock()


@pytest.fixture
def computer(tmp_path: Path, clock: HandClock) -> Iterator[Computer]:
    own, foreign = make_centre(tmp_path / "own"), make_centre(tmp_path / "foreign")
    with running(own) as own_url, running(foreign) as url:
        certified = certified_at(own, clock, url=own_url)
        create_hall(tmp_path / "hall", PLACE, DEVICE, True, STAFF, clock, SystemEntropy(), certified)
        yield Computer(tmp_path, foreign, own_url, url)


@pytest.fixture
def waiting(computer: Computer, clock: HandClock) -> None:
    """A sealed session in the counter's outbox."""
    hall = open_hall(computer.folder / "hall", clock)
    session = open_session(hall, doubles.equipment(clock, matcher=doubles.Matcher(0.6)))
    walk(session, clock)
    session.close()
    hall.close()


@pytest.mark.attack("T1", "hallclient hall enrol without a login")
@pytest.mark.parametrize(
    ("staff", "code"),
    [((), "input_invalid"), (("--staff", ADMINISTRATOR), "input_invalid")],
    ids=["nobody", "a number"],
)
def test_nobody_joins_a_hall_to_a_centre_of_their_own(staff: tuple[str, ...], code: str, computer: Computer) -> None:
    before = (computer.folder / "hall" / "hall.json").read_bytes()
    done = computer.enrol(*staff)
    assert (done.returncode, done.stdout, code_of(done)) == (2, "", code)
    assert (computer.folder / "hall" / "hall.json").read_bytes() == before


@pytest.mark.attack("T1", "hallclient hall enrol to a foreign centre with a genuine login")
@pytest.mark.parametrize(("staff", "code"), [(CLERK, "not_permitted"), (ADMINISTRATOR, "roots_changed")])
def test_nor_does_somebody_with_a_login(staff: str, code: str, computer: Computer) -> None:
    before = (computer.folder / "hall" / "hall.json").read_bytes()
    done = computer.enrol("--staff", staff, **computer.login())
    assert (done.returncode, done.stdout, code_of(done)) == (2, "", code)
    assert (computer.folder / "hall" / "hall.json").read_bytes() == before


@pytest.mark.attack("T1", "the honest clerk's next queue send, after somebody else was at the PC")
def test_the_next_send_of_an_honest_clerk_goes_to_nobody_elses_centre(computer: Computer, waiting: None) -> None:
    computer.enrol()
    document = (computer.folder / "hall" / "hall.json").read_text()
    (computer.folder / "hall" / "hall.json").write_text(document.replace(computer.own_url, computer.foreign_url))
    send = ("queue", "send", "--staff", CLERK, "--json")
    forged = computer.run(*send, **computer.login())
    assert (forged.returncode, code_of(forged)) == (2, "hall_tampered")
    (computer.folder / "hall" / "hall.json").write_text(document)
    sent = computer.run(*send, **computer.login())
    assert (sent.returncode, json.loads(sent.stdout)["accepted"]) == (0, 1), sent.stderr
    assert list((computer.folder / "own").rglob("*.enc"))
    assert not list((computer.folder / "foreign").rglob("*.enc"))
    answered("and the session went to the hall's own centre")
