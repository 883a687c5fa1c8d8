"""A full disk at the moment of a move: nothing has happened, in memory as on the disk, and the next try does it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hallclient.domain.comparison import Decision
from hallclient.domain.evidence.facts.liveness_attempts import MOST_ATTEMPTS
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.domain.liveness import Refusal
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.rule_texts import ShippedRules
from hallclient.services import ending, sealing
from hallclient.services.access import OpenHall
from hallclient.services.session import engine
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from hallclient.services.session.signature import SignatureStep
from hallclient.storage.audit import events
from hallclient.storage.database import Database
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    STROKES,
    UNSEEN,
    do_step,
    next_kind,
    open_consented,
    open_session,
    plug_in,
    read_notice,
    resume_session,
    shown,
    stored,
    stored_portrait,
    unplug,
    walk,
)

Do = Callable[[Session, HandClock], object]
FULL = KnownError(FailureCode.DISK_FULL, "store.db")


def compare(session: Session, clock: HandClock) -> None:
    session.the(PortraitStep).give_consent(True)
    session.the(PortraitStep).compare(shown(session))


def leave_to_supervisor(session: Session, _: HandClock) -> None:
    session.the(PortraitStep).give_consent(True)
    unplug(session)
    try:
        session.the(PortraitStep).compare(UNSEEN)
    except KnownError as error:
        if error.code is FULL.code:
            raise
    session.the(PortraitStep).leave_to_supervisor()


MOVES: dict[str, tuple[str, Do]] = {
    "card": ("card", lambda session, _: session.the(CardStep).read(1.0)),
    "precheck": ("precheck", lambda session, _: session.the(PrecheckStep).check()),
    "consent shown": ("portrait", lambda session, _: session.the(PortraitStep).consent_text()),
    "consent given": ("portrait", lambda session, _: session.the(PortraitStep).give_consent(True)),
    "consent refused": ("portrait", lambda session, _: session.the(PortraitStep).give_consent(False)),
    "left to the supervisor": ("portrait", leave_to_supervisor),
    "face": ("portrait", compare),
    "notice shown": ("notice", lambda session, _: session.the(NoticeStep).notice()),
    "notice read": ("notice", read_notice),
    "notice signed": ("signature", lambda session, _: session.the(SignatureStep).sign(STROKES, "pen")),
    "sealed": ("seal", lambda session, _: session.seal()),
    "abandoned": ("notice", lambda session, _: session.abandon(AbandonReason.CUSTOMER_WITHDREW)),
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
    for module in (engine, sealing, ending):
        append = module.append

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
        session.the(NoticeStep).restart_recording()
        assert "recording.enc" not in files(hall, session) or session.the(NoticeStep).facts.recording is not None
        at += 1
    assert at > 1, "the move has no transaction"
    assert session._stored == stored(hall, session)
    session.close()
    kept = {"recording.enc"} if session.the(NoticeStep).facts.recording is not None else set()
    assert {name for name in files(hall, session) if name.startswith("recording")} == kept


def files(hall: OpenHall, session: Session) -> list[str]:
    """What lies in the session's folder, whole or half written."""
    folder = hall.vault.package(session.session_id).folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def do_or_fail(do: Do, session: Session, clock: HandClock) -> bool:
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
    session = open_consented(hall, doubles.equipment(clock), clock)
    for tries in range(MOST_ATTEMPTS):
        with pytest.MonkeyPatch.context() as patches:
            full_at_commit(patches, FullDisk(4 if tries == 0 else 5))  # the one before is kept first
            with pytest.raises(KnownError, match="disk_full"):
                session.the(PortraitStep).compare(shown(session))
        assert session.the(PortraitStep).may_try_again
        assert session.the(PortraitStep).supervised_way is None
        assert session._stored == stored(hall, session)
    with pytest.raises(KnownError, match="supervised_way_closed"):
        session.the(PortraitStep).leave_to_supervisor()
    assert session.the(PortraitStep).compare(shown(session)).decision is Decision.MATCHED
    refusals = [attempt.refusal for attempt in stored_portrait(hall, session).liveness.attempts]
    assert refusals == [Refusal.NOT_COMPARED] * MOST_ATTEMPTS + [None]
    session.close()


@pytest.mark.parametrize("restarted", [False, True])
def test_a_file_whose_commit_failed_is_in_no_package_although_the_session_goes_another_way(
    hall: OpenHall, clock: HandClock, restarted: bool
) -> None:
    """The photo is on the disk when the database is full, and then there is no camera any more."""
    equipment = doubles.equipment(clock)
    session = open_consented(hall, equipment, clock)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(5))
        with pytest.raises(KnownError, match="disk_full"):
            session.the(PortraitStep).compare(shown(session))
    photo = hall.vault.path(session.session_id, "holder.live_photo")
    assert photo.exists()
    if restarted:
        session.close()
        session = resume_session(hall, equipment, session.session_id)
    unplug(session)
    with pytest.raises(KnownError, match="camera_missing"):
        session.the(PortraitStep).compare(shown(session))
    session.the(PortraitStep).leave_to_supervisor()
    plug_in(session)
    walk(session, clock)
    session.close()
    assert photo.exists() == ("holder.live_photo" in stored(hall, session).file_ids)
    assert inspect(hall.vault.package(session.session_id), hall.roots, ShippedRules()).holds


def test_a_session_that_was_refused_its_end_is_ended_at_the_next_try(hall: OpenHall, clock: HandClock) -> None:
    """An unusable card: the clerk refuses, the disk is full, the clerk refuses again."""
    expired = doubles.card_reading(valid_to=clock.now().date().replace(year=2021))
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(expired)))
    do_step(session, "card", clock)
    do_step(session, "precheck", clock)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            session.refuse()
    assert session.the(CardStep).reading is not None
    session.refuse()
    assert session.state is stored(hall, session).state is SessionState.REFUSED
    session.close()


@pytest.mark.parametrize("until", ["card", "portrait", "notice", "signature"])
def test_a_session_that_was_refused_its_end_goes_on(until: str, hall: OpenHall, clock: HandClock) -> None:
    """The clerk gives up, the disk is full, and the customer stays after all: also in a program of its own."""
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=until)
    session.close()
    session = resume_session(hall, doubles.equipment(clock), session.session_id)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert next_kind(session) == next_kind(stored(hall, session)) == until
    walk(session, clock)
    assert session.state is SessionState.SEALED
    session.close()


@pytest.mark.parametrize(
    ("move", "event"), [("consent shown", "consent_shown"), ("notice shown", "notice_shown")], ids=["consent", "notice"]
)
def test_that_a_text_was_shown_is_told_once_the_disk_takes_it(
    move: str, event: str, hall: OpenHall, clock: HandClock
) -> None:
    step, show = MOVES[move]
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=step)
    with pytest.MonkeyPatch.context() as patches:
        full_at_commit(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            show(session, clock)
    for _ in range(2):
        show(session, clock)
    with hall.database.reading() as tables:
        audit = [entry.event for _, entry in events(tables, session.session_id)]
    assert audit.count(event) == 1
    session.close()
