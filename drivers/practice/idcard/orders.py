"""Orders to a virtual reader's process, one JSON object a line on its standard input.

A card's contents belong neither on a command line nor into the environment nor on the disk:

    {"order": "insert", "text": BASE64, "portrait": BASE64, "new_address": BASE64, "trouble": NAME or null}
    {"order": "remove"}
    {"order": "unplug"}         as pulling the reader's cable would, with the card still on it
    {"order": "plug"}
"""

import base64
import json

from drivers.practice.idcard.practice_card import PracticeCard
from drivers.practice.idcard.virtual_sam import Trouble, VirtualSam

LISTENING = "listening"
INSERT, REMOVE, UNPLUG, PLUG = "insert", "remove", "unplug", "plug"

_FILES = ("text", "portrait", "new_address")


def insertion(card: PracticeCard, trouble: Trouble | None) -> str:
    """The order to put `card` down."""
    files = {name: base64.b64encode(getattr(card, name)).decode("ascii") for name in _FILES}
    return json.dumps({"order": INSERT, "trouble": trouble, **files})


def plain(order: str) -> str:
    """REMOVE, UNPLUG or PLUG as a line."""
    return json.dumps({"order": order})


def order_name(line: bytes) -> str:
    """Which order `line` is."""
    return str(json.loads(line)["order"])


def carry_out(line: bytes, sam: VirtualSam) -> str:
    """Do with the card on `sam` what the order says, and return the order's name."""
    order = json.loads(line)
    if order["order"] == INSERT:
        card = PracticeCard(**{name: base64.b64decode(order[name]) for name in _FILES})
        sam.insert(card, Trouble(order["trouble"]) if order["trouble"] else None)
        return INSERT
    sam.remove()
    return REMOVE
