import threading

import pytest
from smartcard import scard

from drivers.idcard.sam import Command, Status, decode_reply, encode_command
from drivers.idcard.transports.pcsc import EscapeConnection, PcscService, ReaderLook
from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_reader import READER_NAME, VirtualReader
from drivers.practice.idcard.virtual_sam import Trouble
from hallclient.domain.failures import FailureCode, KnownError
from tests.drivers.idcard.conftest import PATIENCE_S

NAME = f"{READER_NAME} 00 00"  # pcscd adds the reader's and the slot's number


def test_readers_and_their_cards(virtual_reader: VirtualReader) -> None:
    with PcscService() as service:
        assert service.reader_names() == [NAME]
        empty = service.wait({NAME: ReaderLook()}, 0.0)
        assert empty is not None
        assert empty[NAME].state & scard.SCARD_STATE_EMPTY
        assert service.wait(empty, 0.05) == empty
        virtual_reader.insert(PracticeCard.resident())
        present = service.wait(empty, PATIENCE_S)
        assert present is not None
        assert present[NAME].state & scard.SCARD_STATE_PRESENT


def test_frames_travel_as_escapes(virtual_reader: VirtualReader) -> None:
    virtual_reader.insert(PracticeCard.resident())
    with PcscService() as service:
        service.wait({NAME: ReaderLook(scard.SCARD_STATE_EMPTY)}, PATIENCE_S)
        with service.open(NAME, EscapeConnection) as connection:
            assert decode_reply(connection.exchange(encode_command(Command.STATUS))).status == Status.OK


def test_a_wait_is_cancelled_from_another_thread(virtual_reader: VirtualReader) -> None:
    with PcscService() as service:
        known = service.wait({NAME: ReaderLook()}, 0.0)
        assert known is not None
        results: list[object] = []
        thread = threading.Thread(target=lambda: results.append(service.wait(known, PATIENCE_S)))
        thread.start()
        while thread.is_alive():
            service.cancel()
            thread.join(0.01)
        assert results == [None]


def test_failures(virtual_reader: VirtualReader) -> None:
    with PcscService() as service:
        for name, code in ((NAME, FailureCode.CARD_REMOVED), ("No such reader", FailureCode.READER_MISSING)):
            with pytest.raises(KnownError) as caught:
                service.open(name, EscapeConnection)
            assert caught.value.code is code
        virtual_reader.insert(PracticeCard.resident(), Trouble.SAM_MISSING)
        service.wait({NAME: ReaderLook(scard.SCARD_STATE_EMPTY)}, PATIENCE_S)
        with service.open(NAME, EscapeConnection) as connection, pytest.raises(KnownError) as caught:
            connection.exchange(encode_command(Command.STATUS))
        assert caught.value.code is FailureCode.READER_WITHOUT_SAM
        with service.open(NAME, EscapeConnection), PcscService() as other, pytest.raises(KnownError) as caught:
            other.open(NAME, EscapeConnection)
        assert caught.value.code is FailureCode.READER_BUSY


def test_a_service_that_was_killed_ends_the_conversation(virtual_reader: VirtualReader) -> None:
    with PcscService() as service:
        virtual_reader.daemon.kill()
        for act in (
            service.reader_names,
            lambda: service.wait({NAME: ReaderLook()}, 0.0),
            lambda: service.open(NAME, EscapeConnection),
            PcscService,
        ):
            with pytest.raises(KnownError) as caught:
                act()
            assert caught.value.code is FailureCode.READER_SERVICE_DOWN
