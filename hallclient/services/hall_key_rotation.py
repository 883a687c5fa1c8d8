"""Somebody leaves for good: the hall gets another key, and what they have kept of the old one opens nothing new.

In three steps, each of which a crash may follow: the file says that the key is being changed; the database is under the
new key; the file has the new key for everybody. The next login goes on from wherever it ended.
"""

from pathlib import Path

from hallclient.devices import Entropy
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import Action
from hallclient.domain.staff_documents import HALL_KEY_ROTATION, HallKeyRotation
from hallclient.services.access import DATABASE, OpenHall, iso
from hallclient.services.staff import change
from hallclient.services.staff_trust import endorsement
from hallclient.storage.hall_file import HallFile, SignedRotation
from hallclient.storage.hall_keys import HALL_KEY_BYTES, hall_key_id
from hallclient.storage.next_hall_key import finished, under_change
from hallclient.storage.rekeying import rekey


def remove(hall: OpenHall, number: str) -> None:
    """Take somebody's login, and give the hall another key. `hall` is closed by this; log in again afterwards.

    Nobody else may have the hall open: whoever calls holds it. The centre has to be told by itself
    (`hallclient central revoke --staff`).

    Raises not_permitted, input_invalid for nobody's number and one's own, store_busy, disk_full and its like.
    """
    hall.must_be_permitted(Action.REMOVE_STAFF)
    new_key = hall.entropy.token(HALL_KEY_BYTES)
    rotation = HallKeyRotation(
        hall=hall.file.place.hall,
        at=iso(hall.clock.now()),
        previous=hall_key_id(hall.hall_key),
        next=hall_key_id(new_key),
    )
    signed = SignedRotation(rotation=rotation, endorsement=endorsement(hall, HALL_KEY_ROTATION, rotation.canonical()))

    def changed(file: HallFile) -> HallFile:
        if number == hall.staff.number or file.entry(number) is None:
            raise KnownError(FailureCode.INPUT_INVALID, "not one's own number, and one that somebody has")
        left = file.model_copy(
            update={
                "staff": tuple(one for one in file.staff if one.number != number),
                "invitations": tuple(one for one in file.invitations if one.invitation.number != number),
                "rotations": (*file.rotations, signed),
            }
        )
        return under_change(left, hall.hall_key, new_key, hall.entropy)

    file = change(hall, hall.audit_event("staff_removed", number=number), changed)
    hall.close()
    _carry_out(hall.folder, file, hall.hall_key, new_key, hall.entropy)


def _carry_out(folder: Path, file: HallFile, old_key: bytes, new_key: bytes, entropy: Entropy) -> None:
    rekey(folder / DATABASE, old_key, new_key, entropy)
    finished(folder, file, old_key, folder / DATABASE)
