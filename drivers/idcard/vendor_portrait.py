"""The chip's portrait through a vendor's library, which the operator supplies. Without a good answer: no portrait.

Only `int unpack(char *src1024, char *dst38556, int vendor)` is used. `GetBmp` wants paths of files and writes the
picture beside its input: a portrait in the clear on the disk, which is not offered.
"""

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from drivers.idcard import vendor_portrait_process as process
from drivers.idcard.portrait import OpenPortraitDecoder, PortraitDecoders
from hallclient.devices import Image, PortraitDecoder

_PROGRAM = Path(process.__file__)
_TIME_LIMIT_S = 5.0
_REASONS = {
    process.REFUSED: "the library refused",
    process.NOT_LOADED: "the library cannot be loaded",
    process.WROTE_TOO_MUCH: "the library wrote too much",
}
_WHOLE_LENGTH = process.HEADER.size + process.PICTURE_LENGTH

_log = logging.getLogger(__name__)


def portrait_decoder(library: Path | None) -> PortraitDecoder:
    """All that this computer can decode: the open formats, and WLT where the operator supplies a `library`."""
    if library is None:
        return OpenPortraitDecoder()
    return PortraitDecoders(OpenPortraitDecoder(), VendorPortraitDecoder(library))


class VendorPortraitDecoder:
    """Fulfils `hallclient.devices.PortraitDecoder` for WLT, in a process that may hang or crash."""

    def __init__(self, library: Path, time_limit_s: float = _TIME_LIMIT_S) -> None:
        """`library` is the vendor's shared library."""
        self._library = library
        self._time_limit_s = time_limit_s

    def decode(self, portrait: bytes) -> Image | None:
        """BGR picture, 126x102; None when the library does not give one, with the reason in the log."""
        command = (sys.executable, "-I", os.fspath(_PROGRAM), os.fspath(self._library))
        try:
            done = subprocess.run(
                command,
                input=portrait,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._time_limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return self._refused("the library did not end")
        except OSError as error:
            return self._refused(f"no process: {error.strerror}")
        if done.returncode != 0:
            return self._refused(f"the library crashed ({done.returncode})")
        return self._picture(done.stdout)

    def _picture(self, answer: bytes) -> Image | None:
        if len(answer) < process.HEADER.size:
            return self._refused("no answer")
        result, returned = process.HEADER.unpack_from(answer)
        if result != process.DECODED:
            return self._refused(f"{_REASONS.get(result, 'unknown result')} ({returned})")
        if len(answer) != _WHOLE_LENGTH:
            return self._refused("half an answer")
        picture = np.frombuffer(answer, np.uint8, offset=process.HEADER.size)
        return picture.reshape(process.HEIGHT_PX, process.WIDTH_PX, 3)

    def _refused(self, reason: str) -> Image | None:
        _log.warning("no portrait from %s: %s", self._library.name, reason)
        return None
