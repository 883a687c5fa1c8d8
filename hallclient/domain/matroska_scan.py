"""What a recording in Matroska (RFC 9559) has in it, told from its blocks while it streams by: nothing is decoded.

The container's elements are read one after the other, whatever holds them: an id means the same at each depth.
"""

import hashlib
from collections import Counter

_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
_CLUSTER, _TIMESTAMP, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0x1F43B675, 0xE7, 0xA3, 0xA0, 0xA1
_INFO, _TITLE, _TIMESTAMP_SCALE = 0x1549A966, 0x7BA9, 0x2AD7B1
_TRACKS, _TRACK_ENTRY, _TRACK_NUMBER, _TRACK_TYPE = 0x1654AE6B, 0xAE, 0xD7, 0x83
_ENTERED = frozenset({_SEGMENT, _CLUSTER, _BLOCK_GROUP, _INFO, _TRACKS, _TRACK_ENTRY})  # what they hold comes next
_BLOCKS = frozenset({_SIMPLE_BLOCK, _BLOCK})
_VIDEO, _SOUND = 1, 2  # kinds of tracks
_LARGEST = {_TIMESTAMP: 8, _TIMESTAMP_SCALE: 8, _TRACK_NUMBER: 8, _TRACK_TYPE: 8, _TITLE: 1024}
_WANTED = {**_LARGEST, _SIMPLE_BLOCK: 11, _BLOCK: 11}  # of a block the track's number and the time
_MOST_TRACKS = 100
_BLOCK_HEADER_BYTES = 3  # after the track's number: time and flags
_NANOSECOND = 1e-9


