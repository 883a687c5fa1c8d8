"""The whole stack: our reader, pyscard, a real pcscd, our handler, and the virtual SAM in its own process."""

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from smartcard import scard

from drivers.idcard.hub import CLOSING_LIMIT_S, ReaderHub
from drivers.idcard.portrait import OpenPortraitDecoder
from drivers.idcard.service_monitor import REPOLL_INTERVAL_S
from drivers.practice.idcard.daemon import PcscDaemon, daemon_folder
from drivers.practice.idcard.handler_build import built_handler
from drivers.practice.idcard.people import PRACTICE_PERSON
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.reader_process import ReaderProcess
from drivers.practice.idcard.virtual_reader import READER_NAME, VirtualReader
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import BugError, FailureCode, KnownError
from tests.drivers.idcard.conftest import PATIENCE_S, RealClock, Statuses
from tests.drivers.waiting import eventually
from tests.pcsc_daemon import BUILD_CACHE, PROFILES, ROOT

BRIEFLY_S = 0.2
CARD = PracticeCard.resident(np.full((126, 102, 3), (60, 120, 180), np.uint8))

OpenReader = Callable[..., ReaderHub]


def refusal(reader: ReaderHub, timeout_s: float = PATIENCE_S) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        reader.read(timeout_s)
    return caught.value.code


@contextmanager
def another_program(share_mode: int) -> Iterator[None]:
    """Holds the first reader open."""
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, names = scard.SCardListReaders(context, [])
    # The virtual reader has told its handler of the card, but perhaps the service has not looked yet.
    scard.SCardGetStatusChange(context, round(PATIENCE_S * 1000), [(names[0], scard.SCARD_STATE_EMPTY)])
    result, card, _ = scard.SCardConnect(context, names[0], share_mode, scard.SCARD_PROTOCOL_ANY)
    assert result == scard.SCARD_S_SUCCESS
    try:
        yield
    finally:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)


def test_a_new_address_is_read_where_the_reader_offers_it(
    virtual_reader: VirtualReader, card_reader: ReaderHub
) -> None:
    address = "演练省演练市演练路2号"
    virtual_reader.insert(replace(CARD, new_address=address.ljust(35).encode("utf-16-le")))
    assert card_reader.read(PATIENCE_S).new_address == address


def test_a_card_that_lies_there_is_read(virtual_reader: VirtualReader, card_reader: ReaderHub) -> None:
    virtual_reader.insert(CARD)
    reading = card_reader.read(PATIENCE_S)
    assert (reading.record.name, reading.record.number) == (PRACTICE_PERSON.name, PRACTICE_PERSON.number)
    assert (reading.record.raw, reading.portrait) == (CARD.text, CARD.portrait)
    assert reading.sam_number == "05.99-20200101-0000000001-0000000001"
    assert reading.reader.name.startswith(READER_NAME)
    assert (reading.reader.profile, reading.reader.transport, reading.reader.practice) == (
        "simulated",
        "pcsc-escape",
        True,
    )
    picture = OpenPortraitDecoder().decode(reading.portrait)
    assert picture is not None
    assert np.abs(picture.astype(int) - (60, 120, 180)).max() < 12


