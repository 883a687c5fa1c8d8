"""kill -9 after each committed step: the session goes on exactly there, and ends in a package that holds."""

import subprocess
import sys
from pathlib import Path

import pytest

from hallclient.domain.certificates import load_roots
from hallclient.domain.inspection.package import inspect
from hallclient.domain.session import SessionState
from hallclient.rule_texts import ShippedRules, built_in_pack
from hallclient.storage import sessions
from hallclient.storage.audit import first_broken_link
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import resume_session, walk
from tests.halls import make_hall, open_hall

ROOT = Path(__file__).parents[2]
# Of the plan that the walker walks, and what follows the last step.
STEPS = (*(step.id for step in built_in_pack().scene("new_number").steps), "seal")


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_session_goes_on_after_its_last_committed_step(step: str, tmp_path: Path) -> None:
    clock = HandClock()
    centre = make_hall(tmp_path / "hall", clock)
    command = [sys.executable, "-m", "tests.chaos.walker", str(tmp_path / "hall"), step]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as walker:
        assert walker.stdout is not None
        session_id = walker.stdout.readline().strip()
        for line in walker.stdout:
            if line.strip() == step:
                break
        walker.kill()
    hall = open_hall(tmp_path / "hall", clock)
    if step == "seal":
        with hall.database.transaction() as tables:
            assert sessions.load(tables, session_id).state is SessionState.SEALED
    else:
        resumed = resume_session(hall, doubles.equipment(clock), session_id)
        following = resumed.next_step
        assert (following.id if following else "seal") == STEPS[STEPS.index(step) + 1]
        walk(resumed, clock)
        resumed.close()
    inspection = inspect(hall.vault.package(session_id), load_roots(centre.roots_pem.encode()), ShippedRules())
    assert inspection.failed == ()
    assert inspection.holds
    with hall.database.transaction() as tables:
        assert first_broken_link(tables) is None
    hall.close()
