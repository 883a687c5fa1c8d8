"""Fuzz the parser of the security module's frames: `python -m tests.fuzz.sam --runs N`."""

from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["drivers.idcard.sam"]):
    from drivers.idcard import sam

from tests.fuzz.campaign import run

_LONGEST_INPUT_BYTES = 1400  # longer than a card's whole answer
_PIECES = 3


def parse(data: bytes) -> None:
    """Bytes in any pieces are frames or a FrameError, and the parser comes to an end on them."""
    parser = sam.FrameParser()
    cuts = sorted(data[:_PIECES])
    stream = data[_PIECES:]
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        parser.feed(stream[start:end])
        _drain(parser, len(stream) + 1)
    for read in (sam.decode_reply, sam.format_sam_number):
        with suppress(sam.FrameError):
            read(stream)


def _drain(parser: sam.FrameParser, at_most: int) -> None:
    """Take every frame. Each frame and each error uses up bytes, so that more than `at_most` is an endless loop."""
    for _ in range(at_most):
        try:
            if parser.next_body() is None:
                return
        except sam.FrameError:
            continue
    raise AssertionError("the parser does not come to an end")


def _seeds() -> list[bytes]:
    answers = [sam.encode_reply(status, bytes(16)) for status in sam.Status]
    questions = [sam.encode_command(command) for command in sam.Command]
    card = sam.encode_reply(sam.Status.OK, bytes.fromhex("01000400") + bytes(sam.TEXT_LENGTH + sam.PORTRAIT_LENGTH))
    return [bytes(_PIECES) + frames for frames in (*answers, *questions, card, b"garbage" + b"".join(answers))]


if __name__ == "__main__":
    run(parse, _seeds(), _LONGEST_INPUT_BYTES)
