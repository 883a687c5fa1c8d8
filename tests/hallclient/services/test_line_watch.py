"""When the centre is asked beside a delivery, and what is said: a table of what the delivery and the centre do."""

import pytest

from hallclient.domain.failures import FailureCode
from hallclient.services.line_watch import LineWatch

NONE = None  # no delivery is under way
GONE, REFUSED = FailureCode.CENTRE_UNREACHABLE, FailureCode.CENTRE_REFUSED_DEVICE


@pytest.mark.parametrize(
    ("looks", "asked", "said"),
    [
        # Each look: how long the delivery is silent, why the centre does not answer, how long it is silent then.
        ([(NONE, GONE, NONE)] * 3, 0, []),
        ([(0.0, GONE, 0.0), (1.4, GONE, 1.4), (0.2, GONE, 0.2)], 0, []),
        ([(1.5, GONE, 4.5)], 1, [GONE]),
        ([(1.5, GONE, 4.5), (5.0, GONE, 8.0), (8.5, GONE, 11.5)], 3, [GONE]),  # said once, asked on
        ([(1.5, GONE, 4.5), (5.0, None, 5.1), (5.6, None, 5.6)], 2, [GONE, None]),  # it is back, and has much to do
        ([(1.5, GONE, 4.5), (0.1, GONE, 0.1)], 1, [GONE, None]),  # the delivery moves again
        ([(1.5, GONE, 4.5), (NONE, GONE, NONE), (0.1, GONE, 0.1)], 1, [GONE]),  # it ended: that is said by others
        ([(1.5, None, 1.6), (2.1, None, 2.1), (4.5, None, 4.5), (4.6, None, 4.7)], 2, []),  # a centre with much to do
        ([(1.5, None, 1.6), (4.6, GONE, 7.6)], 2, [GONE]),
        ([(1.5, GONE, 4.5), (5.0, REFUSED, 5.1)], 2, [GONE, REFUSED]),  # each as it is
        ([(1.5, GONE, 0.3)], 1, []),  # a slow line: the delivery moved while the question waited behind it
        ([(1.5, GONE, NONE)], 1, []),  # it ended meanwhile
    ],
)
def test_what_is_asked_and_said(
    looks: list[tuple[float | None, FailureCode | None, float | None]], asked: int, said: list[FailureCode | None]
) -> None:
    silent_s: list[float | None] = []
    answers: list[FailureCode | None] = []
    heard: list[FailureCode | None] = []
    questions: list[bool] = []

    def ask() -> FailureCode | None:
        questions.append(True)
        silent_s.pop(0)
        return answers[0]

    watch = LineWatch(lambda: silent_s[0], ask, heard.append)
    for before_s, answer, after_s in looks:
        silent_s[:], answers[:] = [before_s, after_s], [answer]
        watch.look()
    assert len(questions) == asked
    assert heard == said
