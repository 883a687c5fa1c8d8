"""Encrypting a video's worth of bytes, against writing them in the clear."""

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from hallclient.domain.aead_stream import SealedReader, SealedWriter
from tests.bench.figure import Figure

_BYTES = 256 * 1024 * 1024
_BLOCK = os.urandom(1024 * 1024)


def figures() -> list[Figure]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        began = time.perf_counter()
        with path.open("wb") as file:
            for _ in range(_BYTES // len(_BLOCK)):
                file.write(_BLOCK)
        plain = time.perf_counter() - began
        path.unlink()
        began = time.perf_counter()
        with path.open("wb") as file, SealedWriter(file, bytes(32), os.urandom(39)) as writer:
            for _ in range(_BYTES // len(_BLOCK)):
                writer.write(_BLOCK)
        sealed = time.perf_counter() - began
        began = time.perf_counter()
        with path.open("rb") as plainly:
            while plainly.read(len(_BLOCK)):
                pass
        read_plain = time.perf_counter() - began
        began = time.perf_counter()
        with path.open("rb") as sealed_file:
            reader = SealedReader(sealed_file, bytes(32))
            while reader.read(len(_BLOCK)):
                pass
        read_sealed = time.perf_counter() - began
    return [
        Figure("write 256 MiB into a sealed file", sealed, "write it in the clear", plain),
        Figure("read 256 MiB from a sealed file", read_sealed, "read it in the clear", read_plain),
    ]
