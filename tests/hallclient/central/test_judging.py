"""The centre decides again: by its own thresholds, and by its own comparison of the pictures."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hallclient.central import comparison
from hallclient.central.centre import Centre
from hallclient.central.comparison import Comparisons, PictureEngine
from hallclient.central.policy import Policy, policy_from, shipped_thresholds
from hallclient.domain.comparison import Comparison, Decision, EngineIdentity, Thresholds
from hallclient.domain.evidence.receipt import Outcome, Receipt
from hallclient.domain.failures import FailureCode, KnownError
from tests.hallclient.central.running import enrol
from tests.hallclient.central.test_memory import NOW, Counter
from tests.packages import CountedEntropy, FixedClock

SAID = Thresholds(0.5, 0.35, 0.0001, "test", "2026-01-01")


@dataclass
class Engine:
    """Says `said`, or raises it."""

    said: Decision | Exception = Decision.MATCHED
    asked: list[tuple[bytes, bytes]] = field(default_factory=list)
    warmed: int = 0

    def prewarm(self) -> None:
        self.warmed += 1

    def compare(self, portrait: bytes, photo: bytes) -> Comparison:
        self.asked.append((portrait, photo))
        if isinstance(self.said, Exception):
            raise self.said
        return Comparison(self.said, 0.1, SAID, EngineIdentity("sface", "1", {}))


_FITS: type[PictureEngine] = Engine


def counter(folder: Path, engine: Engine | None, judging: dict[str, Any] | None = None) -> Counter:
    clock = FixedClock(NOW)
    Centre.create(folder / "centre", "centre", False, clock, CountedEntropy("centre"))
    if judging is not None:
        file = folder / "centre" / "centre.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "judging": judging}))
    centre = Centre.open(folder / "centre", clock, CountedEntropy("centre again"), engine=lambda _: engine)
    return Counter(centre, enrol(centre, folder), clock, folder)


def judged(folder: Path, engine: Engine | None, judging: dict[str, Any] | None = None, **options: object) -> Receipt:
    here = counter(folder, engine, judging)
    return here.send(here.seal(**options))


def test_the_two_pictures_of_a_match_are_compared(tmp_path: Path) -> None:
    engine = Engine()
    here = counter(tmp_path, engine)
    package = here.seal()
    assert here.send(package).outcome is Outcome.PASSED
    assert engine.asked == [(package.content("holder.portrait"), package.content("holder.live_photo"))]
    assert engine.warmed == 1


@pytest.mark.parametrize(
    "said", [Decision.MISMATCHED, Decision.DOUBTFUL, Decision.NO_FACE, Decision.SEVERAL_FACES, Decision.NO_PORTRAIT]
)
@pytest.mark.attack("T3", "a match that the two pictures are not")
def test_a_match_that_is_none_by_the_centres_eyes_never_passes(tmp_path: Path, said: Decision) -> None:
    receipt = judged(tmp_path, Engine(said))
    assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, ("pictures_alike",))


def test_who_signed_and_was_revoked_until_now_passes_nothing_whatever_its_date_says(tmp_path: Path) -> None:
    here = counter(tmp_path, None)
    package = here.seal()
    here.centre.revoke_staff("C1", "left")
    receipt = here.send(package)
    assert receipt.outcome is Outcome.PENDING_REVIEW
    assert "signers_good_today" in receipt.reasons


def test_the_approval_of_a_revoked_supervisor_passes_nothing(tmp_path: Path) -> None:
    here = counter(tmp_path, None)
    package = here.seal(decision=Decision.DOUBTFUL)
    package.review()
    here.centre.revoke_staff("S2", "left")
    receipt = here.send(package)
    assert receipt.outcome is Outcome.PENDING_REVIEW
    assert "signers_good_today" in receipt.reasons


@pytest.mark.parametrize("failure", [KnownError(FailureCode.FACE_WORKER_FAILED), ZeroDivisionError("of an engine")])
@pytest.mark.may_log("were not compared", "unforeseen while pictures")
def test_pictures_that_cannot_be_compared_keep_no_receipt_waiting(tmp_path: Path, failure: Exception) -> None:
    here = counter(tmp_path, engine := Engine(failure))
    first = here.seal()
    for package in (first, here.seal(first.manifest)):
        receipt = here.send(package)
        assert (receipt.outcome, receipt.reasons) == (Outcome.PENDING_REVIEW, ("pictures_compared",))
    assert len(engine.asked) == 1  # it is left alone for a while


@pytest.mark.may_log("were not compared")
def test_one_picture_that_cannot_be_read_is_no_failure_of_the_engine(tmp_path: Path) -> None:
    here = counter(tmp_path, engine := Engine(KnownError(FailureCode.PORTRAIT_UNREADABLE)))
    first = here.seal()
    for package in (first, here.seal(first.manifest)):
        assert here.send(package).reasons == ("pictures_compared",)
    assert len(engine.asked) == 2


def test_who_was_not_matched_is_not_compared_again(tmp_path: Path) -> None:
    """There is nothing to gain by it, and a supervisor has seen them."""
    here = counter(tmp_path, engine := Engine(Decision.MISMATCHED))
    package = here.seal(decision=Decision.DOUBTFUL)
    package.review()
    assert here.send(package).outcome is Outcome.PASSED
    assert (engine.asked, engine.warmed) == ([], 0)


def test_the_switch_in_the_centres_file_turns_it_off(tmp_path: Path) -> None:
    engine = Engine(Decision.MISMATCHED)
    assert judged(tmp_path, engine, {"compares": False}).outcome is Outcome.PASSED
    assert engine.asked == []


def test_the_operators_thresholds_decide(tmp_path: Path) -> None:
    """The client says 0.71, which is a match by its own and by those that ship."""
    strict = {"match": 0.8, "doubt": 0.7, "false_accept_rate": 1e-4, "dataset": "own", "measured_on": "2026-01-01"}
    receipt = judged(tmp_path, None, {"thresholds": {"sface": strict}})
    assert receipt.reasons == ("matched_by_centres_thresholds",)


def test_an_engine_that_the_operator_does_not_name_is_not_believed(tmp_path: Path) -> None:
    assert judged(tmp_path, None, {"thresholds": {}}).reasons == ("engine_known",)


@pytest.mark.parametrize(
    "table",
    [
        [],
        {"compares": "yes"},
        {"unknown": 1},
        {"gap_days": -1},
        {"largest_clock_difference_s": 0},
        {"thresholds": {"sface": {"match": -1.0, "doubt": -1.0}}},
        {
            "thresholds": {
                "sface": {
                    "match": -1.0,
                    "doubt": -1.0,
                    "false_accept_rate": 0.0,
                    "dataset": "x",
                    "measured_on": "2026-01-01",
                }
            }
        },
    ],
)
def test_rules_that_make_no_sense_open_no_centre(table: object) -> None:
    with pytest.raises(KnownError, match="store_unreadable"):
        policy_from(table)


def test_what_ships_is_the_clients(tmp_path: Path) -> None:
    policy = policy_from({})
    assert policy == Policy(shipped_thresholds())
    assert {"sface", "dlib"} == set(policy.thresholds)
    assert all(one.sane for one in policy.thresholds.values())


class Slow(Engine):
    """Compares when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may_go_on = threading.Semaphore(0), threading.Event()

    def compare(self, portrait: bytes, photo: bytes) -> Comparison:
        self.begun.release()
        assert self.may_go_on.wait(60)
        return super().compare(portrait, photo)


