"""The customer reads: what is kept, what is refused, and that no death goes unnoticed."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from traceback import walk_tb

import numpy as np
import pytest

from hallclient.devices import Frame, Sound
from hallclient.domain.equipment import DeviceIdentity
from hallclient.domain.evidence.facts.notice import LineEnd
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.notice import shortest_line_s
from hallclient.services.access import OpenHall
from hallclient.services.session import signature
from hallclient.services.session.engine import Session
from hallclient.services.session.notice import NoticeStep
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.stop import Stop
from hallclient.storage.audit import events
from tests import doubles
from tests.clock import HandClock
from tests.drivers.waiting import eventually
from tests.hallclient.services.sessions import (
    UNSEEN,
    face_of,
    hear,
    next_kind,
    open_consented,
    open_session,
    read_notice,
    read_s,
    recording_of,
    resume_session,
    stored,
    walk,
)
from tests.halls import make_hall, open_hall

LINES = 7
NOTICED_S = 60.0  # real seconds that a test waits for a thread on a busy machine; the devices' own times are below


@dataclass
class Reading:
    """A session at its notice, its devices, and what was told without being asked for."""

    session: Session
    clock: HandClock
    camera: doubles.Camera
    microphone: doubles.Microphone
    recorder: doubles.Recorder
    told: list[KnownError | None] = field(default_factory=list)

    @property
    def step(self) -> NoticeStep:
        return self.session.the(NoticeStep)

    def start(self) -> None:
        self.step.start_recording(lambda frame: None, lambda level: None, self.told.append)

    def read_line(self, index: int, end: LineEnd = LineEnd.CLERK) -> None:
        self.step.show_line(index, end)
        hear(self.session)
        self.clock.advance(read_s(self.step.notice().lines[index]))

    def files(self) -> list[str]:
        folder = self.session.hall.vault.package(self.session.session_id).folder
        return sorted(path.name for path in folder.iterdir() if path.name.startswith("recording"))


@pytest.fixture(autouse=True)
def no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document is made while the customer reads; nobody signs it here, and it takes seconds."""
    monkeypatch.setattr(signature, "render", lambda *_: None)


@pytest.fixture
def reading(hall: OpenHall, clock: HandClock) -> Iterator[Reading]:
    camera, microphone, recorder = doubles.Camera(clock), doubles.Microphone(), doubles.Recorder()
    customer = doubles.Customer()
    equipment = doubles.equipment(clock, customer=customer, microphone=microphone, recorder=recorder)
    session = open_session(hall, equipment)
    walk(session, clock, until="notice")
    session.close()
    session = resume_session(hall, replace(equipment, camera=camera), session.session_id)
    yield Reading(session, clock, camera, microphone, recorder)
    session.close()


def kill_recorder(reading: Reading) -> None:
    reading.recorder.die()


def fill_disk(reading: Reading) -> None:
    reading.recorder.die(FailureCode.DISK_FULL)


def unplug_camera(reading: Reading) -> None:
    reading.camera.pictures = 0
    reading.camera.failure = KnownError(FailureCode.CAMERA_STOPPED)


def break_camera(reading: Reading) -> None:
    """What a driver should never raise."""
    reading.camera.pictures = 0
    reading.camera.failure = TypeError("somebody's name")


def unplug_microphone(reading: Reading) -> None:
    reading.microphone.failure = KnownError(FailureCode.MICROPHONE_STOPPED)


def break_microphone(reading: Reading) -> None:
    reading.microphone.failure = ZeroDivisionError("somebody's name")


DEATHS = {
    kill_recorder: FailureCode.RECORDER_FAILED,
    fill_disk: FailureCode.DISK_FULL,
    unplug_camera: FailureCode.CAMERA_STOPPED,
    break_camera: FailureCode.CAMERA_STOPPED,
    unplug_microphone: FailureCode.MICROPHONE_STOPPED,
    break_microphone: FailureCode.MICROPHONE_STOPPED,
}


