"""Names for sessions: UUID version 7 (RFC 9562), so that they sort by time and are made without asking anybody."""

import re
from datetime import datetime
from uuid import UUID

_UUID7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def is_session_id(text: str) -> bool:
    """Whether `text` is a UUIDv7 as `session_id` spells it."""
    return _UUID7.fullmatch(text) is not None


def session_id(now: datetime, random: bytes) -> str:
    """A UUIDv7 of the millisecond `now` and 10 unpredictable bytes, in its usual spelling."""
    value = int(now.timestamp() * 1000) << 80 | int.from_bytes(random[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return str(UUID(int=value))