def test_a_card_is_read_as_soon_as_it_is_put_down(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(card_reader.read, PATIENCE_S)
        virtual_reader.insert(CARD)
        assert reading.result(PATIENCE_S).record.raw == CARD.text
    statuses.wait_for(ReaderState.READING)
    read = statuses.wait_for(ReaderState.CARD_READ)
    assert read.reader is not None
    assert read.reader.practice
    virtual_reader.remove()
    statuses.wait_for(ReaderState.READY)
    assert [status.state for status in statuses.seen] == ["ready", "reading", "card_read", "ready"]


@pytest.mark.expects_log("unforeseen")
def test_a_listener_that_breaks_costs_no_reader_its_thread(
    virtual_reader: VirtualReader, card_reader: ReaderHub
) -> None:
    """The thread ended at the first word it had for the listener, and the next card was never read."""
    broken: list[ReaderState] = []

    def breaks(status: ReaderStatus) -> None:
        broken.append(status.state)
        raise ZeroDivisionError

    card_reader.watch(breaks)
    card_reader.watch_each(breaks)
    for _ in range(2):
        virtual_reader.insert(CARD)
        assert card_reader.read(PATIENCE_S).record.raw == CARD.text
        virtual_reader.remove()
    assert ReaderState.READING in broken


def test_a_card_is_not_read_while_nobody_asks(virtual_reader: VirtualReader, statuses: Statuses) -> None:
    virtual_reader.insert(CARD)
    virtual_reader.remove()
    virtual_reader.daemon.stop()
    statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_SERVICE_DOWN)
    assert [status.state for status in statuses.seen] == ["ready", "trouble"]


def test_no_card(card_reader: ReaderHub, statuses: Statuses) -> None:
    assert refusal(card_reader, BRIEFLY_S) is FailureCode.CARD_MISSING


def test_a_second_read_needs_lifting(virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses) -> None:
    virtual_reader.insert(CARD)
    card_reader.read(PATIENCE_S)
    for _ in range(2):
        assert refusal(card_reader) is FailureCode.CARD_NEEDS_LIFTING
    statuses.wait_for(ReaderState.TROUBLE, FailureCode.CARD_NEEDS_LIFTING)
    virtual_reader.remove()
    virtual_reader.insert(CARD)
    assert card_reader.read(PATIENCE_S).record.raw == CARD.text


def test_a_card_that_another_read_before_us_needs_lifting(
    virtual_reader: VirtualReader, open_reader: OpenReader
) -> None:
    virtual_reader.insert(CARD)
    open_reader().read(PATIENCE_S)
    assert refusal(open_reader()) is FailureCode.CARD_NEEDS_LIFTING


def seen_to_lie(reader: ReaderHub) -> None:
    """Until the hub knows of a card."""
    eventually(lambda: any(managed.context.has_card for managed in reader._registry.by_name.values()))


@pytest.mark.parametrize("seen_to_come", [True, False], ids=["seen to come", "there at the first look"])
def test_a_card_that_lay_there_before_is_only_read_once_it_was_lifted(
    virtual_reader: VirtualReader, open_reader: OpenReader, seen_to_come: bool
) -> None:
    statuses = Statuses()
    if seen_to_come:
        reader = open_reader()
        reader.watch(statuses)
        statuses.wait_for(ReaderState.READY)
    virtual_reader.insert(CARD)
    if not seen_to_come:
        reader = open_reader()
        reader.watch(statuses)
    seen_to_lie(reader)
    since_s = RealClock().monotonic()
    for _ in range(2):
        with pytest.raises(KnownError) as caught:
            reader.read(BRIEFLY_S, put_down_since_s=since_s)
        assert caught.value.code is FailureCode.CARD_NEEDS_LIFTING
    statuses.wait_for(ReaderState.TROUBLE, FailureCode.CARD_NEEDS_LIFTING)
    assert ReaderState.READING not in [status.state for status in statuses.seen]
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(reader.read, PATIENCE_S, put_down_since_s=since_s)
        virtual_reader.remove()
        statuses.wait_for(ReaderState.READY)
        virtual_reader.insert(CARD)
        assert reading.result(PATIENCE_S).record.raw == CARD.text


def test_a_card_that_is_put_down_since_is_read_at_once(virtual_reader: VirtualReader, card_reader: ReaderHub) -> None:
    card_reader.readers(PATIENCE_S)
    since_s = RealClock().monotonic()
    virtual_reader.insert(CARD)
    assert card_reader.read(PATIENCE_S, put_down_since_s=since_s).record.raw == CARD.text


