"""No order of moves leads past a step, or out of a session that is closed."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallclient.domain.failures import KnownError
from hallclient.domain.session import AbandonReason, SessionState
from hallclient.services.access import OpenHall
from hallclient.services.session.card import CardStep
from hallclient.services.session.engine import Session
from hallclient.services.session.portrait import PortraitStep
from hallclient.services.session.precheck import PrecheckStep
from hallclient.services.session.signature import SignatureStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import STROKES, open_session, read_notice

Move = Callable[[Session, HandClock], object]
MOVES: dict[str, Move] = {
    "holder/card": lambda session, _: session.the(CardStep).read(1.0),
    "holder/precheck": lambda session, _: session.the(PrecheckStep).check(),
    "holder/portrait": lambda session, _: session.the(PortraitStep).give_consent(False),
    "notice": read_notice,
    "signature": lambda session, _: session.the(SignatureStep).sign(STROKES, "pen"),
    "seal": lambda session, _: session.seal(),
    "refuse": lambda session, _: session.refuse(),
    "abandon": lambda session, _: session.abandon(AbandonReason.CUSTOMER_WITHDREW),
}
ORDER = ["holder/card", "holder/precheck", "holder/portrait", "notice", "signature", "seal"]


# Each example has a session of its own in the one hall.
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from([*ORDER, *ORDER, "refuse", "abandon"]), max_size=12))
def test_no_order_of_moves_leads_past_a_step_or_out_of_a_closed_session(
    moves: list[str], hall: OpenHall, clock: HandClock
) -> None:
    session = open_session(hall, doubles.equipment(clock))
    done: list[str] = []
    for move in moves:
        closed = session.state is not SessionState.OPEN
        may = not closed and move != "refuse" and (move == "abandon" or move == ORDER[len(done)])
        if may:
            MOVES[move](session, clock)
            done.append(move)
        else:
            with pytest.raises(KnownError, match="step_out_of_order"):
                MOVES[move](session, clock)
    session.close()
    walked = [move for move in done if move != "abandon"]
    assert walked == ORDER[: len(walked)]
    assert session.state is {"seal": SessionState.SEALED, "abandon": SessionState.ABANDONED}.get(
        done[-1] if done else "", SessionState.OPEN
    )


@pytest.mark.parametrize("until", range(len(ORDER)))
def test_every_open_session_can_be_abandoned(until: int, hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock))
    for move in ORDER[:until]:
        MOVES[move](session, clock)
    session.abandon(AbandonReason.CUSTOMER_WITHDREW)
    assert session.state is SessionState.ABANDONED
    assert session.next_step is None
    session.close()


def test_a_business_without_a_notice_goes_from_the_comparison_to_the_seal(hall: OpenHall, clock: HandClock) -> None:
    session = open_session(hall, doubles.equipment(clock), "numbers_under_my_name")
    for move in ORDER[:3]:
        MOVES[move](session, clock)
    assert session.next_step is None
    assert session.state is SessionState.OPEN
    session.seal()
    assert session.state is SessionState.SEALED
    session.close()
