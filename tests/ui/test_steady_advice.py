"""An advice stays to be read, and goes by itself."""

import pytest

from hallclient.domain.liveness import Advice, Challenge
from ui.steps.steady_advice import SteadyAdvice

LEFT, NOD = Challenge.TURN_LEFT, Challenge.NOD
MORE, BACK, SMILE, NOBODY, AGAIN = (
    Advice.TURN_MORE,
    Advice.TURN_BACK,
    Advice.SMILE_LESS,
    Advice.SHOW_FACE,
    Advice.AGAIN_UNSEEN,
)


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ([(NOD, SMILE)], SMILE),  # at once
        ([(NOD, SMILE), (NOD, None)], SMILE),  # one look flips nothing
        ([(NOD, SMILE), (NOD, None), (NOD, SMILE), (NOD, None)], SMILE),
        ([(LEFT, MORE), (LEFT, SMILE)], MORE),
        ([(LEFT, MORE), (LEFT, BACK)], BACK),  # the contrary cannot wait
        ([(LEFT, BACK), (LEFT, MORE)], BACK),
        ([(LEFT, BACK), (LEFT, NOBODY)], NOBODY),
        ([(LEFT, NOBODY), (LEFT, BACK)], NOBODY),
        ([(LEFT, MORE), (None, None)], None),  # it was of another challenge
        ([(LEFT, MORE), (NOD, None)], None),
        ([(LEFT, MORE), (None, AGAIN)], AGAIN),
        ([(None, AGAIN), (LEFT, AGAIN), (LEFT, None)], AGAIN),
        ([(LEFT, None), (LEFT, MORE)], MORE),
    ],
)
def test_before_it_can_have_been_read(seen, shown, qtbot) -> None:
    """Nothing goes by itself here, however slow the machine is: no event is processed."""
    steady = SteadyAdvice()
    assert [steady.update(challenge, advice) for challenge, advice in seen][-1] is shown


@pytest.mark.parametrize("then", [None, SMILE])
def test_once_it_has_been_read_what_is_true_now_takes_its_place(then, qtbot) -> None:
    steady = SteadyAdvice()
    with qtbot.waitSignal(steady.read, timeout=30_000):
        steady.update(LEFT, BACK)
        assert steady.update(LEFT, then) is BACK
    assert steady.update(LEFT, then) is then
    assert steady.update(LEFT, MORE) is (MORE if then is None else then)  # and this one stays to be read


def test_what_was_cleared_is_gone_and_says_nothing_later(qtbot) -> None:
    steady = SteadyAdvice()
    steady.update(LEFT, MORE)
    steady.clear()
    assert not steady._reading.isActive()
    assert steady.update(None, None) is None