@pytest.mark.expects_log("the recording of a reading broke off: (recorder|camera|microphone|disk)_")
@pytest.mark.may_log(r"bug \w{6}\n(TypeError|ZeroDivisionError)\n")
@pytest.mark.parametrize(("kill", "code"), DEATHS.items(), ids=lambda value: getattr(value, "__name__", None))
def test_whatever_dies_while_a_line_is_read_is_told_and_the_reading_begins_again(
    kill: Callable[[Reading], None], code: FailureCode, reading: Reading, caplog: pytest.LogCaptureFixture
) -> None:
    for line in (0, 3, LINES - 1):
        reading.start()
        for index in range(line + 1):
            reading.read_line(index)
        kill(reading)
        eventually(lambda: reading.told, NOTICED_S)
        (told,) = reading.told
        assert told is not None
        assert told.code is code
        with pytest.raises(KnownError) as caught:
            if line + 1 < LINES:
                reading.step.show_line(line + 1)
            else:
                reading.step.finish_recording()
        assert caught.value.code is code
        reading.step.restart_recording()
        assert reading.files() == []
        assert reading.camera.open is (kill not in (unplug_camera, break_camera))  # the session's, until it is read
        assert not reading.microphone.open
        broken = kill in (break_camera, break_microphone)
        assert (told.number is not None) is broken
        assert told.number is None or f"bug {told.number}" in caplog.text
        assert "somebody" not in caplog.text + told.detail
        assert [record.levelname for record in caplog.records] == ["ERROR"] * broken + ["WARNING"]
        assert caplog.records[-1].getMessage() == f"the recording of a reading broke off: {code}"
        caplog.clear()
        reading.camera.failure = reading.microphone.failure = None
        reading.told.clear()
    read_notice(reading.session, reading.clock)
    assert next_kind(reading.session) == "signature"
    assert reading.files() == ["recording.enc"]
    assert restarted_for(reading) == [code] * 3


def restarted_for(reading: Reading) -> list[str]:
    """Why the reading was begun again, each time, by the audit log; the facts count them."""
    with reading.session.hall.database.reading() as tables:
        rows = list(tables.query("SELECT detail FROM audit WHERE event = 'recording_restarted' ORDER BY sequence"))
    assert reading.step.facts.recording is not None
    assert reading.step.facts.recording.restarts == len(rows)
    return [json.loads(row["detail"])["cause"] for row in rows]


def test_a_reading_that_is_never_begun_again_says_so(reading: Reading) -> None:
    read_notice(reading.session, reading.clock)
    assert restarted_for(reading) == []


def test_whoever_begins_it_again_without_need_is_seen(reading: Reading) -> None:
    """Also who closes the window, or pulls the plug, in the middle of it."""
    for _ in range(2):
        reading.start()
        reading.step.restart_recording()
    reading.start()
    reading.session.close()
    reading.session = resume_session(reading.session.hall, reading.session.equipment, reading.session.session_id)
    reading.start()
    reading.read_line(0)
    with pytest.raises(KnownError, match="recording_too_short"):
        reading.step.finish_recording()
    reading.step.restart_recording()
    read_notice(reading.session, reading.clock)
    assert restarted_for(reading) == ["clerk", "clerk", "interrupted", "clerk"]


@pytest.mark.expects_log("the recording of a reading broke off: recorder_failed")
def test_nothing_is_told_after_what_ends_the_recording(reading: Reading) -> None:
    """The recorder dies while a word about the microphone is on its way: a screen that shows the newest shows that."""
    died = threading.Event()

    def tell(trouble: KnownError | None) -> None:
        if trouble is None:
            reading.recorder.die()
            died.wait(0.3)  # the camera's thread has noticed it long since, and waits for its turn
        elif trouble.code is FailureCode.RECORDER_FAILED:
            died.set()
        reading.told.append(trouble)

    reading.microphone.muted = True
    reading.step.start_recording(lambda frame: None, lambda level: None, tell)
    eventually(lambda: reading.told)
    reading.microphone.muted = False
    assert died.wait(NOTICED_S)
    reading.step.restart_recording()
    codes = [trouble and trouble.code for trouble in reading.told]
    assert codes == [FailureCode.MICROPHONE_SILENT, None, FailureCode.RECORDER_FAILED]


@pytest.mark.expects_log("the recording of a reading broke off: recorder_failed")
def test_a_recorder_that_dies_at_the_stop_leaves_nothing(reading: Reading) -> None:
    reading.recorder.dies_at_stop = KnownError(FailureCode.RECORDER_FAILED)
    with pytest.raises(KnownError, match="recorder_failed"):
        read_notice(reading.session, reading.clock)
    assert reading.files() == []
    reading.step.restart_recording()
    reading.recorder.dies_at_stop = None
    read_notice(reading.session, reading.clock)
    assert next_kind(reading.session) == "signature"
    assert restarted_for(reading) == ["recorder_failed"]


