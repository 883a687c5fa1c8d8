"""Who hears how the readers are: one that breaks costs the others nothing."""

from drivers.idcard.status_notifier import StatusNotifier
from hallclient.devices import ReaderState, ReaderStatus
from hallclient.domain.failures import FailureCode


def test_a_listener_that_breaks_keeps_nothing_from_the_others() -> None:
    mistakes: list[BaseException] = []

    def keep(error: BaseException) -> str:
        mistakes.append(error)
        return "7K2M9Q"

    def breaks(_: ReaderStatus) -> None:
        raise ZeroDivisionError

    notifier, heard, each = StatusNotifier(keep), [], []
    notifier.add(breaks)
    notifier.add(heard.append)
    notifier.add_for_each(breaks)
    notifier.add_for_each(each.append)
    told = [
        ReaderStatus(ReaderState.TROUBLE, None, FailureCode.READER_MISSING),
        ReaderStatus(ReaderState.READY, None, None),
    ]
    for status in told:
        notifier.changed({"a reader": status})
        notifier.sum_up(status)
        notifier.deliver()
    assert heard == each == told
    assert [type(error) for error in mistakes] == [ZeroDivisionError] * 4
