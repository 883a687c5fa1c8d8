"""The reading without a device that it needs; the recording has its own, in `test_notice_recording`."""

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.session import SessionState
from hallclient.services.access import OpenHall
from hallclient.services.session.notice import NoticeStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    open_session,
    resume_session,
    walk,
)


def test_without_a_microphone_nothing_is_recorded_and_nothing_is_left_open(hall: OpenHall, clock: HandClock) -> None:
    camera, microphone = doubles.Camera(clock), doubles.Microphone(KnownError(FailureCode.MICROPHONE_MISSING))
    session = open_session(hall, doubles.equipment(clock, camera=camera, microphone=microphone))
    walk(session, clock, until="notice")
    session.close()
    session = resume_session(hall, session.equipment, session.session_id)
    with pytest.raises(KnownError, match="microphone_missing"):
        session.the(NoticeStep).start_recording(lambda frame: None, lambda level: None)
    session.the(NoticeStep).restart_recording()
    assert not camera.open
    microphone.failure = None
    session.the(NoticeStep).restart_recording()
    walk(session, clock)
    assert session.state is SessionState.SEALED
    session.close()