class MatroskaScan:
    """Feed it the whole file in pieces, then ask. Its memory does not grow with the file.

    Attributes:
        title: empty without one.
        pictures, sounds: how many blocks of picture and of sound there are.
        pictures_end_s, sounds_end_s: the time of the last of each, seconds from the beginning; -1 without one.
    """

    def __init__(self) -> None:
        self.title = ""
        self._buffer = bytearray()
        self._skip = 0
        self._broken = False
        self._begun = False
        self._scale_ns = 1_000_000
        self._timestamp = 0
        self._track = 0
        self._kinds: dict[int, int] = {}
        self._blocks: Counter[int] = Counter()
        self._ends: dict[int, int] = {}
        self._contents: dict[int, hashlib._Hash] = {}  # by tracks
        self._open: hashlib._Hash | None = None  # of the block whose content comes next

    def feed(self, piece: bytes) -> None:
        """The next bytes of the file."""
        if self._broken:
            return
        skipped = min(self._skip, len(piece))
        self._skip -= skipped
        if self._open is not None:
            self._open.update(memoryview(piece)[:skipped])
        if skipped == len(piece):
            return
        self._open = None
        self._buffer += memoryview(piece)[skipped:]
        at = 0
        while not self._broken and (after := self._element(at)) is not None:
            at = after
        self._skip = max(0, at - len(self._buffer))
        del self._buffer[:at]

    @property
    def is_whole(self) -> bool:
        """It is such a file, and does not end amid an element."""
        return self._begun and not self._broken and not self._buffer and not self._skip

    @property
    def pictures(self) -> int:
        return self._of(_VIDEO)[0]

    @property
    def sounds(self) -> int:
        return self._of(_SOUND)[0]

    @property
    def pictures_end_s(self) -> float:
        return self._of(_VIDEO)[1]

    @property
    def sounds_end_s(self) -> float:
        return self._of(_SOUND)[1]

    @property
    def pictures_sha256(self) -> tuple[str, ...]:
        """SHA-256 of the coded pictures of each track of them that has any, whatever title and times they are given."""
        kinds = self._kinds
        return tuple(content.hexdigest() for track, content in self._contents.items() if kinds.get(track) == _VIDEO)

    def _of(self, kind: int) -> tuple[int, float]:
        tracks = [number for number, its_kind in self._kinds.items() if its_kind == kind and number in self._ends]
        ends = [self._ends[number] * self._scale_ns * _NANOSECOND for number in tracks]
        return sum(self._blocks[number] for number in tracks), max(ends, default=-1.0)

    def _element(self, at: int) -> int | None:
        """Where the element after the one at `at` begins, perhaps beyond the buffer; None until more has come."""
        header = self._header(at)
        if header is None:
            return None
        element, size, content = header
        self._broken = not self._begun and element != _EBML
        self._begun = True
        if element in _ENTERED:
            self._track = 0 if element == _TRACK_ENTRY else self._track
            return content
        # Only what holds others may have no known size.
        self._broken = self._broken or size is None or size > _LARGEST.get(element, size)
        wanted = 0 if size is None else min(size, _WANTED.get(element, 0))
        if self._broken or content + wanted > len(self._buffer):
            return None
        self._understand(element, bytes(self._buffer[content : content + wanted]))
        after = content + (size or 0)
        if element in _BLOCKS and not self._broken:
            self._begin_content(content, after)
        return after

    def _header(self, at: int) -> tuple[int, int | None, int] | None:
        """The id of the element at `at`, its size, and where its content begins."""
        size_at = self._after_number(at, 4)
        content = None if size_at is None else self._after_number(size_at, 8)
        if size_at is None or content is None or content > len(self._buffer):
            return None
        element = int.from_bytes(self._buffer[at:size_at], "big")
        return element, _without_marker(self._buffer[size_at:content]), content

    def _after_number(self, at: int, longest: int) -> int | None:
        """Where the number at `at` ends; None until its first byte has come, and for one that is longer than it may."""
        if at >= len(self._buffer):
            return None
        length = _length(self._buffer[at])
        if not 1 <= length <= longest:
            self._broken = True
            return None
        return at + length

    def _understand(self, element: int, content: bytes) -> None:
        if element in _BLOCKS:
            self._block(content)
        elif element == _TITLE:
            self.title = content.decode("utf-8", "replace")
        elif element == _TIMESTAMP:
            self._timestamp = int.from_bytes(content, "big")
        elif element == _TIMESTAMP_SCALE:
            self._scale_ns = int.from_bytes(content, "big")
        elif element == _TRACK_NUMBER:
            self._track = int.from_bytes(content, "big")
        elif element == _TRACK_TYPE and self._track and len(self._kinds) < _MOST_TRACKS:
            self._kinds[self._track] = int.from_bytes(content, "big")

    def _block(self, header: bytes) -> None:
        length = _length(header[0]) if header else 0
        track = _without_marker(header[:length]) if length and len(header) >= length + 3 else None
        if track is None or track not in self._kinds:
            self._broken = True
            return
        time = self._timestamp + int.from_bytes(header[length : length + 2], "big", signed=True)
        self._blocks[track] += 1
        self._ends[track] = max(time, self._ends.get(track, time))

    def _begin_content(self, block: int, after: int) -> None:
        """Digest what there is of a block's content; the rest is what will be skipped."""
        length = _length(self._buffer[block])
        begin = block + length + _BLOCK_HEADER_BYTES
        if begin >= after:
            return
        track = _without_marker(self._buffer[block : block + length]) or 0
        digest = self._contents.setdefault(track, hashlib.sha256())
        with memoryview(self._buffer) as buffer, buffer[begin:after] as content:
            digest.update(content)
        self._open = digest if after > len(self._buffer) else None


def _length(first: int) -> int:
    """Of a number whose first byte this is: as many bytes as zeros before its first one, and that; 0 for none."""
    return 9 - first.bit_length() if first else 0


def _without_marker(number: bytes | bytearray) -> int | None:
    """The value of such a number; None for the one that says that a size is not known."""
    bits = 7 * len(number)
    value = int.from_bytes(number, "big") & ((1 << bits) - 1)
    return None if value == (1 << bits) - 1 else value
