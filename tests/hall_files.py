"""The hall's file written by somebody with a program of their own."""

from pathlib import Path

from hallclient.services.access import OpenHall
from hallclient.storage import hall_file, hall_record
from hallclient.storage.hall_file import HallFile


def write_copy(folder: Path, file: HallFile, hall_key: bytes) -> None:
    """Only what lies in the folder, by who has a hall key."""
    hall_file.put(folder, hall_file.authenticated(file, hall_key))


def write_whole(hall: OpenHall, file: HallFile) -> None:
    """In the database, too, by who is logged in."""
    with hall.database.transaction() as tables:
        hall_record.keep(tables, file, hall.hall_key)
    hall_record.publish(hall.database, hall.folder)
