"""Serial readers in the hub: a pseudo-terminal with a virtual reader behind it, beside a real pcscd."""

import re
import tty
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import close, openpty, ttyname
from pathlib import Path
from queue import SimpleQueue

import pytest

from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import ReaderProfile, ReaderProtocol, Transport, load_profiles
from drivers.idcard.sam_session import SamSession
from drivers.idcard.session import ChipContents
from drivers.idcard.transports.serial_port import SerialPort
from drivers.practice.idcard.people import PRACTICE_PERSON
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.reader_process import SerialReaderProcess
from drivers.practice.idcard.virtual_reader import READER_NAME, VirtualReader
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.devices import ReaderState
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.conftest import PATIENCE_S, RealClock, Statuses
from tests.drivers.waiting import eventually
from tests.pcsc_daemon import PROFILES

BRIEFLY_S = 0.3
PORT = re.compile("/port$")
PCSC_NAME = f"{READER_NAME} 00 00"
FIRST, SECOND = (PracticeCard.resident(person=replace(PRACTICE_PERSON, name=f"演练{n}")) for n in "甲乙")


class Computer:
    """Its serial ports, which come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        self.usb_id: str | None = None
        self.listed = SimpleQueue[None]()

    def ports(self) -> list[SerialPort]:
        self.listed.put(None)
        return [SerialPort(name, self.usb_id) for name in self.names]


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


@pytest.fixture
def serial_reader(computer: Computer) -> Iterator[SerialReaderProcess]:
    process = SerialReaderProcess(computer.folder / "port")
    process.start()
    computer.names = [str(process.path)]
    yield process
    process.stop()


OpenHub = Callable[..., ReaderHub]


@pytest.fixture
def open_hub(virtual_reader: VirtualReader, computer: Computer) -> Iterator[OpenHub]:
    hubs: list[ReaderHub] = []

    def open_one(usb_id: str | None = None, *, pcsc: bool = True) -> ReaderHub:
        port = ReaderProfile(
            "own",
            5,
            Transport.SERIAL,
            ReaderProtocol.SAM,
            serial_port=None if usb_id else PORT,
            usb_id=usb_id,
            baud_rates=(115_200, 9_600),
            practice=True,
        )
        profiles = [port, *(load_profiles(PROFILES) if pcsc else ())]
        hubs.append(ReaderHub(profiles, RealClock(), practice=True, ports=computer.ports))
        return hubs[-1]

    yield open_one
    for hub in hubs:
        hub.close()


def refusal(hub: ReaderHub, timeout_s: float = PATIENCE_S, reader: str | None = None) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        hub.read(timeout_s, reader)
    return caught.value.code


def names(hub: ReaderHub) -> set[str]:
    return {status.reader.name for status in hub.readers(PATIENCE_S) if status.reader}


def test_one_card_after_the_other_is_read_on_a_serial_reader(
    serial_reader: SerialReaderProcess, open_hub: OpenHub
) -> None:
    hub = open_hub()
    assert names(hub) == {str(serial_reader.path), PCSC_NAME}
    for card in (FIRST, SECOND):
        serial_reader.insert(card)
        reading = hub.read(PATIENCE_S)
        assert reading.record.raw == card.text
        assert (reading.reader.name, reading.reader.profile) == (str(serial_reader.path), "own")
        assert reading.reader.transport == "serial"
        assert reading.sam_number == "05.99-20200101-0000000001-0000000001"
        serial_reader.remove()


def states(hub: ReaderHub) -> dict[str, ReaderState]:
    return {status.reader.name: status.state for status in hub.readers() if status.reader is not None}


def test_whoever_waits_gets_the_card_from_whichever_reader(
    serial_reader: SerialReaderProcess, virtual_reader: VirtualReader, open_hub: OpenHub
) -> None:
    hub = open_hub()
    assert len(names(hub)) == 2
    with ThreadPoolExecutor(1) as pool:
        for put_down, name in ((virtual_reader, PCSC_NAME), (serial_reader, str(serial_reader.path))) * 2:
            reading = pool.submit(hub.read, PATIENCE_S)
            put_down.insert(FIRST)
            assert reading.result(PATIENCE_S).reader.name == name
            put_down.remove()
            # The service is late on a busy machine; the serial reader is asked only when somebody waits.
            eventually(lambda: states(hub)[PCSC_NAME] is ReaderState.READY)


def test_a_card_that_was_not_lifted_is_told(serial_reader: SerialReaderProcess, open_hub: OpenHub) -> None:
    hub = open_hub()
    assert len(names(hub)) == 2
    serial_reader.insert(FIRST)
    hub.read(PATIENCE_S)
    statuses = Statuses()
    hub.watch(statuses)
    assert refusal(hub, BRIEFLY_S) is FailureCode.CARD_NEEDS_LIFTING
    statuses.wait_for(ReaderState.TROUBLE, FailureCode.CARD_NEEDS_LIFTING)
    serial_reader.insert(FIRST)
    assert hub.read(PATIENCE_S).record.raw == FIRST.text


def test_a_card_that_lay_on_a_serial_reader_is_only_read_once_it_was_found_empty(
    serial_reader: SerialReaderProcess, open_hub: OpenHub
) -> None:
    hub, statuses = open_hub(pcsc=False), Statuses()
    hub.readers(PATIENCE_S)
    serial_reader.insert(FIRST)
    hub.watch(statuses)
    since_s = RealClock().monotonic()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(hub.read, PATIENCE_S, put_down_since_s=since_s)
        statuses.wait_for(ReaderState.TROUBLE, FailureCode.CARD_NEEDS_LIFTING)
        serial_reader.remove()
        statuses.wait_for(ReaderState.READY)
        serial_reader.insert(SECOND)
        assert reading.result(PATIENCE_S).record.raw == SECOND.text
    assert [status.state for status in statuses.seen] == ["ready", "trouble", "ready"]


def test_a_card_on_another_reader_is_read_while_one_waits_to_be_lifted(
    serial_reader: SerialReaderProcess, virtual_reader: VirtualReader, open_hub: OpenHub
) -> None:
    hub, statuses = open_hub(), Statuses()
    assert len(names(hub)) == 2
    hub.watch_each(statuses)
    virtual_reader.insert(FIRST)
    eventually(lambda: any(managed.context.has_card for managed in hub._registry.by_name.values()))
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(hub.read, PATIENCE_S, put_down_since_s=RealClock().monotonic())
        statuses.wait_for(ReaderState.TROUBLE, FailureCode.CARD_NEEDS_LIFTING)
        eventually(lambda: any(managed.context.empty_at_s > 0 for managed in hub._registry.by_name.values()))
        serial_reader.insert(SECOND)
        assert reading.result(PATIENCE_S).record.raw == SECOND.text


def test_without_a_card_it_is_ready_and_asked_again(serial_reader: SerialReaderProcess, open_hub: OpenHub) -> None:
    hub = open_hub()
    assert refusal(hub, BRIEFLY_S, str(serial_reader.path)) is FailureCode.CARD_MISSING
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(hub.read, PATIENCE_S, str(serial_reader.path))
        serial_reader.insert(FIRST)
        assert reading.result(PATIENCE_S).record.raw == FIRST.text


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.CHECKSUM_WRONG, FailureCode.READER_FAILED),
        (Trouble.READ_REFUSED, FailureCode.CARD_UNREADABLE),
        (Trouble.REMOVED_MID_READ, FailureCode.CARD_REMOVED),
        (Trouble.UNPLUGGED_MID_READ, FailureCode.READER_MISSING),
    ],
)
def test_what_goes_wrong_with_a_card_is_told_at_once(
    serial_reader: SerialReaderProcess, open_hub: OpenHub, trouble: Trouble, code: FailureCode
) -> None:
    hub = open_hub()
    serial_reader.insert(FIRST, trouble)
    assert refusal(hub) is code
    if trouble is Trouble.UNPLUGGED_MID_READ:
        serial_reader.stop()
        serial_reader.start()
    else:
        serial_reader.remove()
    serial_reader.insert(SECOND)
    assert hub.read(PATIENCE_S).record.raw == SECOND.text


def test_it_is_found_when_it_is_plugged_in_and_lost_when_it_is_pulled(
    serial_reader: SerialReaderProcess, computer: Computer, open_hub: OpenHub
) -> None:
    (name,) = computer.names
    computer.names = []
    hub = open_hub(pcsc=False)
    statuses = Statuses()
    hub.watch(statuses)
    for _ in range(2):
        statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_MISSING)
        computer.names = [name]
        status = statuses.wait_for(ReaderState.READY)
        assert status.reader is not None
        assert status.reader.name == name
        computer.names = []


def test_the_service_may_be_down_while_a_serial_reader_works(
    serial_reader: SerialReaderProcess, virtual_reader: VirtualReader, open_hub: OpenHub
) -> None:
    hub = open_hub()
    assert len(names(hub)) == 2
    gone = Statuses()
    hub.watch_each(gone)
    virtual_reader.daemon.kill()
    status = gone.wait_for(ReaderState.TROUBLE, FailureCode.READER_MISSING)
    assert status.reader is not None
    assert status.reader.name == PCSC_NAME
    assert names(hub) == {str(serial_reader.path)}
    serial_reader.insert(FIRST)
    assert hub.read(PATIENCE_S).record.raw == FIRST.text


@pytest.fixture
def dumb_port(computer: Computer) -> Iterator[str]:
    """A port behind which nothing answers."""
    other_side, port = openpty()
    tty.setraw(port)
    (computer.folder / "port").symlink_to(ttyname(port))
    computer.names = [str(computer.folder / "port")]
    yield computer.names[0]
    close(other_side)
    close(port)


def test_a_port_where_nobody_answers_is_no_reader(dumb_port: str, open_hub: OpenHub) -> None:
    assert names(open_hub()) == {PCSC_NAME}


def test_a_known_device_that_does_not_answer_is_a_reader_in_trouble(
    dumb_port: str, computer: Computer, open_hub: OpenHub
) -> None:
    computer.usb_id = "0000:0001"
    statuses = Statuses()
    hub = open_hub(computer.usb_id, pcsc=False)
    hub.watch(statuses)
    status = statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_FAILED)
    assert status.reader is not None
    assert status.reader.name == dumb_port


def test_a_mistake_while_listing_ports_is_reported_and_the_other_readers_are_told_of(
    virtual_reader: VirtualReader,
) -> None:
    reported, statuses = [], Statuses()

    def ports() -> list[SerialPort]:
        if not reported:
            raise ZeroDivisionError
        return []

    def report(error: BaseException) -> str:
        reported.append(type(error))
        return "7K2M9Q"

    hub = ReaderHub(load_profiles(PROFILES), RealClock(), practice=True, ports=ports, report_bug=report)
    hub.watch(statuses)
    statuses.wait_for(ReaderState.READY)
    virtual_reader.insert(FIRST)
    assert hub.read(PATIENCE_S).record.number == PRACTICE_PERSON.number
    assert reported == [ZeroDivisionError]
    hub.close()


def test_a_mistake_while_a_card_is_read_is_reported_and_the_next_card_is_read(
    virtual_reader: VirtualReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, mistakes = SamSession.read, [ZeroDivisionError()]

    def breaks_once(session: SamSession) -> ChipContents:
        if mistakes:
            raise mistakes.pop()
        return read(session)

    monkeypatch.setattr(SamSession, "read", breaks_once)
    hub = ReaderHub(load_profiles(PROFILES), RealClock(), practice=True, report_bug=lambda _: "7K2M9Q")
    virtual_reader.insert(FIRST)
    with pytest.raises(KnownError) as caught:
        hub.read(PATIENCE_S)
    assert (caught.value.code, caught.value.detail, caught.value.number) == (FailureCode.INTERNAL_ERROR, "", "7K2M9Q")
    virtual_reader.remove()
    virtual_reader.insert(SECOND)
    assert hub.read(PATIENCE_S).record.number == PRACTICE_PERSON.number
    hub.close()
