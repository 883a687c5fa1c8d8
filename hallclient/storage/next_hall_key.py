"""A hall key that is being changed: what the hall's file says until everybody has the new one."""

from pathlib import Path

from cryptography.exceptions import InvalidTag

from hallclient.devices import Entropy
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.storage import hall_file
from hallclient.storage.hall_file import HallFile
from hallclient.storage.hall_keys import unwrap_next_key, wrap_next_key
from hallclient.storage.rekeying import opens


def under_change(file: HallFile, hall_key: bytes, new_key: bytes, entropy: Entropy) -> HallFile:
    """`file`, saying that `new_key` is to follow: to whoever has the old one."""
    return file.model_copy(update={"next_hall_key": wrap_next_key(hall_key, new_key, entropy).hex()})


def finished(folder: Path, file: HallFile, hall_key: bytes, database: Path) -> tuple[HallFile, bytes]:
    """The hall's file and key after a change that was begun, as far as it came; both as given where there is none.

    Raises hall_tampered, store_unreadable and its like.
    """
    if file.next_hall_key is None:
        return file, hall_key
    try:
        new_key = unwrap_next_key(hall_key, bytes.fromhex(file.next_hall_key))
    except (InvalidTag, ValueError):
        raise KnownError(FailureCode.HALL_TAMPERED, "the next hall key does not open") from None
    done = file.model_copy(update={"next_hall_key": None})
    if not opens(database, new_key):  # it was broken off before: the old key stays
        hall_file.write(folder, done, hall_key)
        return hall_file.read(folder), hall_key
    done = done.model_copy(
        update={
            "staff": tuple(entry.with_hall_key(new_key) for entry in done.staff),
            "invitations": tuple(
                one.model_copy(update={"entry": one.entry.with_hall_key(new_key)}) for one in done.invitations
            ),
        }
    )
    hall_file.write(folder, done, new_key)
    return hall_file.read(folder), new_key
