"""A disk that is full, uploads that nobody finishes, and what a failure leaves behind: nothing."""

import io
import os
import shutil
import sqlite3
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hallclient.central.centre import Centre
from hallclient.central.ledger import UploadLimits
from hallclient.domain.certificates import to_text
from hallclient.domain.evidence.receipt import Outcome
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection_question import Question
from hallclient.sync.bundle import describe, outgoing_objects
from hallclient.system import SystemClock, SystemEntropy
from tests.clock import HandClock
from tests.hallclient.central.running import Hall, enrol, process, running
from tests.hallclient.central.test_application import (
    commit,
    put,
    refused,
    register,
    registration,
    sparse,
    upload,
    with_header,
)
from tests.packages import BuiltPackage, CountedEntropy

pytestmark = pytest.mark.may_log("central.application: refused")

MB = 1024 * 1024
DISK_BYTES, RESERVE_BYTES = 72 * MB, 16 * MB


def new_centre(folder: Path, **limits: int) -> Centre:
    Centre.create(folder, "Centre", False, SystemClock(), SystemEntropy())
    return Centre.open(folder, SystemClock(), SystemEntropy(), limits=UploadLimits(**limits))


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(path)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(disk: Path, left_bytes: int) -> Path:
    """Leave `left_bytes` of the disk."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    used = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, used.f_bavail * used.f_frsize - left_bytes)
    return filler


def fails_for_now(hall: Hall, url: str, package: BuiltPackage) -> None:
    with hall.client(url) as client, pytest.raises(KnownError) as caught:
        client.send(package.files, package.manifest.session)
    assert (caught.value.code, caught.value.detail) == (FailureCode.CENTRE_FAILED, "HTTP 507: storage_full")


def is_received(hall: Hall, url: str, package: BuiltPackage) -> None:
    """Signed for, whatever it says: some of these packages name predecessors that never were."""
    with hall.client(url) as client:
        assert client.send(package.files, package.manifest.session).receipt.session == package.manifest.session


@pytest.mark.attack("T11", "a full disk", answer="507 storage_full; what still fits is taken")
def test_a_full_disk_is_said_and_what_still_fits_is_taken(disk: Path, tmp_path: Path, entropy: CountedEntropy) -> None:
    folder, said = disk / "centre", tmp_path / "said"
    hall = enrol(new_centre(folder), tmp_path)
    small = hall.build(tmp_path / "small", entropy)
    large = hall.build(tmp_path / "large", entropy, sequence=2, recording_bytes=12 * MB)
    with process(folder, said=said) as (url, child), hall.http(url) as http:
        filler = fill(disk, RESERVE_BYTES + 6 * MB)
        before = files_below(folder / "parts")
        fails_for_now(hall, url, large)
        assert (files_below(folder / "parts"), http.get("/v1/health").status_code) == (before, 200)
        is_received(hall, url, small)

        filler.unlink()
        missing = register(http, large).json()["missing"]
        objects = {item.description.name: item for item in outgoing_objects(large.files, large.manifest)}
        fill(disk, 2 * MB)  # between announcing and sending
        answers = [put(http, part["url"], objects[part["object"]].part(part["number"])) for part in missing]
        assert [answer.status_code for answer in answers][:2] == [204, 507]
        assert answers[1].json() == {"code": "storage_full", "detail": "no room"}
        sizes = [path.stat().st_size for path in files_below(folder / "parts")]
        assert max(sizes) == objects["bundle.tar"].description.bytes  # the part that did not fit is taken back

        fill(disk, 0)  # not even the ledger can write
        refused(register(http, large), 507, "storage_full")
        filler.unlink()
        is_received(hall, url, large)
        assert child.poll() is None
    assert "Traceback" not in said.read_text()
    assert [path.name for path in files_below(folder) if path.suffix in (".tmp", ".new")] == []
    assert files_below(folder / "parts") == []


@pytest.mark.attack("T11", "a disk with room for one package", answer="taken, in its own size once")
def test_a_package_needs_its_own_size_once(disk: Path, tmp_path: Path, entropy: CountedEntropy) -> None:
    folder = disk / "centre"
    hall = enrol(new_centre(folder), tmp_path)
    package = hall.build(tmp_path / "package", entropy, recording_bytes=40 * MB)
    assert 2 * 40 * MB > DISK_BYTES > 40 * MB + RESERVE_BYTES
    with process(folder) as (url, _):
        is_received(hall, url, package)


@pytest.mark.attack("T11", "a full disk under the ledger", answer="507 storage_full, nothing signed")
def test_the_ledger_on_a_full_disk_signs_for_nothing_and_goes_on_when_there_is_room(
    disk: Path, tmp_path: Path, entropy: CountedEntropy
) -> None:
    folder, said = disk / "centre", tmp_path / "said"
    hall = enrol(new_centre(folder), tmp_path)
    package = hall.build(tmp_path / "package", entropy)
    with process(folder, said=said) as (url, _), hall.http(url) as http:
        upload(http, package)
        filler = fill(disk, 0)
        refused(commit(http, package), 507, "storage_full")
        filler.unlink()
        with closing(sqlite3.connect(folder / "centre.db")) as database:
            assert database.execute("SELECT count(*) FROM sessions WHERE receipt IS NOT NULL").fetchone() == (0,)
        assert commit(http, package).status_code == 200
    assert "Traceback" not in said.read_text()


@pytest.mark.attack("T11", "an account with a limit", answer="507 storage_full")
def test_an_account_with_a_limit_is_a_full_disk_as_well(tmp_path: Path, entropy: CountedEntropy) -> None:
    folder, said = tmp_path / "centre", tmp_path / "said"
    hall = enrol(new_centre(folder), tmp_path)
    package = hall.build(tmp_path / "package", entropy, recording_bytes=12 * MB)
    with process(folder, limit="ulimit -f 7000", said=said) as (url, child):  # KiB
        fails_for_now(hall, url, package)
        assert child.poll() is None
    assert "Traceback" not in said.read_text()
    (whole,) = (folder / "parts").glob(f"{package.manifest.session}.*/recording.enc/whole")
    assert whole.stat().st_size == 5 * MB
    with process(folder) as (url, _):
        is_received(hall, url, package)


@pytest.mark.attack("T15", "another account reads the centre's folder", answer="for the centre's account alone")
@pytest.mark.attack("minor", "centre.db is read by another account", answer="for the centre's account alone")
def test_everything_is_for_the_centres_account_alone(tmp_path: Path, entropy: CountedEntropy) -> None:
    folder = tmp_path / "centre"
    before = os.umask(0)
    try:
        centre = new_centre(folder)
        hall = enrol(centre, tmp_path)
        finished, begun = (hall.build(tmp_path / str(number), entropy, sequence=number) for number in (1, 2))
        with running(centre) as url, hall.http(url) as http:
            is_received(hall, url, finished)
            register(http, begun)
            put(http, f"/v1/sessions/{begun.manifest.session}/objects/recording.enc/parts/1", recording(begun))
            with closing(sqlite3.connect(folder / "centre.db")) as database:  # keeps its log alive
                database.execute("SELECT * FROM sessions").fetchall()
                modes = {path: stat.S_IMODE(path.stat().st_mode) for path in files_below(folder)}
                folders = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_dir()}
    finally:
        os.umask(before)
    assert {path.name: oct(mode) for path, mode in modes.items() if mode != 0o600} == {}
    assert {"centre.db", "centre.db-wal", "centre.json", "recording.enc", "whole", "1"} <= {path.name for path in modes}
    assert folders == {0o700}


def recording(package: BuiltPackage) -> bytes:
    return (package.folder / "recording.enc").read_bytes()


@pytest.mark.parametrize("limit", ["sessions_of_device", "sessions", "bytes_of_device", "bytes"])
@pytest.mark.attack("T10", "sessions that are begun and never committed")
def test_who_begins_much_and_finishes_nothing_is_told_to_wait(
    limit: str, tmp_path: Path, entropy: CountedEntropy
) -> None:
    hall = enrol(new_centre(tmp_path / "centre"), tmp_path)
    packages = [hall.build(tmp_path / str(number), entropy, sequence=number) for number in (1, 2, 3)]
    announced_bytes = sum(item["bytes"] for item in registration(packages[0])["objects"])
    limits = UploadLimits(**{limit: 2 if "sessions" in limit else announced_bytes * 5 // 2})
    centre = Centre.open(tmp_path / "centre", SystemClock(), SystemEntropy(), limits=limits)
    with running(centre) as url, hall.http(url) as http:
        assert [register(http, package).status_code for package in packages[:2]] == [200, 200]
        refused(register(http, packages[2]), 429, "uploads_unfinished")
        assert register(http, packages[0]).status_code == 200  # what was begun goes on
        with hall.client(url) as client, pytest.raises(KnownError) as caught:
            client.send(packages[2].files, packages[2].manifest.session)
        assert caught.value.code is FailureCode.CENTRE_FAILED  # later
        is_received(hall, url, packages[0])
        assert register(http, packages[2]).status_code == 200


def test_another_devices_unfinished_uploads_are_its_own(tmp_path: Path, entropy: CountedEntropy) -> None:
    centre = new_centre(tmp_path / "centre", sessions_of_device=1)
    (tmp_path / "other").mkdir()
    hall, other = enrol(centre, tmp_path), enrol(centre, tmp_path / "other")
    with running(centre) as url, hall.http(url) as http:
        assert register(http, hall.build(tmp_path / "1", entropy)).status_code == 200
        is_received(other, url, other.build(tmp_path / "2", entropy))


@pytest.mark.attack("T10", "parts that nobody ever commits")
def test_what_nobody_finishes_is_forgotten_with_all_its_files_and_may_come_again(
    tmp_path: Path, entropy: CountedEntropy
) -> None:
    folder = tmp_path / "centre"
    hall = enrol(new_centre(folder), tmp_path)
    old, young, done = (hall.build(tmp_path / str(number), entropy, sequence=number) for number in (1, 2, 3))
    clock = HandClock(SystemClock().now())
    centre = Centre.open(folder, clock, SystemEntropy(), limits=UploadLimits(age_s=1000.0))
    with running(centre) as url, hall.http(url) as http:
        for package in (old, young):
            register(http, package)
            put(http, f"/v1/sessions/{package.manifest.session}/objects/recording.enc/parts/1", recording(package))
        is_received(hall, url, done)
        clock.advance(900)
        register(http, young)  # announced again: it is still being tried
        clock.advance(200)
        centre.clear_unfinished()
        begun = {path.name.partition(".")[0] for path in (folder / "parts").iterdir()}
        assert begun == {young.manifest.session}
        refused(commit(http, old), 404, "session_unknown")
        is_received(hall, url, done)
        is_received(hall, url, old)
        is_received(hall, url, young)


def test_what_a_crash_left_beside_a_receipt_is_cleared(tmp_path: Path, entropy: CountedEntropy) -> None:
    folder = tmp_path / "centre"
    centre = new_centre(folder)
    hall = enrol(centre, tmp_path)
    package = hall.build(tmp_path / "package", entropy)
    with process(folder, "Ledger.commit:after") as (url, child), hall.client(url) as client:
        with pytest.raises(KnownError):
            client.send(package.files, package.manifest.session)
        child.wait(timeout=120)
    assert files_below(folder / "parts") != []
    centre.clear_unfinished()
    assert files_below(folder / "parts") == []
    with running(centre) as url:
        is_received(hall, url, package)


@pytest.mark.attack("minor", "another device registers a waiting id first")
def test_whoever_announces_anothers_waiting_id_keeps_nobody_from_it(tmp_path: Path, entropy: CountedEntropy) -> None:
    """The id of a session is no secret, and no title to it either."""
    folder = tmp_path / "centre"
    centre = new_centre(folder)
    (tmp_path / "other").mkdir()
    owner, other = enrol(centre, tmp_path), enrol(centre, tmp_path / "other")
    waiting = owner.build(tmp_path / "waiting", entropy)
    squatting = other.build(tmp_path / "squatting", entropy).resign(session=waiting.manifest.session)
    with running(centre) as url, owner.http(url) as http, other.http(url) as others:
        assert register(others, squatting).status_code == 200
        put(others, f"/v1/sessions/{waiting.manifest.session}/objects/recording.enc/parts/1", recording(squatting))
        refused(commit(http, waiting), 404, "session_unknown")
        is_received(owner, url, waiting)
        assert commit(others, squatting).status_code == 409
    kept = {path.read_bytes() for path in (folder / "objects").glob("*/recording.enc")}
    assert kept == {recording(waiting)}


@pytest.mark.attack("T4", "another device's files under another id")
def test_anothers_files_under_anothers_id_are_a_repeat_all_the_same(tmp_path: Path, entropy: CountedEntropy) -> None:
    """What lies inside names the session, and that is what the manifest says as well."""
    centre = new_centre(tmp_path / "centre")
    (tmp_path / "other").mkdir()
    owner, other = enrol(centre, tmp_path), enrol(centre, tmp_path / "other")
    genuine = owner.build(tmp_path / "genuine", entropy)
    with running(centre) as url, other.client(url) as client:
        is_received(owner, url, genuine)
        copied = replace(genuine, device=other.device).resign(certificate=to_text(other.device.certificate))
        receipt = client.send(copied.files, copied.manifest.session).receipt
    assert receipt.outcome is Outcome.PENDING_REVIEW
    assert Question.FILE_NEW in receipt.reasons


@pytest.mark.attack(
    "T9", "a 1.5 KB bundle with a GNU sparse member", answer="bundle_malformed, in less than 100 MiB more"
)
def test_a_bundle_that_says_it_is_huge_takes_no_memory(tmp_path: Path, entropy: CountedEntropy) -> None:
    """A sparse member of a terabyte: the process may have no more than it has, and a hundred megabytes."""
    folder = tmp_path / "centre"
    hall = enrol(new_centre(folder), tmp_path)
    package = hall.build(tmp_path / "package", entropy)
    content = with_header(tarfile.GNUTYPE_SPARSE, 0, sparse(2**40))
    message = registration(package)
    message["objects"][0] = describe("bundle.tar", io.BytesIO(content)).model_dump(mode="json")
    with process(folder) as (url, child), hall.http(url) as http:
        assert http.get("/v1/health").status_code == 200
        before = peak_kib(child.pid)
        for part in register(http, package, message).json()["missing"]:
            put(http, part["url"], content if part["object"] == "bundle.tar" else recording(package))
        refused(commit(http, package), 422, "bundle_malformed")
        assert peak_kib(child.pid) - before < 100 * 1024


def peak_kib(pid: int) -> int:
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])
