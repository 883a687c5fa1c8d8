"""The pills say what keeps the packages here and what ails the reader, and their tips what is to be done."""

import pytest
from pytestqt.qtbot import QtBot

from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FAILURES, FailureCode
from hallclient.services.dispatch import DispatchStatus
from ui import wording
from ui.widgets.status_pills import NetworkPill, ReaderPill


@pytest.mark.parametrize(
    ("status", "words", "tone"),
    [
        (DispatchStatus(None, 2, 0, None), wording.Top.CONNECTING, "plain"),
        (DispatchStatus(True, 2, 0, None), wording.Top.ONLINE, "good"),
        (DispatchStatus(False, 2, 0, FailureCode.CENTRE_UNREACHABLE), wording.Top.OFFLINE, "look"),
    ],
)
def test_on_the_way(qtbot: QtBot, status: DispatchStatus, words: str, tone: str) -> None:
    pill = NetworkPill()
    qtbot.addWidget(pill)
    pill.show_status(status)
    assert (pill.text(), pill.property("pill")) == (words.format(waiting=2), tone)


@pytest.mark.parametrize(
    ("code", "tone"),
    [
        (FailureCode.CENTRE_REFUSED_DEVICE, "stop"),
        (FailureCode.CENTRE_UNTRUSTED, "stop"),
        (FailureCode.CENTRE_VERSION, "stop"),
        (FailureCode.DISK_FULL, "stop"),
        (FailureCode.CENTRE_FAILED, "look"),
        (FailureCode.STORE_BUSY, "look"),
        (FailureCode.INTERNAL_ERROR, "look"),
    ],
)
@pytest.mark.parametrize("online", [None, True, False])
def test_what_is_no_lack_of_network_is_not_called_offline(
    qtbot: QtBot, code: FailureCode, tone: str, online: bool | None
) -> None:
    pill = NetworkPill()
    qtbot.addWidget(pill)
    pill.show_status(DispatchStatus(online, 3, 1, code))
    assert FAILURES[code].cause in pill.text()
    assert "3" in pill.text()
    assert wording.Top.OFFLINE.format(waiting=3) not in pill.text()
    assert wording.Top.QUARANTINED.format(quarantined=1) in pill.text()
    assert (pill.property("pill"), pill.toolTip()) == (tone, FAILURES[code].remedy)


def test_a_mistake_of_ours_has_its_number_in_the_words_and_in_the_tip(qtbot: QtBot) -> None:
    pill = NetworkPill()
    qtbot.addWidget(pill)
    pill.show_status(DispatchStatus(True, 0, 0, FailureCode.INTERNAL_ERROR, "7K2M9Q"))
    assert "编号 7K2M9Q" in pill.text()
    assert "编号 7K2M9Q" in pill.toolTip()
    assert FAILURES[FailureCode.INTERNAL_ERROR].remedy in pill.toolTip()


def test_a_detail_is_no_number(qtbot: QtBot) -> None:
    """Reader trouble has facts for the operator's IT; only what we did wrong has a number in the log."""
    pill = ReaderPill()
    qtbot.addWidget(pill)
    failure = FAILURES[FailureCode.READER_SERVICE_DOWN]
    pill.show_status(ReaderStatus(ReaderState.TROUBLE, None, FailureCode.READER_SERVICE_DOWN, "8010001D"))
    assert (pill.text(), pill.toolTip()) == (failure.cause, failure.remedy)
    pill.show_status(ReaderStatus(ReaderState.TROUBLE, None, FailureCode.INTERNAL_ERROR, number="7K2M9Q"))
    assert "编号 7K2M9Q" in pill.text()
    assert "编号 7K2M9Q" in pill.toolTip()
