"""The card: when it is read, what of it is kept, and which devices are told that they are needed."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from hallclient.devices import Image
from hallclient.domain.card import CardKind, Finding
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.person import MaskedPerson
from hallclient.services.access import OpenHall
from hallclient.services.session.card import CardStep
from hallclient.services.session.precheck import PrecheckStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    next_kind,
    open_session,
    resume_session,
    walk,
)


@pytest.mark.parametrize(
    "code",
    [
        FailureCode.READER_SERVICE_DOWN,
        FailureCode.READER_MISSING,
        FailureCode.CARD_MISSING,
        FailureCode.CARD_REMOVED,
    ],
)
def test_a_failing_reader_leaves_the_session_where_it_was(code: FailureCode, hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(KnownError(code))))
    with pytest.raises(KnownError) as caught:
        session.the(CardStep).read(1.0)
    assert caught.value.code is code
    session.close()
    resumed = resume_session(hall, doubles.equipment(clock), session.session_id)
    assert next_kind(resumed) == "card"
    resumed.the(CardStep).read(1.0)
    resumed.close()


def test_only_a_card_that_is_put_down_after_the_opening_is_read(hall: OpenHall, clock: HandClock) -> None:
    """What the reader is asked for: it alone sees when a card comes. Continued, the session waits anew."""
    opened_s = clock.monotonic()
    reader = doubles.Reader(KnownError(FailureCode.CARD_NEEDS_LIFTING))
    session = open_session(hall, doubles.equipment(clock, card_reader=reader))
    for timeout_s in (1.0, 2.0):
        clock.advance(5.0)
        with pytest.raises(KnownError):
            session.the(CardStep).read(timeout_s)
    assert reader.asked == [(1.0, opened_s), (2.0, opened_s)]
    session.close()
    resumed_s = clock.monotonic()
    resumed = resume_session(hall, doubles.equipment(clock, card_reader=reader), session.session_id)
    with pytest.raises(KnownError):
        resumed.the(CardStep).read(3.0)
    assert reader.asked[-1] == (3.0, resumed_s)
    assert resumed_s > opened_s
    resumed.close()


def test_a_new_address_that_could_not_be_read_is_noted(hall: OpenHall, clock: HandClock) -> None:
    reading = replace(doubles.card_reading(), new_address_unreadable=True)
    session = open_session(hall, doubles.equipment(clock, card_reader=doubles.Reader(reading)))
    session.the(CardStep).read(1.0)
    facts = session.the(CardStep).facts
    assert facts is not None
    assert facts.findings == (Finding.NEW_ADDRESS_UNREADABLE,)
    assert session.the(PrecheckStep).check().card_usable
    session.close()
    assert resume_session(hall, doubles.equipment(clock), session.session_id).the(CardStep).reading == reading


def test_who_reads_a_card_is_told_whose_it_is_and_no_screen_the_whole_of_it(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    assert session.the(CardStep).holder is None
    read = session.the(CardStep).read(1.0)
    assert read == session.the(CardStep).holder == MaskedPerson.of(doubles.card_reading().record)
    assert (read.name, read.document) == ("钱***", CardKind.RESIDENT)
    for personal in (doubles.CUSTOMER, doubles.NUMBER):
        assert personal not in repr(read)
    session.close()
    assert session.the(CardStep).holder is None


class Unwilling(doubles.Recorder):
    """Fails at every hint."""

    def prewarm(self) -> None:
        raise KnownError(FailureCode.RECORDER_FAILED, "no process")


@pytest.mark.expects_log("a hint failed: Unwilling.prewarm", "a hint failed: .*FaceWorker.prewarm")
@pytest.mark.parametrize("failure", [KnownError(FailureCode.FACE_WORKER_FAILED), OSError(12, "no memory")])
def test_a_hint_that_fails_does_not_fail_the_step(failure: Exception, hall: OpenHall, clock: HandClock) -> None:
    class FaceWorker:
        def prewarm(self) -> None:
            raise failure

        def watch(self, listener: Callable[[], None]) -> None: ...

        def prepare(self, images: Sequence[Image]) -> None: ...

        def forget(self) -> None: ...

    equipment = doubles.equipment(clock, recorder=Unwilling(), face_worker=FaceWorker())
    session = open_session(hall, equipment)
    session.the(CardStep).read(1.0)
    assert session.the(CardStep).reading == doubles.card_reading()
    assert next_kind(session) == "precheck"
    walk(session, clock)
    session.close()
