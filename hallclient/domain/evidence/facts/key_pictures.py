"""Pictures of a check for a live face, one of each challenge where it was furthest, as the facts list them.

They are for the reviewer, and for the centre, which compares them itself. A check has them that was judged by what the
person did: one that was passed, or refused for something of the person's. One that told nothing of the person (broken
off, too few pictures) has none, for nobody learns from it and whoever was asked for a face did not do wrong. One that
was passed in vain, for the comparison failed, keeps its pictures until another check is judged: the same person is
seen again in that. So there are as many as attempts that count, two each, and the bound is the rule of the attempts.
"""

from hallclient.domain.liveness import Challenge
from hallclient.domain.manifest_part import ManifestPart

KEY_PICTURE_PX = 640  # the longer side at most: a person tells a face, its lids and what holds it
MOST_KEY_PICTURE_BYTES = 80 * 1024  # so that those of a session weigh no more than half a megabyte
# Names of their files, whatever attempt and challenge they are of. Six pictures are the most that are kept; those of
# the next check are written before others are let go.
KEY_PICTURE_FILES = tuple(f"key_picture_{number}" for number in range(1, 9))


class KeyPicture(ManifestPart):
    """One picture: its file, what was asked for, when, when it was taken, and how far that was seen then.

    Times in seconds from the first look of the check, by the camera's clock; `amount` is that of
    `hallclient.domain.liveness.Height`.
    """

    file: str
    challenge: Challenge
    asked_s: float
    at_s: float
    amount: float