def test_whoever_asks_for_no_time_reads_a_card_that_another_was_told_to_lift(
    virtual_reader: VirtualReader, card_reader: ReaderHub
) -> None:
    card_reader.readers(PATIENCE_S)
    virtual_reader.insert(CARD)
    seen_to_lie(card_reader)
    with pytest.raises(KnownError):
        card_reader.read(BRIEFLY_S, put_down_since_s=RealClock().monotonic())
    assert card_reader.read(PATIENCE_S).record.raw == CARD.text


def test_taken_away_mid_read(virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses) -> None:
    virtual_reader.insert(CARD, Trouble.REMOVED_MID_READ)
    assert refusal(card_reader) is FailureCode.CARD_REMOVED
    statuses.wait_for(ReaderState.READING)
    statuses.wait_for(ReaderState.READY)
    virtual_reader.insert(CARD)
    assert card_reader.read(PATIENCE_S).record.raw == CARD.text


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.CHECKSUM_WRONG, FailureCode.READER_FAILED),
        (Trouble.READ_REFUSED, FailureCode.CARD_UNREADABLE),
        (Trouble.SAM_MISSING, FailureCode.READER_WITHOUT_SAM),
    ],
)
def test_trouble_lasts_until_the_card_leaves(
    virtual_reader: VirtualReader,
    card_reader: ReaderHub,
    statuses: Statuses,
    trouble: Trouble,
    code: FailureCode,
) -> None:
    virtual_reader.insert(CARD, trouble)
    assert refusal(card_reader) is code
    statuses.wait_for(ReaderState.TROUBLE, code)
    virtual_reader.remove()
    statuses.wait_for(ReaderState.READY)


@pytest.mark.parametrize(
    ("at", "patch", "code"),
    [
        (0, b"\x00\xd8", FailureCode.CARD_UNREADABLE),
        (248, "Q".encode("utf-16-le"), FailureCode.CARD_KIND_UNSUPPORTED),
    ],
)
def test_a_record_that_we_cannot_use(
    virtual_reader: VirtualReader, card_reader: ReaderHub, at: int, patch: bytes, code: FailureCode
) -> None:
    text = CARD.text[:at] + patch + CARD.text[at + len(patch) :]
    virtual_reader.insert(PracticeCard(text))
    assert refusal(card_reader) is code


def test_a_silent_reader_does_not_hold_us_beyond_our_time(
    virtual_reader: VirtualReader, card_reader: ReaderHub
) -> None:
    virtual_reader.insert(CARD, Trouble.SILENT)
    assert refusal(card_reader, BRIEFLY_S) is FailureCode.READER_FAILED
    virtual_reader.remove()  # or the reader's thread would wait for the handler's own limit


def test_no_service(virtual_reader: VirtualReader, open_reader: OpenReader) -> None:
    virtual_reader.daemon.stop()
    reader = open_reader()
    assert refusal(reader, BRIEFLY_S) is FailureCode.READER_SERVICE_DOWN
    virtual_reader.daemon.start()
    virtual_reader.insert(CARD)
    assert reader.read(PATIENCE_S).record.raw == CARD.text


def test_a_service_that_is_killed_and_started_again(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(card_reader.read, 2 * PATIENCE_S)
        for _ in range(2):
            virtual_reader.daemon.kill()
            statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_SERVICE_DOWN)
            virtual_reader.daemon.start()
            statuses.wait_for(ReaderState.READY)
        virtual_reader.insert(CARD)
        assert reading.result(PATIENCE_S).record.raw == CARD.text


def test_a_service_that_is_killed_mid_read(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    virtual_reader.insert(CARD, Trouble.SILENT)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(card_reader.read, PATIENCE_S)
        statuses.wait_for(ReaderState.READING)
        virtual_reader.daemon.kill()
        with pytest.raises(KnownError) as caught:
            reading.result(PATIENCE_S)
    assert caught.value.code is FailureCode.READER_SERVICE_DOWN


@contextmanager
def stopped(pid: int | None) -> Iterator[Callable[[], None]]:
    """A process hangs, until the block ends or what it gives is called."""

    def go_on() -> None:
        os.kill(pid or 0, signal.SIGCONT)

    os.kill(pid or 0, signal.SIGSTOP)
    try:
        yield go_on
    finally:
        go_on()


def reader_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("card-reader")]