def in_threads(count: int, work: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.expects_log("queue is full")
def test_a_full_queue_says_so_at_once_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "MOST_WAITING", 1)
    engine = Slow()
    queue = Comparisons(engine, lambda: 0.0)
    said: list[Comparison | None] = []
    (thread,) = in_threads(1, lambda: said.append(queue.compare(b"", b"")))
    assert engine.begun.acquire(timeout=60)
    assert queue.compare(b"", b"") is None
    engine.may_go_on.set()
    thread.join(60)
    assert [one and one.decision for one in said] == [Decision.MATCHED]
    assert queue.compare(b"", b"") is not None


@pytest.mark.expects_log("no turn in")
def test_nobody_waits_longer_than_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "PATIENCE_S", 0.01)
    engine = Slow()
    queue = Comparisons(engine, lambda: 0.0)
    (thread,) = in_threads(1, lambda: queue.compare(b"", b""))
    assert engine.begun.acquire(timeout=60)
    assert queue.compare(b"", b"") is None
    engine.may_go_on.set()
    thread.join(60)


@pytest.mark.expects_log("were not compared: face_worker_failed")
def test_an_engine_that_failed_is_asked_again_after_a_pause() -> None:
    now_s = [0.0]
    engine = Engine(KnownError(FailureCode.FACE_WORKER_FAILED))
    queue = Comparisons(engine, lambda: now_s[0])
    assert queue.compare(b"", b"") is None
    engine.said = Decision.MATCHED
    queue.prewarm()
    assert (queue.compare(b"", b""), engine.warmed) == (None, 0)
    now_s[0] = 61.0
    queue.prewarm()
    assert queue.compare(b"", b"") is not None
    assert engine.warmed == 1
