"""The start page says what is still being made ready, and what could not be."""

from hallclient.domain.failures import FAILURES, FailureCode, KnownError
from hallclient.services.preparation import Part, Readiness
from ui import wording
from ui.clerk.preparing import PreparingLines

LOST = KnownError(FailureCode.FACE_WORKER_FAILED, "died")


def lines_of(qtbot, readiness: Readiness) -> PreparingLines:
    lines = PreparingLines()
    qtbot.addWidget(lines)
    lines.show_readiness(readiness)
    return lines


def test_what_is_missing_is_named(qtbot) -> None:
    lines = lines_of(qtbot, Readiness(missing=(Part.DOCUMENTS, Part.FACES)))
    assert not lines.isHidden()
    for part in (Part.DOCUMENTS, Part.FACES):
        assert wording.PARTS[part] in lines.text()
    assert wording.PARTS[Part.DEVICES] not in lines.text()


def test_a_failure_is_told_as_its_own_beside_what_is_missing(qtbot) -> None:
    lines = lines_of(qtbot, Readiness(missing=(Part.DOCUMENTS,), failures=((Part.FACES, LOST),)))
    missing, failure = lines.text().splitlines()
    assert wording.PARTS[Part.DOCUMENTS] in missing
    assert wording.PARTS[Part.FACES] in failure
    assert FAILURES[LOST.code].remedy in failure
    assert LOST.code in failure
    assert "died" not in lines.text()  # the detail is for the operator's IT


def test_when_everything_is_ready_nothing_is_said(qtbot) -> None:
    lines = lines_of(qtbot, Readiness())
    lines.show_readiness(Readiness(missing=()))
    assert lines.isHidden()


def test_every_part_has_a_name() -> None:
    assert set(wording.PARTS) == set(Part)