def test_a_finished_file_that_could_not_be_kept_is_no_obstacle(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = reading.session.hall.vault
    with monkeypatch.context() as patch:
        patch.setattr(vault, "adopt", lambda *_: (_ for _ in ()).throw(KnownError(FailureCode.DISK_FULL)))
        with pytest.raises(KnownError, match="disk_full"):
            read_notice(reading.session, reading.clock)
    assert reading.files() != []
    reading.step.restart_recording()
    read_notice(reading.session, reading.clock)
    assert reading.files() == ["recording.enc"]
    assert restarted_for(reading) == ["disk_full"]


@pytest.mark.expects_log("the recording of a reading broke off: recorder_failed")
def test_what_broke_the_recording_off_is_told_to_each_who_asks_and_does_not_grow(reading: Reading) -> None:
    reading.start()
    reading.recorder.die()
    told = []
    for _ in range(3):
        with pytest.raises(KnownError) as caught:
            reading.step.show_line(0)
        told.append(caught.value)
    reading.step.restart_recording()
    assert len({id(error) for error in told}) == 3
    assert len({len(list(walk_tb(error.__traceback__))) for error in told}) == 1


@pytest.mark.expects_log("the recorder cannot be made ready: recorder_failed")
def test_a_hint_that_fails_fails_nothing(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room() -> None:
        raise KnownError(FailureCode.RECORDER_FAILED)

    monkeypatch.setattr(reading.recorder, "prewarm", no_room)
    reading.start()
    reading.step.restart_recording()
    read_notice(reading.session, reading.clock)


@pytest.mark.parametrize("start", ["camera", "microphone"])
def test_what_is_missing_at_the_start_leaves_nothing_open(start: str, reading: Reading) -> None:
    device = getattr(reading, start)
    code = FailureCode.CAMERA_MISSING if start == "camera" else FailureCode.MICROPHONE_MISSING
    device.failure = KnownError(code)
    with pytest.raises(KnownError) as caught:
        reading.start()
    assert caught.value.code is code
    assert reading.files() == []
    assert not reading.camera.open
    assert not reading.microphone.open
    device.failure = None
    read_notice(reading.session, reading.clock)


def test_a_line_is_before_the_customer_for_as_long_as_its_length_asks(reading: Reading) -> None:
    reading.start()
    lines = reading.step.notice().lines
    for index, line in enumerate(lines):
        reading.step.show_line(index)
        hear(reading.session)
        begun = reading.clock.monotonic()
        following: Callable[[], object] = reading.step.finish_recording
        if index + 1 < len(lines):
            following = partial(reading.step.show_line, index + 1)
        if reading.clock.monotonic() - begun < shortest_line_s(line) - 0.5:  # the camera moves the clock, too
            with pytest.raises(KnownError, match="recording_too_short"):
                following()
        reading.clock.advance(read_s(line))
    facts = reading.step.finish_recording()
    spans = np.diff([*facts.line_starts_s])
    assert all(span >= shortest_line_s(line) - 0.001 for span, line in zip(spans, lines[:-1], strict=True))


def test_lines_come_in_their_order(reading: Reading) -> None:
    reading.start()
    reading.read_line(0)
    with pytest.raises(BugError):
        reading.step.show_line(2)
    with pytest.raises(KnownError, match="recording_too_short"):
        reading.step.finish_recording()


def test_who_ended_each_line_stands_in_the_facts(reading: Reading) -> None:
    reading.start()
    ends = [LineEnd.CUSTOMER, LineEnd.CLERK, LineEnd.CUSTOMER, LineEnd.CUSTOMER, LineEnd.CLERK, LineEnd.CLERK]
    reading.read_line(0)
    for index, end in enumerate(ends):
        reading.read_line(index + 1, end)
    facts = reading.step.finish_recording(LineEnd.CUSTOMER)
    assert facts.line_ends == (*ends, LineEnd.CUSTOMER)
    assert (facts.camera.name, facts.microphone.name) == ("camera of a test", "microphone of a test")


def test_an_earlier_line_may_come_again(reading: Reading) -> None:
    reading.start()
    for index in (0, 1, 2):
        reading.read_line(index, LineEnd.CUSTOMER)
    reading.read_line(1)
    for index in range(2, LINES):
        reading.read_line(index)
    facts = reading.step.finish_recording()
    assert facts.line_ends == (LineEnd.CLERK,) * LINES
    assert list(facts.line_starts_s) == sorted(facts.line_starts_s)


def test_a_muted_microphone_is_told_and_no_line_passes(reading: Reading) -> None:
    reading.microphone.muted = True
    reading.start()
    reading.step.show_line(0)
    eventually(lambda: reading.told)
    assert reading.told[0] is not None
    assert reading.told[0].code is FailureCode.MICROPHONE_SILENT
    reading.clock.advance(10)
    with pytest.raises(KnownError, match="microphone_silent"):
        reading.step.show_line(1)
    reading.microphone.muted = False
    eventually(lambda: reading.told[-1] is None)
    for index in range(1, LINES):
        reading.read_line(index)
    reading.microphone.muted = True
    reading.step.show_line(LINES - 1)
    told = len(reading.told)
    eventually(lambda: len(reading.told) > told)
    reading.clock.advance(10)
    with pytest.raises(KnownError, match="microphone_silent"):
        reading.step.finish_recording()
    reading.microphone.muted = False
    hear(reading.session)
    facts = reading.step.finish_recording()
    assert facts.longest_silence_s >= 2.0


def test_a_microphone_that_is_heard_leaves_no_silence(reading: Reading) -> None:
    reading.start()
    for index in range(LINES):
        reading.read_line(index)
    assert reading.step.finish_recording().longest_silence_s == 0.0
    assert reading.told == []


class SlowCamera(doubles.Camera):
    """Its first picture comes 2.5 s of the clock after the start."""

    def start(self, t0: float) -> None:
        super().start(t0)
        self._clock.advance(2.5)


def test_times_of_lines_begin_with_the_first_picture(hall: OpenHall, clock: HandClock) -> None:
    equipment = doubles.equipment(clock)
    session = open_session(hall, equipment)
    walk(session, clock, until="notice")
    session.close()
    session = resume_session(hall, replace(equipment, camera=SlowCamera(clock)), session.session_id)
    read_notice(session, clock)
    assert recording_of(session).line_starts_s[0] < 2.0
    session.close()


class StutteringCamera(doubles.Camera):
    """Pictures come twice and out of order, as some cameras' do."""

    def read(self) -> Frame | None:
        frame = super().read()
        self._count = getattr(self, "_count", 0) + 1
        return frame and replace(frame, time_s=frame.time_s - (0.04 if self._count % 3 == 0 else 0.0))


def test_pictures_out_of_order_stop_nothing(reading: Reading, hall: OpenHall, clock: HandClock) -> None:
    reading.session.close()
    equipment = doubles.equipment(clock, camera=StutteringCamera(clock))
    session = resume_session(hall, equipment, reading.session.session_id)
    read_notice(session, clock)
    assert next_kind(session) == "signature"
    session.close()


def test_a_stop_while_the_camera_opens_ends_the_opening_and_the_reading_can_be_begun_again(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, closed = Stop(), threading.Event()

    def open_slowly(t0: float) -> None:
        stop.say()
        assert closed.wait(NOTICED_S)
        raise KnownError(FailureCode.CAMERA_MISSING)

    with monkeypatch.context() as slow:
        slow.setattr(reading.camera, "start", open_slowly)
        slow.setattr(reading.camera, "close", closed.set)
        with pytest.raises(KnownError, match="check_stopped"):
            reading.step.start_recording(lambda frame: None, lambda level: None, reading.told.append, stop)
    assert (reading.told, reading.files(), reading.step.facts.begun) == ([], [], 0)
    reading.start()
    assert reading.step.facts.begun == 1


def test_a_stop_that_comes_with_the_first_picture_or_before_the_opening_is_heard(reading: Reading) -> None:
    stop = Stop()
    with pytest.raises(KnownError, match="check_stopped"):
        reading.step.start_recording(lambda frame: stop.say(), lambda level: None, reading.told.append, stop)
    assert not reading.microphone.open
    reading.session.feed.close()
    pictures = reading.camera.read_so_far
    with pytest.raises(KnownError, match="check_stopped"):
        reading.step.start_recording(lambda frame: None, lambda level: None, reading.told.append, stop)
    assert reading.camera.read_so_far == pictures
    assert not reading.camera.open
    assert not reading.microphone.open
    assert (reading.told, reading.files(), reading.step.facts.begun) == ([], [], 0)


VIRTUAL = DeviceIdentity("OBS Virtual Camera", practice=False, driver="v4l2 loopback", virtual=True)


def test_a_virtual_camera_counts_as_none_in_a_real_hall(
    clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubles.Camera, "identity", VIRTUAL)
    make_hall(tmp_path / "real", clock, practice=False)
    hall = open_hall(tmp_path / "real", clock)
    camera = doubles.Camera(clock)
    session = open_consented(hall, doubles.equipment(clock, camera=camera), clock)
    with pytest.raises(KnownError) as caught:
        session.the(PortraitStep).compare(UNSEEN)
    assert (caught.value.code, caught.value.detail) == (FailureCode.CAMERA_VIRTUAL, "OBS Virtual Camera")
    assert not camera.open
    assert session.the(PortraitStep).facts.liveness.attempts == ()
    assert session.the(PortraitStep).facts.refused_cameras == (VIRTUAL,)
    session.the(PortraitStep).leave_to_supervisor()
    with pytest.raises(KnownError, match="camera_virtual"):
        session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    assert session.the(NoticeStep).facts.refused_cameras == (VIRTUAL,)
    assert session.the(NoticeStep).facts.begun == 0
    session.close()
    hall.close()


def test_a_refused_camera_stands_in_the_evidence_and_in_the_audit_and_spoils_no_session(
    clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused at the reading only, after a restart, twice, then another one; a third is taken after another restart."""
    loopback = replace(VIRTUAL, name="HD Webcam", bus="virtual/video4linux/video4")
    lens = replace(VIRTUAL, name="HD Webcam", bus="pci0000:00/usb1/1-2", driver="uvcvideo", virtual=False)
    monkeypatch.setattr(doubles.Camera, "identity", lens)
    make_hall(tmp_path / "real", clock, practice=False)
    hall = open_hall(tmp_path / "real", clock)
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="notice")
    assert session.the(PortraitStep).facts.refused_cameras == session.the(NoticeStep).facts.refused_cameras == ()
    session.close()
    session = resume_session(hall, session.equipment, session.session_id)
    for camera in (VIRTUAL, VIRTUAL, loopback):
        monkeypatch.setattr(doubles.Camera, "identity", camera)
        with pytest.raises(KnownError, match="camera_virtual"):
            session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    session.close()
    monkeypatch.setattr(doubles.Camera, "identity", lens)
    session = resume_session(hall, doubles.equipment(clock), session.session_id)
    walk(session, clock, until="signature")
    with hall.database.reading() as tables:
        failed = [entry.detail for _, entry in events(tables, session.session_id) if entry.event == "recording_failed"]
    assert [detail["cause"] for detail in failed] == ["camera_virtual"] * 3
    assert [DeviceIdentity(**detail["camera"]) for detail in failed] == [VIRTUAL, VIRTUAL, loopback]
    assert session.the(NoticeStep).facts.refused_cameras == (VIRTUAL, loopback)
    assert session.the(NoticeStep).facts.cameras == session.the(PortraitStep).facts.cameras == (lens,)
    session.close()
    hall.close()


def test_an_unknown_camera_is_used_and_its_facts_say_that_it_is_one(
    clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = DeviceIdentity("camera 0", practice=False)
    monkeypatch.setattr(doubles.Camera, "identity", unknown)
    make_hall(tmp_path / "real", clock, practice=False)
    hall = open_hall(tmp_path / "real", clock)
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="signature")
    assert session.the(PortraitStep).camera.unknown
    for step in (session.the(PortraitStep), session.the(NoticeStep)):
        assert [(camera.virtual, camera.unknown) for camera in step.facts.cameras] == [(None, True)]
        kept = stored(hall, session).step(step.planned.id).facts
        assert kept is not None
        assert kept.cameras == (unknown,)
    session.close()
    hall.close()


def test_a_practice_hall_may_use_one_and_its_facts_say_so(
    hall: OpenHall, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubles.Camera, "identity", VIRTUAL)
    session = open_session(hall, doubles.equipment(clock))
    walk(session, clock, until="signature")
    assert session.the(NoticeStep).facts.recording is not None
    assert face_of(session).camera == recording_of(session).camera == VIRTUAL
    session.close()


def test_the_microphones_blocks_may_be_empty(reading: Reading) -> None:
    reading.microphone.read = lambda: Sound(0.0, np.zeros(0, np.int16))  # type: ignore[method-assign]
    reading.start()
    reading.step.show_line(0)
    reading.step.restart_recording()
    assert reading.told == []


@pytest.mark.expects_log("the recording of a reading broke off: camera_stopped", r"bug \w{6}\nOSError")
def test_a_camera_that_cannot_be_closed_keeps_the_microphone_open_for_nobody(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise OSError("a driver may raise anything")

    reading.start()
    assert reading.microphone.open
    with monkeypatch.context() as broken:
        broken.setattr(reading.camera, "close", fails)
        reading.camera.failure, reading.camera.pictures = KnownError(FailureCode.CAMERA_STOPPED), 0
        eventually(lambda: reading.told, NOTICED_S)
        reading.step.restart_recording()
    assert not reading.microphone.open
