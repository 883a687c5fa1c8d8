"""Where the audit log stood, by the word of a timestamp service (RFC 3161) that belongs to nobody here.

A copy lies in the hall's folder, and another one goes wherever somebody carries it: a log that is written anew later
does not lead through it.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cryptography import x509

from hallclient.domain.documents import Document, canonical, parse
from hallclient.domain.evidence.manifest import AuditHead
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.hall_time import moment
from hallclient.domain.timestamp import LARGEST_REPLY_BYTES, Stamp, Timestamp, reply_timestamp
from hallclient.regular_file import read_regular
from hallclient.services.access import OpenHall, iso
from hallclient.storage import audit
from hallclient.storage.durable import replacing
from hallclient.storage.store_failures import store_failures

_FOLDER = "checkpoints"
_EVERY = dt.timedelta(days=1)
_LARGEST_BYTES = 2 * LARGEST_REPLY_BYTES + 1024


class Checkpoint(Document):
    """One head, and what the service answered.

    Attributes:
        hall, counter: whose log it is.
        at: when, by the counter's own clock, ISO 8601 in UTC; what counts is the service's.
        reply: DER of the TimeStampResp in hex, over the SHA-256 of the canonical JSON of everything else here.
    """

    format: Literal["hallclient-checkpoint/1"] = "hallclient-checkpoint/1"
    hall: str
    counter: str
    at: str
    audit: AuditHead
    reply: str

    def timestamp(self, roots: Sequence[x509.Certificate]) -> Timestamp:
        """What the reply says of this head. Raises evidence_damaged where it says nothing."""
        try:
            reply = bytes.fromhex(self.reply)
        except ValueError:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "no timestamp") from None
        return reply_timestamp(reply, _digest(self.hall, self.counter, self.at, self.audit), roots)


def take_checkpoint(hall: OpenHall, stamp: Stamp) -> tuple[Path, Checkpoint]:
    """Have the log's head countersigned now, and keep that in the hall's folder; gives the file.

    Raises timestamp_unreachable, timestamp_invalid, and store_read_only and its like.
    """
    with hall.database.reading() as tables:
        head = audit.head(tables)
    place, at = hall.file.place, iso(hall.clock.now())
    reply = stamp(_digest(place.hall, place.counter, at, head))
    checkpoint = Checkpoint(hall=place.hall, counter=place.counter, at=at, audit=head, reply=reply.hex())
    folder = hall.folder / _FOLDER
    with store_failures(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{head.sequence:010}.json"
    with replacing(path) as file:
        file.write(checkpoint.canonical())
    return path, checkpoint


def kept_checkpoints(hall: OpenHall) -> list[Path]:
    """The files in the hall's folder, the oldest first."""
    folder = hall.folder / _FOLDER
    with store_failures(folder):
        return sorted(folder.glob("*.json")) if folder.is_dir() else []


def read_checkpoint(path: Path) -> Checkpoint:
    """Raises evidence_damaged for what is none, file_missing."""
    try:
        data = read_regular(path, _LARGEST_BYTES)
    except FileNotFoundError:
        raise KnownError(FailureCode.FILE_MISSING, path.name) from None
    except OSError:
        raise KnownError(FailureCode.EVIDENCE_DAMAGED, path.name) from None
    return parse(Checkpoint, data)


def is_checkpoint_due(hall: OpenHall) -> bool:
    """Whether the log went on since the last checkpoint, and a day is over or somebody set the clock back.

    Raises store_busy and its like.
    """
    kept = kept_checkpoints(hall)
    if not kept:
        return True
    try:
        last = read_checkpoint(kept[-1])
    except KnownError:  # `audit verify` says of it what there is to say
        return True
    with hall.database.reading() as tables:
        went_on = audit.head(tables) != last.audit
    at = moment(last.at)
    return went_on and (at is None or not dt.timedelta() <= hall.clock.now() - at < _EVERY)


def _digest(hall: str, counter: str, at: str, head: AuditHead) -> bytes:
    signed = {"hall": hall, "counter": counter, "at": at, "audit": head.model_dump()}
    return hashlib.sha256(canonical(signed)).digest()
