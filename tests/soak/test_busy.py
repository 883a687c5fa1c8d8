"""What counts as served, and how a command that broke off is read; the rehearsals themselves are `make soak`."""

import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.soak import busy
from tests.soak.busy import Served


@pytest.mark.parametrize(
    ("served", "holds"),
    [
        (Served("passed"), True),
        (Served("passed", ["computer_too_slow"]), True),
        (Served("passed", ["computer_too_slow", "not_live"]), False),
        (Served("passed", ["face_worker_failed"]), False),
        (Served("not_passed"), False),
        (Served("pending_review", ["computer_too_slow"]), False),
        (Served("provisional"), False),
        (Served("failed with 3: no screen"), False),
    ],
)
def test_only_who_passes_is_served(served: Served, holds: bool) -> None:
    assert served.holds is holds
    assert ("MISSED" in str(served)) is not holds
    assert all(code in str(served) for code in served.failures)


@pytest.mark.parametrize(
    ("told", "served"),
    [
        (
            '{"outcome": "passed", "liveness": {"failures": ["computer_too_slow"]}}',
            Served("passed", ["computer_too_slow"]),
        ),
        ('{"outcome": "not_passed", "liveness": null}', Served("failed with 1: broken")),
        ("", Served("failed with 1: broken")),
    ],
)
def test_a_command_is_read_by_what_it_tells(
    told: str, served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended = subprocess.CompletedProcess((), 1, told, "broken\n")
    monkeypatch.setattr(busy, "busy_cores", nullcontext)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    assert list(busy._services(tmp_path, 2)) == [served] * 2


@pytest.mark.parametrize(
    ("ends", "late_ms", "code"),
    [
        (["passed"] * 3, [1.0] * 200, 0),
        (["passed"] * 3, [1.0] * 100 + [51.0] * 3, 1),
        (["passed", "pending_review", "passed"], [1.0] * 200, 1),
        (["passed"] * 2, [1.0] * 200, 1),
    ],
)
def test_it_holds_when_every_one_of_all_passed_in_time(
    ends: list[str],
    late_ms: list[float],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def windows(late: list[float], *_: object) -> list[Served]:
        late += late_ms
        return [Served(ended) for ended in ends]

    monkeypatch.setattr(busy, "_windows", windows)
    monkeypatch.setattr("sys.argv", ["busy", "--rehearsals", "3"])
    assert busy.main() == code
    assert f"passed: {ends.count('passed')} of 3" in capsys.readouterr().out