def test_a_service_that_hangs_is_told_and_is_well_again_when_it_goes_on(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    threads = sorted(reader_threads())
    for _ in range(2):
        with stopped(virtual_reader.daemon.pid):
            statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_SERVICE_HUNG)
            assert refusal(card_reader, BRIEFLY_S) is FailureCode.READER_SERVICE_HUNG
            with pytest.raises(KnownError, match=FailureCode.READER_SERVICE_HUNG):
                card_reader.readers()
        statuses.wait_for(ReaderState.READY)
    with ThreadPoolExecutor(1) as pool, stopped(virtual_reader.daemon.pid) as go_on:
        reading = pool.submit(card_reader.read, 2 * PATIENCE_S)
        statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_SERVICE_HUNG)
        go_on()
        virtual_reader.insert(CARD)
        assert reading.result(PATIENCE_S).record.raw == CARD.text
    eventually(lambda: sorted(reader_threads()) == threads)


def test_a_service_that_hangs_and_is_killed_is_replaced(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    os.kill(virtual_reader.daemon.pid or 0, signal.SIGSTOP)
    statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_SERVICE_HUNG)
    virtual_reader.daemon.kill()
    statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_SERVICE_DOWN)
    virtual_reader.daemon.start()
    statuses.wait_for(ReaderState.READY)


@pytest.mark.may_log("card-reader.* does not end and is left behind")
@pytest.mark.parametrize("told", [True, False])
def test_closing_does_not_wait_for_a_service_that_hangs(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses, told: bool
) -> None:
    with stopped(virtual_reader.daemon.pid):
        if told:
            statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_SERVICE_HUNG)
        closes_in_time(card_reader)
        assert reader_threads()
    eventually(lambda: not reader_threads())


