"""Setting up a hall, joining it to a centre, and logging in."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.staff import Role, Staff
from hallclient.services import access
from hallclient.services.access import DEVICE_KEY, OpenHall, login
from hallclient.services.set_up import NewStaff, create_hall, enrol, said_roots
from hallclient.storage import hall_file
from hallclient.storage.audit import first_broken_link
from hallclient.storage.database import Database
from hallclient.system import SystemEntropy
from tests.clock import CountingEntropy, HandClock
from tests.hall_files import write_whole
from tests.halls import (
    ADMINISTRATOR,
    CLERK,
    DEVICE,
    FIRST_ADMINISTRATOR,
    PASSWORD,
    PLACE,
    STAFF,
    TOTP_SECRET,
    TestCentre,
    certified_by,
    code_now,
    make_hall,
    open_hall,
)


def test_the_right_password_opens_the_hall_and_is_noted(hall: OpenHall) -> None:
    assert hall.staff == Staff(CLERK, Role.CLERK)
    with hall.database.transaction() as tables:
        events = [row["event"] for row in tables.query("SELECT event FROM audit ORDER BY sequence")]
        assert first_broken_link(tables) is None
    assert events == ["hall_created", "logged_in"]


def test_a_wrong_password_opens_nothing(centre: TestCentre, tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(KnownError, match="login_wrong"):
        login(tmp_path / "hall", CLERK, "not the password", code_now(clock), clock, CountingEntropy())


@pytest.mark.expects_log("not in the audit log")
def test_who_only_reads_waits_for_nobody_who_writes(hall: OpenHall, clock: HandClock) -> None:
    def events(only_reads: bool) -> list[str]:
        reader = login(hall.folder, CLERK, PASSWORD, code_now(clock), clock, CountingEntropy(), only_reads=only_reads)
        with closing(reader), reader.database.reading() as tables:
            return [row["event"] for row in tables.query("SELECT event FROM audit ORDER BY sequence")]

    with hall.database.transaction():
        assert events(only_reads=True) == ["hall_created", "logged_in"]
        with pytest.raises(KnownError, match="store_busy"):
            events(only_reads=False)
    assert events(only_reads=True) == ["hall_created", "logged_in", "logged_in"]


def damage_key(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / DEVICE_KEY).write_text("no key")


def lose_key(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / DEVICE_KEY).unlink()


def fill_disk(_: Path, patches: pytest.MonkeyPatch) -> None:
    def full(tables: object, event: object) -> None:
        raise KnownError(FailureCode.DISK_FULL)

    patches.setattr(access, "append", full)


@pytest.mark.parametrize(
    ("happen", "code"),
    [
        (damage_key, FailureCode.STORE_UNREADABLE),
        (lose_key, FailureCode.STORE_UNREADABLE),
        (fill_disk, FailureCode.DISK_FULL),
    ],
)
def test_a_login_that_fails_halfway_leaves_nothing_open(
    happen: Callable[[Path, pytest.MonkeyPatch], None],
    code: FailureCode,
    tmp_path: Path,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_hall(tmp_path / "hall", clock)
    happen(tmp_path / "hall", monkeypatch)
    closed = note_closings(monkeypatch)
    with pytest.raises(KnownError) as caught:
        open_hall(tmp_path / "hall", clock)
    assert caught.value.code is code
    assert len(closed) == 1


def note_closings(patches: pytest.MonkeyPatch) -> list[Database]:
    closed: list[Database] = []
    close = Database.close

    def noted(database: Database) -> None:
        closed.append(database)
        close(database)

    patches.setattr(Database, "close", noted)
    return closed


def test_a_folder_without_a_hall_is_said(tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(KnownError, match="hall_missing"):
        login(tmp_path, CLERK, PASSWORD, code_now(clock), clock, CountingEntropy())


def test_a_damaged_hall_file_is_said(centre: TestCentre, tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "hall" / "hall.json").write_text("{")
    with pytest.raises(KnownError, match="store_unreadable"):
        open_hall(tmp_path / "hall", clock)


def test_a_hall_is_never_set_up_over_something_else(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "something").write_text("else")
    with pytest.raises(KnownError, match="hall_exists"):
        create_hall(tmp_path, PLACE, "device-1", True, FIRST_ADMINISTRATOR, clock, CountingEntropy())
    assert [path.name for path in tmp_path.iterdir()] == ["something"]


def test_a_short_password_is_refused_before_anything_is_made(tmp_path: Path, clock: HandClock) -> None:
    weak = (NewStaff(Staff(ADMINISTRATOR, Role.ADMINISTRATOR), "elevenchars", TOTP_SECRET),)
    with pytest.raises(KnownError, match="input_invalid"):
        create_hall(tmp_path / "hall", PLACE, "device-1", True, weak, clock, CountingEntropy())
    assert not (tmp_path / "hall").exists()


def test_no_key_lies_readable_in_the_folder(hall: OpenHall) -> None:
    raw = hall.device_key.private_bytes_raw()
    for path in hall.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (raw, hall.hall_key, hall.device_key_password):
                assert secret not in content
                assert secret.hex().encode() not in content
            assert path.stat().st_mode & 0o077 == 0


def test_the_certificate_of_another_device_does_not_enrol(centre: TestCentre, tmp_path: Path, clock: HandClock) -> None:
    other = create_hall(tmp_path / "other", PLACE, DEVICE, False, FIRST_ADMINISTRATOR, clock, SystemEntropy())
    answer = certified_by(centre, "https://127.0.0.1:9")(other)
    create_hall(tmp_path / "real", PLACE, DEVICE, False, FIRST_ADMINISTRATOR, clock, SystemEntropy())
    hall = open_hall(tmp_path / "real", clock, ADMINISTRATOR)
    with closing(hall), pytest.raises(KnownError, match="enrolment_differs"):
        enrol(hall, PASSWORD, answer, said_roots(answer))
    assert hall_file.read(tmp_path / "real").centre is None


def test_a_place_that_its_certificate_does_not_say_opens_nothing(hall: OpenHall, clock: HandClock) -> None:
    """A whole session would be done there, and refused by the centre."""
    folder = hall.folder
    file = hall_file.read(folder)
    write_whole(hall, file.model_copy(update={"place": replace(file.place, counter="9")}))
    with pytest.raises(KnownError, match="store_unreadable"):
        open_hall(folder, clock)


def test_a_hall_that_is_not_enrolled_says_so(tmp_path: Path, clock: HandClock) -> None:
    create_hall(tmp_path / "hall", PLACE, "device-1", True, FIRST_ADMINISTRATOR, clock, CountingEntropy())
    hall = open_hall(tmp_path / "hall", clock, ADMINISTRATOR)
    for asked in (lambda: hall.roots, lambda: hall.staff_chain):
        with pytest.raises(KnownError, match="hall_missing"):
            asked()
    hall.close()


def test_secrets_do_not_show_in_a_representation(hall: OpenHall) -> None:
    for text in (repr(hall), repr(STAFF[0])):
        assert PASSWORD not in text
        assert hall.hall_key.hex() not in text


@pytest.mark.parametrize("left", ["missing", "empty", "another hall's", "without its settings"])
def test_a_store_that_is_gone_is_said_and_never_made_anew(
    left: str, centre: TestCentre, tmp_path: Path, clock: HandClock
) -> None:
    store = tmp_path / "hall" / "store.db"
    if left == "without its settings":
        hall = open_hall(tmp_path / "hall", clock)
        with hall.database.transaction() as tables:
            tables.execute("DELETE FROM setting")
        hall.close()
    else:
        store.unlink()
    if left == "empty":
        store.touch()
    elif left == "another hall's":
        make_hall(tmp_path / "other", clock, entropy=SystemEntropy())
        store.write_bytes((tmp_path / "other" / "store.db").read_bytes())
    before = store.read_bytes() if store.exists() else None
    with pytest.raises(KnownError, match="store_unreadable"):
        open_hall(tmp_path / "hall", clock)
    assert (store.read_bytes() if store.exists() else None) == before


@pytest.mark.parametrize("name", ["device.key", "device.csr"])
def test_a_damaged_key_or_request_is_said(name: str, centre: TestCentre, tmp_path: Path, clock: HandClock) -> None:
    folder = tmp_path / "hall"
    with closing(open_hall(folder, clock, ADMINISTRATOR)) as administrator:
        (folder / name).write_bytes(b"damaged")
        with pytest.raises(KnownError, match="store_unreadable"):
            if name == "device.key":
                open_hall(folder, clock)
            else:
                enrol(administrator, PASSWORD, administrator.centre, said_roots(administrator.centre))
