"""An end that is committed stays one, whatever becomes of the files; and they go when the hall is opened next."""

from collections.abc import Callable
from contextlib import closing

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.rule_texts import built_in_pack
from hallclient.services.access import OpenHall
from hallclient.services.counter import Counter
from hallclient.services.ending import abandon_unopened
from hallclient.services.preparation import Preparation
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.storage import sessions
from hallclient.storage.audit import events
from hallclient.storage.database import Database
from hallclient.storage.vault import Vault
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import SERVICE_NUMBER, do_step, open_session, stored, walk
from tests.hallclient.services.test_failed_commits import FullDisk, files, full_at_append, full_at_commit
from tests.halls import OTHER_CLERK, SUPERVISOR, open_hall

Patch = Callable[[pytest.MonkeyPatch, BaseException], None]


def fail_to_forget(patches: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(_: Database) -> None:
        raise error

    patches.setattr(Database, "forget_old_pages", fail)


def fail_to_discard(patches: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(_: Vault, session: str) -> None:
        raise error

    patches.setattr(Vault, "discard", fail)


def abandon(hall: OpenHall, clock: HandClock) -> tuple[Session, Callable[[], None], SessionState]:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="signature")
    return session, lambda: session.abandon(AbandonReason.CUSTOMER_WITHDREW), SessionState.ABANDONED


def refuse(hall: OpenHall, clock: HandClock) -> tuple[Session, Callable[[], None], SessionState]:
    expired = doubles.card_reading(valid_to=clock.now().date().replace(year=2021))
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(expired)))
    do_step(session, "card", clock)
    do_step(session, "precheck", clock)
    return session, session.refuse, SessionState.REFUSED


@pytest.mark.expects_log("what is left of an ended session stays for now")
@pytest.mark.may_log(r"bug \w{6}\n")
@pytest.mark.parametrize("error", [KnownError(FailureCode.STORE_BUSY), RuntimeError("of ours")], ids=["known", "bug"])
@pytest.mark.parametrize("fail", [fail_to_forget, fail_to_discard])
@pytest.mark.parametrize("end", [abandon, refuse])
def test_what_fails_after_the_commit_does_not_fail_the_end(
    end: Callable[[OpenHall, HandClock], tuple[Session, Callable[[], None], SessionState]],
    fail: Patch,
    error: Exception,
    hall: OpenHall,
    clock: HandClock,
) -> None:
    session, end_it, ended = end(hall, clock)
    with pytest.MonkeyPatch.context() as patches:
        fail(patches, error)
        end_it()
    assert session.state is stored(hall, session).state is ended
    assert session.the(CardStep).reading is None
    session.close()
    open_hall(hall.folder, clock).close()
    assert not hall.vault.package(session.session_id).folder.exists()


