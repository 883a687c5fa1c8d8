"""How a reader stands and whether a card lies on it, however that is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presence:
    """One look at a reader.

    Attributes:
        available: the reader is there and answers.
        has_card: a card lies on it.
        in_use, in_use_alone: a program has it open, and lets nobody else in.
        moves: counts the card's comings and goings, so that none between two looks is missed.
        atr: the card's answer to reset; empty where there is none.
    """

    available: bool = False
    has_card: bool = False
    in_use: bool = False
    in_use_alone: bool = False
    moves: int = 0
    atr: bytes = b""