@pytest.mark.may_log("card-reader.* does not end and is left behind")
def test_closing_does_not_wait_for_a_reader_that_hangs_and_ends_the_read_that_does(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    virtual_reader.insert(CARD, Trouble.SILENT)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(card_reader.read, 2 * PATIENCE_S)
        statuses.wait_for(ReaderState.READING)
        with stopped(virtual_reader.daemon.pid):
            closes_in_time(card_reader)
            with pytest.raises(KnownError) as caught:
                reading.result(PATIENCE_S)
    assert (caught.value.code, caught.value.detail) == (FailureCode.READER_MISSING, "closed")
    virtual_reader.remove()
    eventually(lambda: not reader_threads())


# Opens a hub on the daemon of whoever started it, and closes it when it is told to.
ANOTHER_COUNTER = """
import sys
from pathlib import Path
from drivers.idcard.hub import ReaderHub
from drivers.idcard.profiles import load_profiles
from hallclient.system import SystemClock

hub = ReaderHub(load_profiles(Path(sys.argv[1])), SystemClock(), practice=True)
print(len(hub.readers(60.0)), flush=True)
sys.stdin.readline()
hub.close()
"""


def test_a_process_ends_although_the_service_of_the_computer_still_hangs(virtual_reader: VirtualReader) -> None:
    command = (sys.executable, "-c", ANOTHER_COUNTER, str(PROFILES))
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as counter:
        try:
            assert counter.stdout is not None
            assert counter.stdout.readline() == "1\n"
            with stopped(virtual_reader.daemon.pid):
                counter.communicate("\n", timeout=CLOSING_LIMIT_S + PATIENCE_S)
        finally:
            counter.kill()
    assert counter.returncode == 0


def closes_in_time(reader: ReaderHub) -> None:
    """In a thread, so that the test ends when it does not."""
    assert CLOSING_LIMIT_S <= 3.0  # a clerk who goes home stands there
    closing = threading.Thread(target=reader.close, daemon=True)
    closing.start()
    closing.join(CLOSING_LIMIT_S + PATIENCE_S)
    assert not closing.is_alive()


def test_a_reader_that_hangs_is_told_and_is_well_again_when_it_goes_on(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    with stopped(virtual_reader.process.pid):
        statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_MISSING)
    statuses.wait_for(ReaderState.READY)


@pytest.mark.may_log("the practice reader's process ended with -9 and is started again")
def test_a_practice_reader_that_dies_is_replaced_with_the_card_on_it(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for pcscd to miss it: a reader that is there again at once was never away.
    monkeypatch.setattr("drivers.practice.idcard.reader_process._RESTART_PAUSES_S", (3.0,))
    for card in (CARD, None):
        if card is not None:
            virtual_reader.insert(card)
        dead = virtual_reader.process.pid
        os.kill(dead or 0, signal.SIGKILL)
        statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_MISSING)
        statuses.wait_for(ReaderState.READY)
        assert virtual_reader.process.pid != dead
        if card is not None:
            assert card_reader.read(PATIENCE_S).record.raw == CARD.text
            virtual_reader.remove()
        else:
            assert refusal(card_reader, BRIEFLY_S) is FailureCode.CARD_MISSING


def test_a_reader_that_is_unplugged_and_comes_back(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    virtual_reader.process.stop()
    gone = statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_MISSING)
    assert gone.reader is None
    assert refusal(card_reader, BRIEFLY_S) is FailureCode.READER_MISSING
    virtual_reader.process.start()
    statuses.wait_for(ReaderState.READY)
    virtual_reader.insert(CARD)
    assert card_reader.read(PATIENCE_S).record.raw == CARD.text


def test_a_busy_reader_is_used_once_it_is_free(
    virtual_reader: VirtualReader, card_reader: ReaderHub, statuses: Statuses
) -> None:
    virtual_reader.insert(CARD)
    with ThreadPoolExecutor(1) as pool:
        with another_program(scard.SCARD_SHARE_EXCLUSIVE):
            assert refusal(card_reader, BRIEFLY_S) is FailureCode.READER_BUSY
            reading = pool.submit(card_reader.read, PATIENCE_S)
            statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_BUSY)
        assert reading.result(REPOLL_INTERVAL_S + PATIENCE_S).record.raw == CARD.text


def test_a_shared_reader_is_shared(virtual_reader: VirtualReader, card_reader: ReaderHub) -> None:
    virtual_reader.insert(CARD)
    with another_program(scard.SCARD_SHARE_SHARED):
        assert card_reader.read(PATIENCE_S).record.raw == CARD.text


def test_a_practice_reader_never_passes_for_a_real_one(virtual_reader: VirtualReader, open_reader: OpenReader) -> None:
    virtual_reader.insert(CARD)
    assert refusal(open_reader(practice=False), BRIEFLY_S) is FailureCode.READER_MISSING


def test_the_reader_with_the_card_is_used(virtual_reader: VirtualReader, open_reader: OpenReader) -> None:
    virtual_reader.daemon.stop()
    second = ReaderProcess(daemon_folder() / "second.sock")
    both = {READER_NAME: daemon_folder() / "reader.sock", f"{READER_NAME} B": daemon_folder() / "second.sock"}
    daemon = PcscDaemon(built_handler(BUILD_CACHE), both)
    second.start()
    daemon.start()
    try:
        second.insert(CARD)
        assert open_reader().read(PATIENCE_S).reader.name.startswith(f"{READER_NAME} B")
    finally:
        daemon.stop()
        second.stop()


