"""Recordings as containers alone, without pictures and sound in their blocks: Matroska as `drivers.recorder` has it."""


def matroska(title: str, pictures: int, duration_s: float, *, sounds: int = 10, filling: bytes = b"") -> bytes:
    """A whole file of `pictures` blocks, the last at `duration_s`; `filling` stands in the first of them."""
    tracks = b"".join(
        _element(0xAE, _element(0xD7, bytes([number])) + _element(0x83, bytes([number]))) for number in (1, 2)
    )
    header = _element(0x1549A966, _element(0x2AD7B1, (1_000_000).to_bytes(3, "big")) + _element(0x7BA9, title.encode()))
    times_ms = [round(duration_s * 1000 * at / max(1, pictures - 1)) for at in range(pictures)]
    clusters = [_cluster(time_ms, 1, filling if at == 0 else b"") for at, time_ms in enumerate(times_ms)]
    clusters += [_cluster(round(duration_s * 1000 * at / max(1, sounds)), 2) for at in range(sounds)]
    segment = bytes.fromhex("18538067") + b"\x01" + b"\xff" * 7  # of no known size, as it is written
    return _element(0x1A45DFA3, b"") + segment + header + _element(0x1654AE6B, tracks) + b"".join(clusters)


def _cluster(time_ms: int, track: int, content: bytes = b"") -> bytes:
    block = bytes([0x80 | track]) + b"\0\0\0" + content
    return _element(0x1F43B675, _element(0xE7, time_ms.to_bytes(4, "big")) + _element(0xA3, block))


def _element(an_id: int, content: bytes) -> bytes:
    return an_id.to_bytes((an_id.bit_length() + 7) // 8, "big") + b"\x01" + len(content).to_bytes(7, "big") + content
