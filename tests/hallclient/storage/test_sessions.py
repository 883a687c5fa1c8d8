"""A session and its steps come back from the disk as they were, and only as its own plan has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hallclient.domain.evidence.facts.portrait import FailedTry, PortraitFacts
from hallclient.domain.evidence.facts.precheck import PrecheckFacts
from hallclient.domain.evidence.files import FileEntry
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.session import SessionState, StepDone
from hallclient.storage import sessions
from hallclient.storage.database import Database
from hallclient.storage.sessions import StoredSession, StoredStep
from tests.plans import todays_plan

PLAN = todays_plan()
FILE = FileEntry(id="holder.record", plain_bytes=1, plain_sha256="ab" * 32, sealed_bytes=2, sealed_sha256="cd" * 32)
CHECKED = PrecheckFacts(card_usable=True, network_check="pending", centre_reachable=True)
DONE = StepDone("2026-03-02T09:30:00+00:00", 20.0, "1001")


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Any]:
    database = Database(tmp_path / "store.db", bytes(32))
    with database.transaction() as inside:
        yield inside
    database.close()


@pytest.fixture
def opened(tables: Any) -> StoredSession:
    session = StoredSession("s1", PLAN, "13800000021", "1001", "now", corrects="s0")
    sessions.insert(tables, session, b"wrapped")
    return session


def test_a_session_comes_back_with_its_plan_and_its_steps(tables: Any, opened: StoredSession) -> None:
    assert sessions.load(tables, "s1") == opened
    tried = PortraitFacts(failed_tries=(FailedTry(code=FailureCode.NO_USABLE_FACE),))
    after = sessions.record_step(tables, opened, "holder/precheck", StoredStep(CHECKED, (FILE,), DONE))
    after = sessions.record_step(tables, after, "holder/portrait", StoredStep(tried))
    assert sessions.load(tables, "s1") == after
    assert (set(after.done), after.elapsed_s, set(after.file_ids)) == ({"holder/precheck"}, 20.0, {"holder.record"})
    assert after.step("holder/portrait").facts == tried
    assert after.step("notice") == StoredStep()


def test_a_step_is_kept_in_place_of_what_it_was(tables: Any, opened: StoredSession) -> None:
    begun = sessions.record_step(tables, opened, "holder/precheck", StoredStep(CHECKED))
    after = sessions.record_step(tables, begun, "holder/precheck", StoredStep(CHECKED, (), DONE))
    assert sessions.load(tables, "s1").steps == after.steps == {"holder/precheck": StoredStep(CHECKED, (), DONE)}


def test_what_is_next_goes_by_what_is_done(tables: Any, opened: StoredSession) -> None:
    first = opened.next_step
    assert first is not None
    assert first.id == "holder/card"
    begun = sessions.record_step(tables, opened, "holder/card", StoredStep())
    assert begun.next_step == first
    done = sessions.record_step(tables, begun, "holder/card", StoredStep(done=DONE))
    assert done.next_step == PLAN.steps[1]


def test_what_forbids_to_go_on_leaves_nothing_to_do(tables: Any, opened: StoredSession) -> None:
    forbidding = StoredStep(CHECKED.changed(card_usable=False))
    found = sessions.record_step(tables, opened, "holder/precheck", forbidding)
    assert found.forbidden
    assert found.next_step is None
    assert sessions.load(tables, "s1").next_step is None


@pytest.mark.parametrize("state", [SessionState.ABANDONED, SessionState.REFUSED])
def test_of_a_session_that_ended_without_a_package_no_fact_is_kept(
    tables: Any, opened: StoredSession, state: SessionState
) -> None:
    found = sessions.record_step(tables, opened, "holder/precheck", StoredStep(CHECKED, (FILE,), DONE))
    ended = sessions.record_end(tables, found, state, 30.0)
    assert sessions.load(tables, "s1") == ended
    assert (ended.state, ended.elapsed_s, dict(ended.steps), ended.next_step) == (state, 30.0, {}, None)
    assert tables.execute("SELECT count(*) FROM session_step").fetchone() == (0,)
    assert sessions.ended_without_package(tables) == ["s1"]
    assert sessions.unfinished(tables) == []


def test_the_seal_numbers_a_session_and_the_next_one_knows_its_manifest(tables: Any, opened: StoredSession) -> None:
    assert sessions.last_sealed(tables) == (0, None)
    assert sessions.unfinished(tables) == ["s1"]
    numbered = sessions.record_sequence(tables, opened, 1)
    sealed = sessions.record_seal(tables, numbered, 60.0, "ef" * 32)
    assert sessions.load(tables, "s1") == sealed
    assert sealed.state is SessionState.SEALED
    assert sessions.last_sealed(tables) == (1, "ef" * 32)
    assert sessions.unfinished(tables) == []


def test_no_two_sessions_have_one_number(tables: Any, opened: StoredSession) -> None:
    other = StoredSession("s2", PLAN, "13800000021", "1001", "now")
    sessions.insert(tables, other, b"wrapped")
    sessions.record_sequence(tables, opened, 1)
    with pytest.raises(Exception, match="UNIQUE"):
        sessions.record_sequence(tables, other, 1)


def test_a_session_keeps_its_plan_whatever_others_have(tables: Any, opened: StoredSession) -> None:
    sessions.insert(tables, StoredSession("s2", todays_plan("numbers_under_my_name"), "1", "1001", "now"), b"wrapped")
    assert len(sessions.load(tables, "s2").plan.steps) == 3
    assert sessions.load(tables, "s1").plan == opened.plan
    assert sessions.unfinished(tables) == ["s2", "s1"]


def test_a_step_that_is_not_planned_and_a_session_that_is_not_there_are_said(
    tables: Any, opened: StoredSession
) -> None:
    with pytest.raises(KnownError, match="session_unknown"):
        sessions.load(tables, "s2")
    tables.execute("INSERT INTO session_step (session, step, files) VALUES ('s1', 'dance', '[]')")
    with pytest.raises(KnownError, match="store_unreadable"):
        sessions.load(tables, "s1")


def test_nobody_reads_a_service_number_in_what_is_logged(opened: StoredSession) -> None:
    assert opened.service_number not in repr(opened)


def test_the_key_of_a_session_goes_alone(tables: Any, opened: StoredSession) -> None:
    assert sessions.wrapped_data_key(tables, opened.id) == b"wrapped"
    sessions.destroy_data_key(tables, opened.id)
    assert sessions.wrapped_data_key(tables, opened.id) is None
    assert sessions.load(tables, "s1") == opened


def test_another_clerk_goes_on_with_it(tables: Any, opened: StoredSession) -> None:
    taken = sessions.record_clerk(tables, opened, "1002")
    assert taken.clerk == "1002"
    assert sessions.load(tables, "s1") == taken
