"""Randomness."""

from typing import Protocol


class Entropy(Protocol):
    """Randomness for keys and ids, passed in so that tests control it."""

    def token(self, length: int) -> bytes:
        """`length` unpredictable bytes."""
        ...
