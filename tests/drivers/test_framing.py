import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.framing import receive, send


class Trickle(io.BytesIO):
    """Takes at most seven bytes at a time, as a pipe may."""

    def write(self, data) -> int:
        return super().write(bytes(data)[:7])


@given(st.integers(0, 255), st.lists(st.binary(max_size=40), max_size=4))
def test_a_frame_arrives_whole_however_the_pipe_takes_it(kind: int, parts: list[bytes]) -> None:
    stream = Trickle()
    send(stream, kind, *parts)
    stream.seek(0)
    assert receive(stream) == (kind, b"".join(parts))


@pytest.mark.parametrize("cut", [0, 3, 6])
def test_a_pipe_that_ends_is_noticed(cut: int) -> None:
    stream = io.BytesIO()
    send(stream, 7, b"12")
    with pytest.raises(EOFError):
        receive(io.BytesIO(stream.getvalue()[:cut]))
