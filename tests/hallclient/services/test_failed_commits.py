"""A full disk at the moment of a move: nothing has happened, in memory as on the disk, and the next try does it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hallclient.domain.scene import Step
from hallclient.services.verification import Verification

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence import FileKind
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.liveness import Refusal
from hallclient.domain.session import AbandonReason, State
from hallclient.services import ending, sealing, verification
from hallclient.services.access import OpenHall
from hallclient.storage import sessions
from hallclient.storage.database import Database
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    STROKES,
    UNSEEN,
    do_step,
    open_session,
    plug_in,
    read_notice,
    shown,
    unplug,
    walk,
)

Do = Callable[[Verification, HandClock], object]
FULL = KnownError(FailureCode.DISK_FULL, "store.db")


def compare(session: Verification, clock: HandClock) -> None:
    session.give_consent(True)
    session.compare(shown(session))


def leave_to_supervisor(session: Verification, _: HandClock) -> None:
    session.give_consent(True)
    unplug(session)
    try:
        session.compare(UNSEEN)
    except KnownError as error:
        if error.code is FULL.code:
            raise
    session.leave_to_supervisor()


MOVES: dict[str, tuple[Step, Do]] = {
    "card": (Step.CARD, lambda session, _: session.read_card(1.0)),
    "precheck": (Step.PRECHECK, lambda session, _: session.precheck()),
    "consent shown": (Step.PORTRAIT, lambda session, _: session.consent_text()),
    "consent given": (Step.PORTRAIT, lambda session, _: session.give_consent(True)),
    "consent refused": (Step.PORTRAIT, lambda session, _: session.give_consent(False)),
    "left to the supervisor": (Step.PORTRAIT, leave_to_supervisor),
    "face": (Step.PORTRAIT, compare),
    "notice shown": (Step.NOTICE, lambda session, _: session.notice()),
    "notice read": (Step.NOTICE, read_notice),
    "notice signed": (Step.SIGNATURE, lambda session, _: session.sign(STROKES, "pen")),
    "sealed": (Step.FINISH, lambda session, _: session.seal()),
    "abandoned": (Step.NOTICE, lambda session, _: session.abandon(AbandonReason.CUSTOMER_WITHDREW)),
}


class FullDisk:
    """The disk is full once: at the `at`-th transaction from now on."""

    def __init__(self, at: int) -> None:
        self._to_go = at
        self.was_full = False

    def fill(self) -> None:
        self._to_go -= 1
        if self._to_go == 0:
            self.was_full = True
            raise FULL


def full_at_append(monkeypatch: pytest.MonkeyPatch, disk: FullDisk) -> None:
    for module in (verification, sealing, ending):
        append = module.append  # type: ignore[attr-defined]

        def full(tables: Any, event: Any, append: Callable[[Any, Any], None] = append) -> None:
            append(tables, event)
            disk.fill()

        monkeypatch.setattr(module, "append", full)


def full_at_commit(monkeypatch: pytest.MonkeyPatch, disk: FullDisk) -> None:
    transaction = Database.transaction

    @contextmanager
    def full(database: Database) -> Iterator[Any]:
        with transaction(database) as tables:
            yield tables
            disk.fill()

    monkeypatch.setattr(Database, "transaction", full)


def stored(hall: OpenHall, session: Verification) -> sessions.StoredSession:
    with hall.database.reading() as tables:
        return sessions.load(tables, session.session_id)


@pytest.mark.parametrize("fill", [full_at_append, full_at_commit])
@pytest.mark.parametrize("move", MOVES)
def test_a_move_that_the_disk_refused_can_be_made_again(
    move: str,
    fill: Callable[[pytest.MonkeyPatch, FullDisk], None],
    hall: OpenHall,
    clock: HandClock,
) -> None:
    step, do = MOVES[move]
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=step)
    at = 1
    while True:  # each transaction of the move in its turn
        with pytest.MonkeyPatch.context() as patches:
            disk = FullDisk(at)
            fill(patches, disk)
            if do_or_fail(do, session, clock):
                break
        assert disk.was_full
        assert session._stored == stored(hall, session)
        session.restart_reading()
        assert FileKind.READING.file_name not in files(hall, session) or session.facts.reading is not None
        at += 1
    assert at > 1, "the move has no transaction"
    assert session._stored == stored(hall, session)
    session.close()
    assert {name for name in files(hall, session) if name.startswith("reading")} == (
        {FileKind.READING.file_name} if session.facts.reading is not None else set()
    )


def files(hall: OpenHall, session: Verification) -> list[str]:
    """What lies in the session's folder, whole or half written."""
    folder = hall.vault.package(session.session_id).folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def do_or_fail(do: Do, session: Verification, clock: HandClock) -> bool:
    try:
        do(session, clock)
    except KnownError as error:
        assert error is FULL
        return False
    return True


def test_a_passed_check_that_the_disk_did_not_take_costs_no_attempt_and_opens_nothing(
    hall: OpenHall, clock: HandClock
) -> None:
    """The disk is full from the passed check on, again and again."""
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    for tries in range(MOST_ATTEMPTS):
        with pytest.MonkeyPatch.context() as patches:
            full_at_commit(patches, FullDisk(4 if tries == 0 else 5))  # the one before is kept first
            with pytest.raises(KnownError, match="disk_full"):
                session.compare(shown(session))
        assert session.may_try_again
        assert session.supervised_way is None
        assert session._stored == stored(hall, session)
    with pytest.raises(KnownError, match="supervised_way_closed"):
        session.leave_to_supervisor()
    assert session.compare(shown(session)).decision is Decision.MATCHED
    refusals = [attempt.refusal for attempt in stored(hall, session).facts.liveness.attempts]
    assert refusals == [Refusal.NOT_COMPARED] * MOST_ATTEMPTS + [None]
    session.close()


@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_whose_commit_failed_is_in_no_package_although_the_session_goes_another_way(
    hall: OpenHall, clock: HandClock, restarted: bool
) -> None:
    """The photo is on the disk when the database is full, and then there is no camera any more."""
    equipment = doubles.equipment(clock)
    session = open_session(hall, equipment)
    walk(session, clock, until=Step.PORTRAIT)
    session.give_consent(True)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(5))
        with pytest.raises(KnownError, match="disk_full"):
            session.compare(shown(session))
    photo = hall.vault.path(session.session_id, FileKind.LIVE_PHOTO)
    assert photo.exists()
    if restarted:
        session.close()
        session = Verification.resume(hall, equipment, session.session_id)
    unplug(session)
    with pytest.raises(KnownError, match="camera_missing"):
        session.compare(shown(session))
    session.leave_to_supervisor()
    plug_in(session)
    walk(session, clock)
    session.close()
    assert photo.exists() == (stored(hall, session).facts.file(FileKind.LIVE_PHOTO) is not None)
    assert inspect(hall.vault.package(session.session_id), hall.roots).holds


def test_a_session_that_was_refused_its_end_is_ended_at_the_next_try(hall: OpenHall, clock: HandClock) -> None:
    """An unusable card: the clerk refuses, the disk is full, the clerk refuses again."""
    expired = doubles.card_reading(valid_to=clock.now().date().replace(year=2021))
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(expired)))
    do_step(session, Step.CARD, clock)
    do_step(session, Step.PRECHECK, clock)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            session.refuse()
    assert session.reading_of_card is not None
    session.refuse()
    assert session.state is stored(hall, session).state is State.REFUSED
    session.close()
