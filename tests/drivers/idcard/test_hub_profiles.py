"""A reader that several profiles claim: the next one that knows the card is tried where the first finds no module."""

from collections.abc import Callable, Iterator

import pytest

from drivers.idcard.hub import ReaderHub
from drivers.idcard.presence import Presence
from drivers.idcard.profiles import ReaderProfile, ReaderProtocol, Transport, load_profiles
from drivers.idcard.reader_context import ReaderContext
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import VirtualReader
from drivers.practice.idcard.virtual_sam import ATR
from hallclient.devices import ReaderState
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.conftest import PATIENCE_S, RealClock, Statuses
from tests.pcsc_daemon import PROFILES

CARD = PracticeCard.resident()
(SIMULATED,) = (profile for profile in load_profiles(PROFILES) if profile.practice)
OTHER_CARD = bytes.fromhex("3B8F8001804F")


def pseudo_apdu(name: str, order: int, atr_prefix: bytes = b"") -> ReaderProfile:
    return ReaderProfile(
        name,
        order,
        Transport.PCSC_PSEUDO_APDU,
        ReaderProtocol.PSEUDO_APDU,
        reader_name=SIMULATED.reader_name,
        atr_prefix=atr_prefix,
        practice=True,
    )


@pytest.fixture
def open_hub() -> Iterator[Callable[..., ReaderHub]]:
    hubs: list[ReaderHub] = []

    def open_one(*profiles: ReaderProfile) -> ReaderHub:
        hubs.append(ReaderHub([SIMULATED, *profiles], RealClock(), practice=True))
        return hubs[-1]

    yield open_one
    for hub in hubs:
        hub.close()


def test_a_reader_that_takes_no_escape_is_read_through_pseudo_apdus(
    apdu_reader: VirtualReader, open_hub: Callable[..., ReaderHub]
) -> None:
    hub = open_hub(pseudo_apdu("for other cards", 20, OTHER_CARD), pseudo_apdu("for this card", 30, ATR[:7]))
    for _ in range(2):
        apdu_reader.insert(CARD)
        reading = hub.read(PATIENCE_S)
        assert (reading.record.raw, reading.reader.profile) == (CARD.text, "for this card")
        apdu_reader.remove()


def test_a_reader_that_takes_neither_has_no_module(
    apdu_reader: VirtualReader, open_hub: Callable[..., ReaderHub]
) -> None:
    hub = open_hub(pseudo_apdu("for other cards", 20, OTHER_CARD))
    statuses = Statuses()
    hub.watch(statuses)
    for _ in range(2):
        apdu_reader.insert(CARD)
        with pytest.raises(KnownError) as caught:
            hub.read(PATIENCE_S)
        assert caught.value.code is FailureCode.READER_WITHOUT_SAM
        status = statuses.wait_for(ReaderState.TROUBLE, FailureCode.READER_WITHOUT_SAM)
        assert status.reader is not None
        assert status.reader.profile == SIMULATED.name
        apdu_reader.remove()


FIRST, FITTING, MISFIT = pseudo_apdu("a", 1), pseudo_apdu("b", 2, ATR[:4]), pseudo_apdu("c", 3, OTHER_CARD)
ON_IT = Presence(available=True, has_card=True, moves=1, atr=ATR)
EMPTY = Presence(available=True, moves=2)


def test_each_fitting_profile_is_tried_once_and_then_all_again() -> None:
    context = ReaderContext("reader", [FIRST, MISFIT, FITTING])
    context.see(ON_IT, 0.0)
    for _ in range(2):
        assert context.profile is FIRST
        assert context.try_next_profile()
        assert context.profile is FITTING
        assert not context.try_next_profile()


def test_the_profile_that_served_is_tried_first_with_the_next_card() -> None:
    context = ReaderContext("reader", [FIRST, FITTING])
    context.see(ON_IT, 0.0)
    assert context.try_next_profile()
    context.was_read(1.0)
    context.see(EMPTY, 2.0)
    context.see(Presence(available=True, has_card=True, moves=3, atr=ATR), 3.0)
    assert context.profile is FITTING
    assert context.try_next_profile()
    assert context.profile is FIRST


def test_a_card_that_no_profile_knows_is_tried_with_all() -> None:
    context = ReaderContext("reader", [MISFIT, pseudo_apdu("d", 4, b"\x3b\xff")])
    context.see(ON_IT, 0.0)
    assert context.profile is MISFIT
    assert context.try_next_profile()
    assert not context.try_next_profile()
