"""The signature on the notice."""

import pytest

from hallclient.domain.failures import KnownError
from hallclient.domain.signature import PenPoint
from hallclient.services.access import OpenHall
from hallclient.services.session.engine import Session
from hallclient.services.session.signature import SignatureStep
from tests import doubles
from tests.clock import HandClock
from tests.hallclient.services.sessions import (
    STROKES,
    open_session,
    walk,
)


@pytest.fixture
def session(hall: OpenHall, clock: HandClock) -> Session:
    return open_session(hall, doubles.equipment(clock))


@pytest.mark.parametrize("strokes", [(), ((),), (STROKES[0][:3],)])
def test_an_empty_pad_is_no_signature(
    strokes: tuple[tuple[PenPoint, ...], ...], session: Session, clock: HandClock
) -> None:
    walk(session, clock, until="signature")
    with pytest.raises(KnownError, match="signature_empty"):
        session.the(SignatureStep).sign(strokes, "pen")
    session.close()
