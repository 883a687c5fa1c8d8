"""What holds for every test: how Hypothesis searches, cheap passwords, which files come first, and that nothing of
weight is logged unless a test says so.

`@pytest.mark.expects_log("lost and is started again")`: the test fails unless this pattern is logged.
`@pytest.mark.may_log("lost and is started again")`: it may be logged, once, often or not at all.
Both take regular expressions, searched for in "logger: message" of what any thread of the test's process logged at
WARNING or above; both may stand on a test, a class or, as `pytestmark`, on a module.
"""

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from hallclient.storage import hall_keys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is loaded

# Neither may depend on how busy the machine is. `make test` tries the same examples in each run, so that what turns
# red was turned red by a change; `--hypothesis-profile=searching` tries new ones.
_UNHURRIED = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _UNHURRIED, derandomize=True)
settings.register_profile("searching", _UNHURRIED)
settings.load_profile("steady")


# What takes longest comes first, what keeps a core busy beside what mostly waits: `make test` hands whole files to its
# processes, and none is to begin a long one when the others are done. `--durations` says what belongs here.
_FOLDER = Path(__file__).parent
_LONGEST = (
    "journeys/test_deaths.py",
    "journeys/test_decisions.py",
    "ui/test_clerk.py",
    "hallclient/services/test_dispatch.py",
    "journeys/test_rehearsal.py",
    "attacks/test_attacks.py",
    "ui/test_sizes.py",
    "journeys/test_refusals.py",
    "journeys/test_advice.py",
    "drivers/face/test_process_faces.py",
    "ui/test_clerk_keys.py",
    "ui/test_clerk_portrait.py",
    "hallclient/services/session/test_crash_points.py",
    "ui/test_left_pages.py",
    "ui/test_reading.py",
    "hallclient/services/session/test_portrait.py",
    "hallclient/services/session/test_supervised_way.py",
    "hallclient/services/session/test_failed_checks.py",
    "drivers/face/test_quality_check.py",
    "drivers/idcard/test_four_readers.py",
    "chaos/test_kill.py",
    "hallclient/services/test_review.py",
    "hallclient/sync/test_client.py",
    "hallclient/cli/test_face_liveness_evaluate.py",
    "hallclient/cli/test_face.py",
    "chaos/test_kill_points.py",
    "ui/test_rehearsal.py",
    "ui/test_screens.py",
    "journeys/test_recorder_deaths.py",
    "journeys/test_screens.py",
    "journeys/test_troubles.py",
    "journeys/test_face_worker.py",
    "hallclient/cli/test_card_and_doctor.py",
    "drivers/recorder/test_process_recorder.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    assert len(set(_LONGEST)) == len(_LONGEST), "a file stands twice among those that come first"
    ranks = {_FOLDER / name: rank for rank, name in enumerate(_LONGEST)}
    assert all(path.exists() for path in ranks), "a file that comes first has another name now"
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))  # stable: within a file nothing moves


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "expects_log(*patterns): each of them is logged at WARNING or above")
    config.addinivalue_line("markers", "may_log(*patterns): they may be logged at WARNING or above")
    config.addinivalue_line("markers", "attack(line, tried, answer=None): see tests/attacks/plugin.py")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Halls that tests create wrap their keys in a millisecond; a wrap names its cost, so every process opens them.

    For all of a run: the halls that the tests of a file share are as cheap.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hall_keys, "PASSWORD_COST", hall_keys.PasswordCost(memory_kib=8, passes=1))
        yield


class _Weighty(logging.Handler):
    """Keeps what was said at WARNING or above, whichever thread said it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    handler, root, failed_before = _Weighty(), logging.getLogger(), request.session.testsfailed
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
    expected = [pattern for mark in request.node.iter_markers("expects_log") for pattern in mark.args]
    allowed = [pattern for mark in request.node.iter_markers("may_log") for pattern in mark.args]
    unexpected = [said for said in handler.said if not any(re.search(known, said) for known in expected + allowed)]
    missing = [known for known in expected if not any(re.search(known, said) for said in handler.said)]
    assert not unexpected, "logged, and no expects_log or may_log names it"
    assert not missing or request.session.testsfailed > failed_before, "expects_log names it, and it was not logged"
