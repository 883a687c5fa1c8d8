"""Orders to a virtual reader's process, one JSON object a line on its standard input.

A card's contents belong neither on a command line nor into the environment nor on the disk:

    {"order": "insert", "text": BASE64, "portrait": BASE64, "new_address": BASE64, "trouble": NAME or null}
    {"order": "remove"}
"""

import base64
import json

from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import Trouble, VirtualSam

LISTENING = "listening"
INSERT, REMOVE = "insert", "remove"

_FILES = ("text", "portrait", "new_address")


def insertion(card: PracticeCard, trouble: Trouble | None) -> str:
    """The order to put `card` down."""
    files = {name: base64.b64encode(getattr(card, name)).decode("ascii") for name in _FILES}
    return json.dumps({"order": INSERT, "trouble": trouble, **files})


def removal() -> str:
    """The order to take the card away."""
    return json.dumps({"order": REMOVE})


def carry_out(line: bytes, sam: VirtualSam) -> str:
    """Do with the card on `sam` what the order says, and return the order's name."""
    order = json.loads(line)
    if order["order"] == INSERT:
        card = PracticeCard(**{name: base64.b64decode(order[name]) for name in _FILES})
        sam.insert(card, Trouble(order["trouble"]) if order["trouble"] else None)
        return INSERT
    sam.remove()
    return REMOVE
