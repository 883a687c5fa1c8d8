"""The format of every evidence file: an append-only, authenticated stream with random access.

A STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar 2015) over AES-256-GCM:

    header (64 bytes) | chunk | chunk | ... | end chunk
    header = "HCE1" | suite (1) | 0 (3) | chunk size (4, big-endian) | 0 (4) | salt (32) | nonce prefix (7) | 0 (9)
    chunk  = AEAD(file key, nonce = prefix | index (4, big-endian) | flag (1), at most `chunk size` bytes of plaintext)
    file key = HKDF-SHA256(data key, salt, info = header)

The flag is 0 for an inner chunk and 1 for the end: swapped, dropped, truncated and foreign chunks all fail. A stream
that a crash tore stays torn. Pure: it reads and writes file objects and never opens a path.
"""

import hashlib
import io
import os
import struct
from collections.abc import Callable
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hallclient.domain.failures import FailureCode, KnownError

DATA_KEY_BYTES = 32
RANDOM_BYTES = 39  # salt and nonce prefix of one file
CHUNK_BYTES = 64 * 1024
SYNC_EVERY_BYTES = 1024 * 1024

_MAGIC = b"HCE1"
_SUITE_AES = 1
_HEADER_BYTES = 64
_TAG_BYTES = 16
_INNER, _END = 0, 1


class SealedWriter(io.RawIOBase):
    """Encrypts what is written to it, chunk by chunk. Close it to write the end; without that the file is torn.

    Attributes:
        plain_bytes, sealed_bytes: written so far.
        plain_sha256, sealed_sha256: hex digests of what was written so far; final after `close`.
    """

    def __init__(
        self,
        file: BinaryIO,
        data_key: bytes,
        random: bytes,
        sync: Callable[[], None] = lambda: None,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        """Write the header to `file`.

        Args:
            file: an empty binary file.
            data_key: 32 bytes.
            random: 39 unpredictable bytes, never used for another file.
            sync: makes what was written durable; called after the header, each MiB, and at the end.
            chunk_bytes: plaintext bytes per chunk.
        """
        if len(random) != RANDOM_BYTES or len(data_key) != DATA_KEY_BYTES:
            raise ValueError("a sealed stream needs a key of 32 and a random of 39 bytes")
        header = _MAGIC + struct.pack(">B3xI4x", _SUITE_AES, chunk_bytes) + random + bytes(9)
        self._file = file
        self._sync = sync
        self._chunk_bytes = chunk_bytes
        self._cipher, self._prefix = _cipher(header, data_key), random[32:]
        self._index = 0
        self._held = bytearray()
        self._unsynced_bytes = 0
        self._plain, self._sealed = hashlib.sha256(), hashlib.sha256()
        self.plain_bytes = self.sealed_bytes = 0
        self._put(header)
        self._sync()

    @property
    def plain_sha256(self) -> str:
        return self._plain.hexdigest()

    @property
    def sealed_sha256(self) -> str:
        return self._sealed.hexdigest()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]  # the buffer protocol has no name before 3.12
        """Take all of `data`. The last chunk is held back until it is known whether it is the end."""
        piece = bytes(data)
        self._plain.update(piece)
        self.plain_bytes += len(piece)
        self._held += piece
        while len(self._held) > self._chunk_bytes:
            self._emit(bytes(self._held[: self._chunk_bytes]), _INNER)
            del self._held[: self._chunk_bytes]
        return len(piece)

    def close(self) -> None:
        """Write the end chunk and make the file durable; a second call does nothing. `file` itself stays open."""
        if not self.closed:
            self._emit(bytes(self._held), _END)
            self._held.clear()
            self._sync()
        super().close()

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        """Close after a block that ended well; after any other the stream stays torn, as it is."""
        if kind is None:
            self.close()

    def __del__(self) -> None:
        """Nothing: the inherited one would close, and give an abandoned stream an end that it has not."""

    def _emit(self, plain: bytes, flag: int) -> None:
        self._put(self._cipher.encrypt(_nonce(self._prefix, self._index, flag), plain, None))
        self._index += 1
        if self._unsynced_bytes >= SYNC_EVERY_BYTES:
            self._sync()
            self._unsynced_bytes = 0

    def _put(self, sealed: bytes) -> None:
        self._file.write(sealed)
        self._sealed.update(sealed)
        self.sealed_bytes += len(sealed)
        self._unsynced_bytes += len(sealed)


