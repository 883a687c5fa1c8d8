"""Key pictures as the client keeps them, for attempts that a test makes."""

import hashlib
from collections.abc import Iterable

from hallclient.domain.evidence.facts.key_pictures import KeyPicture
from hallclient.domain.evidence.facts.liveness_attempts import LivenessAttempt, LivenessFacts
from hallclient.domain.evidence.files import FileEntry, file_id
from hallclient.domain.liveness import least_amount

BYTES = 20_000


def pictured(attempts: Iterable[LivenessAttempt]) -> tuple[LivenessAttempt, ...]:
    """A picture of each challenge that was done, in a file of its own, of the attempts of which they are kept."""
    kept: tuple[LivenessAttempt, ...] = ()
    number = 0
    for attempt in attempts:
        pictures = []
        done = dict.fromkeys(attempt.challenges[: max(attempt.done, 0)]) if attempt.judged else {}
        for index, challenge in enumerate(done):
            number += 1
            pictures.append(
                KeyPicture(
                    file=f"key_picture_{number}",
                    challenge=challenge,
                    asked_s=0.5 + 3 * index,
                    at_s=1.5 + 3 * index,
                    amount=least_amount(challenge) + 0.1,
                )
            )
        kept = LivenessFacts(attempts=kept).followed_by(attempt.changed(pictures=tuple(pictures)))
    return _numbered(kept)


def _numbered(attempts: tuple[LivenessAttempt, ...]) -> tuple[LivenessAttempt, ...]:
    """With the first of the names, as those are free again that were let go."""
    names = (f"key_picture_{number}" for number in range(1, 100))
    return tuple(
        attempt.changed(pictures=tuple(picture.changed(file=next(names)) for picture in attempt.pictures))
        for attempt in attempts
    )


def entries(step_id: str, attempts: Iterable[LivenessAttempt]) -> tuple[FileEntry, ...]:
    """Of the files that the pictures of `attempts` name, as a manifest lists them; there are no such files."""
    return tuple(
        FileEntry(
            id=file_id(step_id, picture.file),
            plain_bytes=BYTES,
            plain_sha256=hashlib.sha256(picture.file.encode()).hexdigest(),
            sealed_bytes=BYTES + 100,
            sealed_sha256="ef" * 32,
        )
        for attempt in attempts
        for picture in attempt.pictures
    )