def test_two_reads_at_once_are_our_own_mistake(virtual_reader: VirtualReader, card_reader: ReaderHub) -> None:
    with ThreadPoolExecutor(1) as pool:
        virtual_reader.insert(CARD, Trouble.SILENT)
        statuses = Statuses()
        card_reader.watch(statuses)
        first = pool.submit(card_reader.read, PATIENCE_S)
        statuses.wait_for(ReaderState.READING)
        with pytest.raises(BugError):
            card_reader.read(BRIEFLY_S)
        virtual_reader.process.stop()
        assert isinstance(first.exception(PATIENCE_S), KnownError)


def test_closing_ends_a_waiting_read_and_leaves_no_thread(
    card_reader: ReaderHub, statuses: Statuses, virtual_reader: VirtualReader
) -> None:
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(card_reader.read, PATIENCE_S)
        virtual_reader.insert(PracticeCard(CARD.text), Trouble.SAM_MISSING)
        assert isinstance(reading.exception(PATIENCE_S), KnownError)
        virtual_reader.remove()
        statuses.wait_for(ReaderState.READY)
        reading = pool.submit(card_reader.read, PATIENCE_S)
        card_reader.close()
        with pytest.raises(KnownError) as caught:
            reading.result(PATIENCE_S)
    assert caught.value.code is FailureCode.READER_MISSING
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("card-reader")]


def test_many_reads_in_a_row_leave_nothing_behind(virtual_reader: VirtualReader, open_reader: OpenReader) -> None:
    def left_open() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir())) + threading.active_count()

    reader = open_reader()
    virtual_reader.insert(CARD)
    reader.read(PATIENCE_S)  # everything that stays open is open now
    virtual_reader.remove()
    before = left_open()
    for _ in range(100):
        virtual_reader.insert(CARD)
        reader.read(PATIENCE_S)
        assert refusal(reader) is FailureCode.CARD_NEEDS_LIFTING
        virtual_reader.remove()
    assert left_open() <= before + 1


def test_late_news_of_a_card_that_was_just_read_make_no_other_card_of_it(
    virtual_reader: VirtualReader, open_reader: OpenReader
) -> None:
    """Seen on a busy machine: the card's coming was told long after it was read, and then it was called unreadable."""
    reader = open_reader()
    virtual_reader.insert(CARD)
    reader.read(PATIENCE_S)
    context = next(iter(reader._registry.by_name.values())).context
    with reader._registry.lock:
        context.card_read = False  # as late news leave it
    assert refusal(reader) is FailureCode.CARD_NEEDS_LIFTING


def test_waiting_costs_no_processor_time(card_reader: ReaderHub, statuses: Statuses) -> None:
    before_s = spent_s()
    assert refusal(card_reader, 1.0) is FailureCode.CARD_MISSING
    assert spent_s() - before_s < 0.1


def spent_s() -> float:
    """The processor's seconds of whoever reads and of the hub's threads, whatever else this process has left over."""
    threads = [thread for thread in threading.enumerate() if thread.name.startswith(("card-reader", "serial-port"))]
    assert len(threads) >= 4  # both monitors, who sees to answers, and the reader's own
    tasks = [threading.get_native_id(), *(thread.native_id for thread in threads)]
    # proc(5): after the name in brackets, user and system time are the 12th and 13th field, in clock ticks.
    fields = [Path(f"/proc/self/task/{task}/stat").read_text("ascii").rpartition(")")[2].split() for task in tasks]
    return sum(int(user) + int(system) for *_, user, system in (found[:13] for found in fields)) / os.sysconf(
        "SC_CLK_TCK"
    )


def test_nothing_personal_reaches_arguments_environment_or_disk(virtual_reader: VirtualReader) -> None:
    virtual_reader.insert(CARD)
    secrets = [PRACTICE_PERSON.number.encode(), CARD.text[:30]]
    children = [
        child
        for thread in Path("/proc/self/task").iterdir()
        for child in (thread / "children").read_text("ascii").split()
    ]
    assert len(children) >= 2
    for child in children:
        for place in ("cmdline", "environ"):
            content = (Path("/proc") / child / place).read_bytes()
            assert not any(secret in content for secret in secrets)
    folder = daemon_folder()
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets)