class SealedReader(io.RawIOBase):
    """Reads a sealed stream at any place; seekable.

    A stream whose writer crashed opens with `complete` False and ends at its last whole chunk.

    Attributes:
        size: bytes of plaintext.
        complete: the stream has its end chunk.
    """

    def __init__(self, file: BinaryIO, data_key: bytes) -> None:
        """Open `file` (seekable). Raises evidence_damaged when it is no sealed stream or the key is another one."""
        self._file = file
        file.seek(0)
        header = file.read(_HEADER_BYTES)
        if len(header) != _HEADER_BYTES or header[:4] != _MAGIC or header[4] != _SUITE_AES:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "not a sealed stream of a known suite")
        self._chunk_bytes: int = struct.unpack_from(">I", header, 8)[0]
        if not 1 <= self._chunk_bytes <= 2**24:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "impossible chunk size")
        self._cipher, self._prefix = _cipher(header, data_key), header[48:55]
        self._position = 0
        self._cached: tuple[int, bytes] = (-1, b"")
        self._find_end(file.seek(0, os.SEEK_END) - _HEADER_BYTES)

    def close(self) -> None:
        """Close the stream and the file under it."""
        if not self.closed:
            self._file.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("seek before the start")
        self._position = base + offset
        return self._position

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]  # see SealedWriter.write
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view) and self._position < self.size:
            index, offset = divmod(self._position, self._chunk_bytes)
            piece = self._chunk(index)[offset : offset + len(view) - done]
            if not piece:
                raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"chunk {index} is short")
            view[done : done + len(piece)] = piece
            done += len(piece)
            self._position += len(piece)
        return done

    def _find_end(self, body_bytes: int) -> None:
        stride = self._chunk_bytes + _TAG_BYTES
        whole, rest = divmod(body_bytes, stride)
        last = whole if rest else whole - 1
        end = self._decrypt(last, _END) if last >= 0 else None
        if end is not None:
            self.complete, self._chunks = True, last + 1
            self.size = last * self._chunk_bytes + len(end)
            return
        # Torn. Power loss can leave holes before the tail, so whole chunks are counted from the start.
        self.complete, self._chunks = False, 0
        while self._decrypt(self._chunks, _INNER) is not None:
            self._chunks += 1
        if self._chunks == 0 and whole:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "no chunk can be authenticated")
        self.size = self._chunks * self._chunk_bytes

    def _chunk(self, index: int) -> bytes:
        if self._cached[0] != index:
            last = self.complete and index == self._chunks - 1
            plain = self._decrypt(index, _END if last else _INNER)
            if plain is None:
                raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"chunk {index} does not authenticate")
            self._cached = (index, plain)
        return self._cached[1]

    def _decrypt(self, index: int, flag: int) -> bytes | None:
        self._file.seek(_HEADER_BYTES + index * (self._chunk_bytes + _TAG_BYTES))
        sealed = self._file.read(self._chunk_bytes + _TAG_BYTES)
        if len(sealed) < _TAG_BYTES:
            return None
        try:
            return self._cipher.decrypt(_nonce(self._prefix, index, flag), sealed, None)
        except InvalidTag:
            return None


def _cipher(header: bytes, data_key: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, header[16:48], header).derive(data_key))


def _nonce(prefix: bytes, index: int, flag: int) -> bytes:
    return prefix + struct.pack(">IB", index, flag)
