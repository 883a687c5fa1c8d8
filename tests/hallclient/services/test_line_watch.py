"""When the centre is asked beside a delivery, and what is said: a table of what the delivery and the centre do."""

import pytest

from hallclient.services.line_watch import LineWatch

NONE = None  # no delivery is under way


@pytest.mark.parametrize(
    ("looks", "asked", "said"),
    [
        # Each look: for how long the delivery is silent, whether the centre answers, for how long it is silent then.
        ([(NONE, False, NONE)] * 3, 0, []),
        ([(0.0, False, 0.0), (1.4, False, 1.4), (0.2, False, 0.2)], 0, []),
        ([(1.5, False, 4.5)], 1, [False]),
        ([(1.5, False, 4.5), (5.0, False, 8.0), (8.5, False, 11.5)], 3, [False]),  # said once, asked on
        ([(1.5, False, 4.5), (5.0, True, 5.1), (5.6, True, 5.6)], 2, [False, True]),  # it is back, and has much to do
        ([(1.5, False, 4.5), (0.1, False, 0.1)], 1, [False, True]),  # the delivery moves again
        ([(1.5, False, 4.5), (NONE, False, NONE), (0.1, False, 0.1)], 1, [False]),  # it ended: that is said by others
        ([(1.5, True, 1.6), (2.1, True, 2.1), (4.5, True, 4.5), (4.6, True, 4.7)], 2, []),  # a centre with much to do
        ([(1.5, True, 1.6), (4.6, False, 7.6)], 2, [False]),
        ([(1.5, False, 0.3)], 1, []),  # a slow line: the delivery moved while the question waited behind it
        ([(1.5, False, NONE)], 1, []),  # it ended meanwhile
    ],
)
def test_what_is_asked_and_said(
    looks: list[tuple[float | None, bool, float | None]], asked: int, said: list[bool]
) -> None:
    silent_s: list[float | None] = []
    answers: list[bool] = []
    heard: list[bool] = []
    questions: list[bool] = []

    def ask() -> bool:
        questions.append(True)
        silent_s.pop(0)
        return answers[0]

    watch = LineWatch(lambda: silent_s[0], ask, heard.append)
    for before_s, answer, after_s in looks:
        silent_s[:], answers[:] = [before_s, after_s], [answer]
        watch.look()
    assert len(questions) == asked
    assert heard == said
