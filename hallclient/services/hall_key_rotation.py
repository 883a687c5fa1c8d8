"""Somebody leaves for good: the hall gets another key, and what they have kept of the old one opens nothing new.

In three steps, each of which a crash may follow: the hall's file says that the key is being changed; the database, and
the hall's file in it, is under the new key; so is the copy of that file. The next login carries it out from wherever it
ended.
"""

from contextlib import closing
from dataclasses import replace

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.permissions import Action
from hallclient.domain.staff_documents import HALL_KEY_ROTATION, HallKeyRotation
from hallclient.services.access import DATABASE, OpenHall, iso
from hallclient.services.staff import authentic_file, change
from hallclient.services.staff_trust import endorsement
from hallclient.storage.database import Database
from hallclient.storage.hall_file import HallFile, SignedRotation
from hallclient.storage.hall_keys import HALL_KEY_BYTES, hall_key_id
from hallclient.storage.next_hall_key import carried_out, opening, under_change
from hallclient.storage.rekeying import must_be_alone


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
        again = file.next_hall_key is not None  # the key was to be changed, and could not be
        if number == hall.staff.number or (file.entry(number) is None and not again):
            raise KnownError(FailureCode.INPUT_INVALID, "not one's own number, and one that somebody has")
        left = file.model_copy(
            update={
                "staff": tuple(one for one in file.staff if one.number != number),
                "invitations": tuple(one for one in file.invitations if one.invitation.number != number),
                "rotations": (*file.rotations, signed),
            }
        )
        return under_change(left, hall.hall_key, new_key, hall.entropy)

    changed(authentic_file(hall))  # who may not be removed leaves the hall open
    path = hall.folder / DATABASE
    with opening(hall.folder):
        hall.close()
        must_be_alone(path, hall.hall_key)  # until the end of this: nobody opens it meanwhile
        with closing(Database(path, hall.hall_key, must_exist=True)) as database:
            event = hall.audit_event("staff_removed", number=number)
            file = change(replace(hall, database=database), event, changed)
        carried_out(hall.folder, file, hall.hall_key, path, hall.entropy)
