"""A virtual reader that decodes the card itself and hands it out in slices (see `drivers.idcard.pseudo_apdu`)."""

from drivers.idcard import sam
from drivers.idcard.pseudo_apdu import SLICE_LENGTH, SLICES, slice_command
from drivers.idcard.sam import Command, Status
from drivers.practice.idcard.virtual_sam import VirtualSam

# ISO 7816-4 and PC/SC part 3.
DONE = b"\x90\x00"
INSTRUCTION_UNKNOWN = b"\x6d\x00"
FAILED = b"\x63\x00"

_SLICE_COMMANDS = tuple(slice_command(index) for index in range(SLICES))


class VirtualPseudoApdu:
    """Speaks to a security module of its own; reads the whole card when the first slice is asked for."""

    def __init__(self, module: VirtualSam) -> None:
        self._module = module
        self._contents = b""

    def exchange(self, apdu: bytes) -> bytes:
        """The answer to one APDU: data and two status bytes."""
        if apdu not in _SLICE_COMMANDS:
            return INSTRUCTION_UNKNOWN
        index = _SLICE_COMMANDS.index(apdu)
        if index == 0:
            self._contents = self._read()
        if self._module.card is None or not self._contents:
            return FAILED
        return self._contents[index * SLICE_LENGTH : (index + 1) * SLICE_LENGTH] + DONE

    def _read(self) -> bytes:
        """What the module says to a read; empty when it refuses or its answer is damaged."""
        for command, good in ((Command.FIND, Status.FOUND), (Command.SELECT, Status.OK), (Command.READ, Status.OK)):
            try:
                reply = sam.decode_reply(self._module.exchange(sam.encode_command(command)))
            except sam.FrameError:
                return b""
            if reply.status != good:
                return b""
        return reply.data