@pytest.mark.parametrize("end", [abandon, refuse])
def test_what_an_end_of_the_program_left_goes_when_the_hall_is_opened_and_no_other_sessions_files_do(
    end: Callable[[OpenHall, HandClock], tuple[Session, Callable[[], None], SessionState]],
    hall: OpenHall,
    clock: HandClock,
) -> None:
    sealed, goes_on = open_session(hall, doubles.equipment(clock)), open_session(hall, doubles.equipment(clock))
    walk(sealed, clock)
    walk(goes_on, clock, until="notice")
    kept = files(hall, sealed), files(hall, goes_on)
    session, end_it, ended = end(hall, clock)
    with pytest.MonkeyPatch.context() as patches:
        fail_to_forget(patches, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            end_it()
    assert files(hall, session)
    open_hall(hall.folder, clock).close()
    assert stored(hall, session).state is ended
    assert not hall.vault.package(session.session_id).folder.exists()
    assert (files(hall, sealed), files(hall, goes_on)) == kept
    for each in (sealed, goes_on, session):
        each.close()


@pytest.mark.expects_log("what is left of an ended session stays for now: store_read_only")
def test_nobody_is_kept_from_the_hall_by_what_cannot_be_deleted(hall: OpenHall, clock: HandClock) -> None:
    session, end_it, _ = abandon(hall, clock)
    with pytest.MonkeyPatch.context() as patches:
        fail_to_discard(patches, KnownError(FailureCode.STORE_READ_ONLY))
        end_it()
        open_hall(hall.folder, clock).close()
    assert files(hall, session)
    session.close()


@pytest.mark.parametrize("damage", ["cut", "missing", "without its key"])
@pytest.mark.parametrize("until", ["precheck", "notice", "seal"])
def test_a_session_with_a_damaged_file_can_be_given_up(
    until: str, damage: str, hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until=until)
    session.close()
    counter = Counter(hall, Preparation.of(doubles.equipment(clock)))
    record = hall.vault.package(session.session_id).folder / "holder.record.enc"
    if damage == "cut":
        record.write_bytes(record.read_bytes()[:40])
    elif damage == "missing":
        record.unlink()
    else:
        with hall.database.transaction() as tables:
            sessions.destroy_data_key(tables, session.session_id)
    with pytest.raises(KnownError) as caught:
        counter.resume(session.session_id)
    assert caught.value.code in (FailureCode.EVIDENCE_DAMAGED, FailureCode.DATA_KEY_DESTROYED)
    assert [item.session_id for item in counter.unfinished()] == [session.session_id]
    counter.abandon(session.session_id, AbandonReason.EQUIPMENT_FAILED)
    assert counter.unfinished() == []
    ended = stored(hall, session)
    assert (ended.state, dict(ended.steps)) == (SessionState.ABANDONED, {})
    assert not hall.vault.package(session.session_id).folder.exists()
    with pytest.raises(KnownError, match="session_unknown"):
        counter.abandon(session.session_id, AbandonReason.EQUIPMENT_FAILED)


def test_a_colleague_gives_up_what_was_left_and_the_log_says_who(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    session.close()
    with closing(open_hall(hall.folder, clock, OTHER_CLERK)) as other:
        counter = Counter(other, Preparation.of(doubles.equipment(clock)))
        counter.abandon(session.session_id, AbandonReason.WRONG_BUSINESS)
    assert stored(hall, session).state is SessionState.ABANDONED
    with hall.database.reading() as tables:
        last = [event for _, event in events(tables, session.session_id)][-1]
    assert (last.event, last.actor) == ("session_abandoned", OTHER_CLERK)


def test_nobody_but_a_clerk_goes_on_with_a_session_or_gives_it_up(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    session.close()
    with closing(open_hall(hall.folder, clock, SUPERVISOR)) as other:
        for attempt in (
            lambda: Session.resume(other, doubles.equipment(clock), session.session_id),
            lambda: abandon_unopened(other, session.session_id, AbandonReason.WRONG_BUSINESS),
        ):
            with pytest.raises(KnownError, match="not_permitted"):
                attempt()
    assert stored(hall, session).state is SessionState.OPEN


def test_the_newest_unfinished_session_comes_first(hall: OpenHall, clock: HandClock) -> None:
    begun = []
    for _ in range(8):
        session = open_session(hall, doubles.equipment(clock))
        session.close()
        begun.append(session.session_id)
        clock.advance(1.0)
    counter = Counter(hall, Preparation.of(doubles.equipment(clock)))
    assert [item.session_id for item in counter.unfinished()] == begun[::-1]


@pytest.mark.parametrize("fill", [full_at_append, full_at_commit, "no folder"])
def test_a_session_that_could_not_be_opened_is_nobodys(
    fill: Callable[[pytest.MonkeyPatch, FullDisk], None] | str, hall: OpenHall, clock: HandClock
) -> None:
    def no_folder(_: Vault, session: str) -> None:
        raise KnownError(FailureCode.DISK_FULL)

    with pytest.MonkeyPatch.context() as patches:
        if isinstance(fill, str):
            patches.setattr(Vault, "prepare", no_folder)
        else:
            fill(patches, FullDisk(1))
        with pytest.raises(KnownError, match="disk_full"):
            Session.open(hall, doubles.equipment(clock), built_in_pack(), "new_number", SERVICE_NUMBER)
    assert Counter(hall, Preparation.of(doubles.equipment(clock))).unfinished() == []
    assert hall.vault.sessions() == set()
