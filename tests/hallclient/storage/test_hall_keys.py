"""The hall key and what it wraps; secrets under a password."""

import time

import pytest

from hallclient.domain.failures import KnownError
from hallclient.storage import hall_keys
from hallclient.storage.hall_keys import close_box, file_key, hall_key_id, open_box, unwrap_data_key, wrap_data_key
from hallclient.system import SystemEntropy
from tests.clock import CountingEntropy

HALL_KEY = bytes(range(32))
DEAR = hall_keys.PASSWORD_COST  # as the product has it: no fixture lowered it yet


def test_a_box_opens_with_its_password_and_for_what_it_was_closed() -> None:
    box = close_box(b"secret", b"a long password", b"staff 1001", CountingEntropy())
    assert open_box(box, b"a long password", b"staff 1001") == b"secret"
    assert open_box(box, b"a long passwore", b"staff 1001") is None
    assert open_box(box, b"a long password", b"staff 2001") is None
    assert open_box(None, b"a long password", b"staff 1001") is None
    assert b"secret".hex() not in box.model_dump_json()


def test_a_guess_costs_what_rfc_9106_says() -> None:
    assert (DEAR.memory_kib, DEAR.passes) == (64 * 1024, 3)


def test_nobodys_box_takes_as_long_as_somebodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hall_keys, "PASSWORD_COST", hall_keys.PasswordCost(16 * 1024, 2))
    box = close_box(b"secret", b"a long password", b"", SystemEntropy())

    def took_s(one: hall_keys.KeyBox | None) -> float:
        begun = time.thread_time()
        open_box(one, b"wrong", b"")
        return time.thread_time() - begun

    assert min(took_s(None) for _ in range(5)) > 0.3 * min(took_s(box) for _ in range(5))


def test_a_data_key_opens_for_its_own_session_only() -> None:
    wrapped = wrap_data_key(HALL_KEY, bytes(32), "one", CountingEntropy())
    assert unwrap_data_key(HALL_KEY, wrapped, "one") == bytes(32)
    with pytest.raises(KnownError, match="evidence_damaged"):
        unwrap_data_key(HALL_KEY, wrapped, "other")


def test_what_is_derived_from_the_hall_key_says_nothing_of_it() -> None:
    assert len({HALL_KEY, file_key(HALL_KEY), bytes.fromhex(hall_key_id(HALL_KEY))}) == 3
    assert file_key(HALL_KEY) != file_key(HALL_KEY[::-1])
