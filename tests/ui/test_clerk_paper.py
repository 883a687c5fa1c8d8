"""Reading, signature and outcome before the clerk."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from tests.ui import doubles
from tests.ui.clerks_hall import Hall, write
from tests.ui.doubles import Step
from ui import wording


@pytest.fixture
def hall(qtbot):
    made = Hall(qtbot)
    yield made
    made.close()


def test_the_text_stands_beside_the_signature_on_both_screens(hall) -> None:
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    for text in (hall.customer.signing.text, hall.page.text):
        assert text.isVisible()
        assert text.title.text() == doubles.NOTICE.title
        assert [*(label.text() for label in text.lines), text.key_sentence.text()] == list(doubles.NOTICE.lines)
        for label in (text.title, text.key_sentence):
            assert label.visibleRegion().boundingRect().height() >= label.fontMetrics().height() - 1
    assert hall.customer.signing.pad.isVisible()


def test_reading_by_the_clerks_key_and_again_from_the_first_line(hall) -> None:
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    assert hall.customer.page is hall.customer.reading
    hall.key(Qt.Key.Key_Return)
    hall.key(Qt.Key.Key_Return)  # too soon: no line is skipped
    hall.until(lambda: hall.page.line == 1 and hall.page.primary_action.isEnabled())
    hall.key(Qt.Key.Key_F8)
    assert hall.session.calls("restart_recording") == 1
    hall.key(Qt.Key.Key_F10)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    assert hall.session.calls("restart_recording") == 2  # before each start: nothing half open is left
    assert hall.session.shown_lines == [0, 1, 0]


def test_a_hole_in_the_recording_begins_another(hall) -> None:
    hall.session.failures["start_recording"] = [KnownError(FailureCode.MICROPHONE_MISSING)]
    hall.come_to(Step.NOTICE)
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until_failure(FailureCode.MICROPHONE_MISSING)
    hall.session.failures["show_line"] = [KnownError(FailureCode.CAMERA_STOPPED)]
    hall.key(Qt.Key.Key_F5)
    hall.until_failure(FailureCode.CAMERA_STOPPED)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.page.line == 0 and hall.page.primary_action.isEnabled())
    assert hall.session.calls("restart_recording") == 4  # before each start, and at once when there was a hole


def test_signature_is_seen_cleared_and_retried(hall) -> None:
    hall.session.failures["sign"] = [KnownError(FailureCode.DISK_FULL)]
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    signing = hall.customer.signing
    assert not signing.accept.isEnabled()
    assert not hall.page.clear.isEnabled()  # there is nothing to wipe
    write(signing.pad)
    assert hall.page.view.strokes == signing.pad.strokes
    assert hall.page.clear.isEnabled()
    hall.key(Qt.Key.Key_F8)
    assert signing.pad.strokes == ()
    assert not hall.page.clear.isEnabled()
    write(signing.pad)
    QTest.mouseClick(signing.accept, Qt.MouseButton.LeftButton)
    hall.until_failure(FailureCode.DISK_FULL)
    assert hall.page.clear.isEnabled()
    hall.key(Qt.Key.Key_F5)
    hall.until_step(Step.SEAL)
    assert hall.session.signed == (signing.pad.strokes, "mouse")


@pytest.mark.parametrize("far", [0, 20])
def test_who_writes_too_little_reads_why_it_is_no_signature(hall, keep_picture, far) -> None:
    hall.come_to(Step.SIGNATURE)
    hall.until(lambda: hall.customer.page is hall.customer.signing)
    signing = hall.customer.signing
    meaning = signing._hint.text()
    at = signing.pad.field.topLeft().toPoint() + QPoint(40, 40)
    bare = signing.pad.grab().toImage()
    QTest.mousePress(signing.pad, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(signing.pad, at + QPoint(far, 0))
    assert signing._hint.text() == meaning  # nobody is interrupted
    QTest.mouseRelease(signing.pad, Qt.MouseButton.LeftButton, pos=at + QPoint(far, 0))
    assert not signing.accept.isEnabled()
    assert signing._hint.text() == wording.Customer.SIGN_TOO_SHORT
    assert hall.page.status.text() == wording.Signature.TOO_SHORT
    below = signing.pad.field.toRect().adjusted(0, round(signing.pad.field.height() * 0.8), 0, 0)
    assert signing.pad.grab().toImage().copy(below) == bare.copy(below)  # where to sign is still said
    keep_picture(hall.customer, f"customer_sign_too_short_{far}")
    write(signing.pad)
    assert signing.accept.isEnabled()
    assert signing._hint.text() == meaning
    assert hall.page.status.text() != wording.Signature.TOO_SHORT
    assert signing.pad.grab().toImage().copy(below) != bare.copy(below)


def test_outcome_follows_the_centre(hall) -> None:
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL)
    assert hall.dispatch.woken == 1
    assert hall.page.outcome.text() == "已采集，待联网核验"
    for outcome, told in ((Outcome.PENDING_REVIEW, None), (Outcome.PASSED, Outcome.PASSED)):
        hall.dispatch.said = outcome
        hall.counter.delivered(told)  # where the centre has said nothing yet, the page asks
        hall.until(lambda due=outcome: hall.page.outcome_shown is due)
        assert hall.customer.page.sentence == wording.CUSTOMER_OUTCOMES[outcome][0]
    hall.counter.printer_failures = [KnownError(FailureCode.PRINTER_FAILED)]
    hall.until_way_on()
    hall.key(Qt.Key.Key_F7)
    hall.until_failure(FailureCode.PRINTER_FAILED)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.counter.printed == [b"%PDF-"])
    hall.until_way_on()
    hall.key(Qt.Key.Key_Return)
    hall.until(lambda: hall.clerk.view is None)
    assert hall.customer.page.sentence == wording.Customer.WELCOME


@pytest.mark.parametrize("file", [None, Path("/home/clerk/.local/share/hallclient/practice/customer_copy.pdf")])
def test_a_practice_printer_says_which_file_is_the_paper(hall, file) -> None:
    hall.counter.printed_to = file
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL and hall.page.print.isEnabled())
    hall.key(Qt.Key.Key_F7)
    hall.until(lambda: hall.counter.printed == [b"%PDF-"] and hall.page.print.isEnabled())
    said = hall.page.status.text().replace("\u200b", "")
    if file is None:
        assert said == wording.Finish.PRINTED
    else:
        assert said.startswith(wording.PRACTICE)
        assert str(file) in said


def test_an_outcome_that_cannot_be_read_is_asked_for_again_and_nothing_is_sealed_twice(hall) -> None:
    hall.dispatch.failures = [KnownError(FailureCode.STORE_BUSY)]
    hall.come_to(Step.SEAL)
    hall.until_failure(FailureCode.STORE_BUSY)
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL)
    assert hall.session.calls("seal") == 1
    assert not hall.page.banner.isVisible()


def test_what_was_asked_before_the_centres_word_does_not_take_it_back(hall) -> None:
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL)
    hall.page._show_outcome(Outcome.PASSED)
    hall.page._show_outcome(Outcome.PROVISIONAL)  # an older answer, which comes last
    assert hall.page.outcome_shown is Outcome.PASSED
    assert hall.customer.page.sentence == wording.CUSTOMER_OUTCOMES[Outcome.PASSED][0]


def test_the_outcome_of_another_session_is_not_this_customers(hall) -> None:
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL)
    told: list[object] = []
    hall.page.workplace.events.arrived.connect(told.append)
    hall.dispatch.said = Outcome.NOT_PASSED
    hall.counter.delivered(Outcome.NOT_PASSED, session="another")
    hall.counter.delivered(None, session="another")
    hall.until(lambda: len(told) == 2)
    hall.until(hall.page.workplace.background.idle)
    assert hall.page.outcome_shown is Outcome.PROVISIONAL


def test_an_outcome_does_not_take_the_printers_failure_away(hall) -> None:
    hall.counter.printer_failures = [KnownError(FailureCode.PRINTER_FAILED)]
    hall.come_to(Step.SEAL)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PROVISIONAL and hall.page.print.isEnabled())
    hall.key(Qt.Key.Key_F7)
    hall.until_failure(FailureCode.PRINTER_FAILED)
    hall.counter.delivered(Outcome.PASSED)
    hall.until(lambda: hall.page.outcome_shown is Outcome.PASSED)
    assert hall.page.banner.isVisible()
    hall.key(Qt.Key.Key_F5)
    hall.until(lambda: hall.counter.printed == [b"%PDF-"])
