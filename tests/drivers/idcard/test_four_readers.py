"""Four readers, each pulled and put back a few times; two hundred times in `python -m tests.soak.four_readers`."""

import pytest

from drivers.practice.idcard.virtual_reader import VirtualReader
from tests.soak.four_readers import pull_and_put_back

ROUNDS = 10


@pytest.mark.timeout(300)
def test_each_of_four_readers_is_pulled_and_put_back(virtual_reader: VirtualReader) -> None:
    virtual_reader.daemon.stop()  # four readers take the place of the one that the tests share
    assert pull_and_put_back(ROUNDS) > ROUNDS
