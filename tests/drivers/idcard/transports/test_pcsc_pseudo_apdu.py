"""A whole read over pseudo-APDUs: our session, pyscard, a real pcscd, our handler, and a virtual reader."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from smartcard import scard

from drivers.idcard.channels import PcscChannel
from drivers.idcard.profiles import load_profiles
from drivers.idcard.session import ChipContents
from drivers.idcard.transports.pcsc import PcscService, ReaderLook
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import READER_NAME, VirtualReader
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.conftest import PATIENCE_S
from tests.drivers.idcard.reading import read_card
from tests.pcsc_daemon import PROFILES

NAME = f"{READER_NAME} 00 00"
CARD = PracticeCard.resident()
ESCAPE, _, _, PSEUDO_APDU = load_profiles(PROFILES)


def read(*, escape: bool = False, perhaps_read: bool = False, opened: Event | None = None) -> ChipContents:
    with PcscService() as service:
        service.wait({NAME: ReaderLook(scard.SCARD_STATE_EMPTY)}, PATIENCE_S)
    channel = PcscChannel(NAME)
    with closing(channel), channel.session(ESCAPE if escape else PSEUDO_APDU) as session:
        if opened is not None:
            opened.set()
        return read_card(session, perhaps_read=perhaps_read)


def refusal(*, escape: bool = False, perhaps_read: bool = False) -> FailureCode:
    with pytest.raises(KnownError) as caught:
        read(escape=escape, perhaps_read=perhaps_read)
    return caught.value.code


def test_a_card_is_read_and_needs_lifting(apdu_reader: VirtualReader) -> None:
    apdu_reader.insert(CARD)
    contents = read()
    assert (contents.record.raw, contents.portrait, contents.sam_number) == (CARD.text, CARD.portrait, "")
    assert refusal(perhaps_read=True) is FailureCode.CARD_NEEDS_LIFTING


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.CHECKSUM_WRONG, FailureCode.CARD_UNREADABLE),
        (Trouble.READ_REFUSED, FailureCode.CARD_UNREADABLE),
        (Trouble.REMOVED_MID_READ, FailureCode.CARD_UNREADABLE),
        (Trouble.SAM_MISSING, FailureCode.READER_WITHOUT_SAM),
    ],
)
def test_troubles(apdu_reader: VirtualReader, trouble: Trouble, code: FailureCode) -> None:
    apdu_reader.insert(CARD, trouble)
    assert refusal() is code


def test_garbage_before_the_modules_frames_is_the_readers_own_affair(apdu_reader: VirtualReader) -> None:
    apdu_reader.insert(CARD, Trouble.GARBAGE_FIRST)
    assert read().record.raw == CARD.text


def test_each_dialect_refuses_the_other(apdu_reader: VirtualReader) -> None:
    apdu_reader.insert(CARD)
    assert refusal(escape=True) is FailureCode.READER_WITHOUT_SAM
    apdu_reader.remove()
    apdu_reader.daemon.stop()
    apdu_reader.process.stop()
    apdu_reader.process.start()
    apdu_reader.daemon.start()
    apdu_reader.insert(CARD)
    assert refusal() is FailureCode.READER_WITHOUT_SAM
    assert read(escape=True).record.raw == CARD.text


@pytest.mark.parametrize("pulled", ["card", "reader", "daemon"])
def test_pulled_while_it_is_silent(apdu_reader: VirtualReader, pulled: str) -> None:
    apdu_reader.insert(CARD, Trouble.SILENT)
    opened = Event()
    pull = {"card": apdu_reader.remove, "reader": apdu_reader.process.stop, "daemon": apdu_reader.daemon.kill}[pulled]
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read, opened=opened)
        assert opened.wait(PATIENCE_S)
        pull()
        error = reading.exception(PATIENCE_S)
    assert isinstance(error, KnownError)
    # The driver's "no answer" may come before the service has seen the card or the reader go.
    assert (
        error.code
        in {
            "card": {FailureCode.CARD_REMOVED, FailureCode.READER_FAILED},
            "reader": {FailureCode.READER_MISSING, FailureCode.CARD_REMOVED, FailureCode.READER_FAILED},
            "daemon": {FailureCode.READER_SERVICE_DOWN},
        }[pulled]
    )


def test_the_new_address_travels_as_escape(virtual_reader: VirtualReader) -> None:
    moved = replace(CARD, new_address="演练市搬家路2号".ljust(35).encode("utf-16-le"))
    virtual_reader.insert(moved)
    assert read(escape=True).new_address == "演练市搬家路2号"
