"""The recorder process: `python -m drivers.recorder.process`, started by `ProcessRecorder` and by nobody else.

It encodes in memory and writes only the encrypted stream: plaintext never reaches the disk. It ends when its stdin
ends, so it never outlives the application. A file that it could not finish is torn: the application deletes it, at once
or when the session is resumed, and the customer reads again.
"""

import errno
import json
import sys
import time
from contextlib import suppress
from typing import BinaryIO, cast

import av.logging

from drivers.framing import Said, crash_teller, private_stdout, receive, say_failed, send
from drivers.recorder.matroska import MatroskaWriter
from drivers.recorder.patient_file import PatientFile, WholeFile
from drivers.recorder.wire import Kind, StartOrder, picture_from, sound_from
from hallclient.core_dumps import forbid_core_dumps
from hallclient.domain.aead_stream import SealedWriter
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.durable import sync_folder

_CHUNK_BYTES = 2 * 1024  # a chunk that is not full is lost in a crash: a third of a second of a still scene's stream
_SYNC_INTERVAL_S = 1.0  # what a power cut may cost
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def main() -> int:
    """Record one file as the orders on stdin say. Exit code 0, or 1 when it failed."""
    forbid_core_dumps()
    answers = private_stdout()
    sys.excepthook = crash_teller(answers)
    av.logging.set_level(av.logging.PANIC)
    send(answers, Said.READY)
    try:
        _record(sys.stdin.buffer, answers)
    except OSError as error:
        if error.errno in _DISK_FULL:
            say_failed(answers, KnownError(FailureCode.DISK_FULL))
        raise
    return 0


def _record(orders: BinaryIO, answers: BinaryIO) -> None:
    kind, payload = receive(orders)
    if kind != Kind.START:
        raise BugError("the first order must be to start")
    order = StartOrder.from_payload(payload)
    file = PatientFile(
        WholeFile(order.path)
    )  # nobody closes it after an error: the process ends, whatever the disk does
    try:
        sealed = SealedWriter(cast("BinaryIO", file), order.data_key, order.random, file.sync, _CHUNK_BYTES)
        file.settle()
        sync_folder(order.path.parent)
    except OSError:
        with suppress(OSError):  # on a disk that takes nothing it may not go, and that is not what failed
            order.path.unlink()
        raise
    send(answers, Said.RESULT)
    recording = MatroskaWriter(sealed, order.rate_hz, order.session)
    _obey(orders, recording, file)
    send(answers, Said.RESULT)
    recording.close()
    sealed.close()
    file.settle(lambda: send(answers, Said.RESULT))
    file.close()
    report = {
        "duration_s": recording.duration_s,
        "pictures": recording.pictures,
        "pictures_dropped": recording.pictures_dropped,
        "sound_s": recording.sound_s,
        "plain_bytes": sealed.plain_bytes,
        "plain_sha256": sealed.plain_sha256,
    }
    send(answers, Said.RESULT, json.dumps(report).encode())


def _obey(orders: BinaryIO, recording: MatroskaWriter, file: PatientFile) -> None:
    synced_s = time.monotonic()
    while True:
        kind, payload = receive(orders)
        if kind == Kind.STOP:
            return
        if kind == Kind.PICTURE:
            recording.picture(picture_from(payload))
        elif kind == Kind.SOUND:
            recording.sound(sound_from(payload))
        else:
            raise BugError("started twice")
        now_s = time.monotonic()
        if now_s - synced_s >= _SYNC_INTERVAL_S:
            file.sync()
            synced_s = now_s


if __name__ == "__main__":
    sys.exit(main())
