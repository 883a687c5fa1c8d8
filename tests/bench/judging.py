"""The centre's judgement of a package, with and without its own comparison, beside plain receipt of the same bytes.

In seconds of CPU, which is what one core is kept from other packages; a disk that is waited for is not. Each package is
genuine and new. Plain receipt is what any upload costs: each part digested and written, and the whole assembled from
them, both durably.
"""

import datetime as dt
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from drivers.practice.idcard.portrait_encoder import encode_portrait
from hallclient.central.centre import Centre
from hallclient.central.comparison import PictureEngine
from hallclient.central.messages import ObjectDescription, Registration
from hallclient.central.policy import Policy
from hallclient.central.sender import sender_of
from hallclient.central.store import ObjectStore
from hallclient.domain.evidence.manifest import Manifest
from hallclient.picture_decoding import decode_picture
from hallclient.services.pictures import encode_photo
from hallclient.sync.bundle import OutgoingObject, outgoing_objects
from hallclient.system import SystemClock, SystemEntropy
from hallclient.wiring.centre_faces import centre_faces
from tests.bench.figure import Figure, Wanted
from tests.hallclient.central.running import enrol
from tests.packages import BuiltPackage, CountedEntropy, EnrolledDevice, build_package

_PACKAGES = 12
_RECORDING_BYTES = 3 * 1024 * 1024  # half a minute
_PICTURES = resources.files("assets") / "practice"
_WANTED_MS, _WANTED_COMPARED_MS = 30.0, 150.0

Engine = Callable[[Policy], PictureEngine | None]


def figures() -> list[Figure | Wanted]:
    with TemporaryDirectory() as folder, _one_core(), centre_faces() as engine:
        plain_s, judged_s = _means(Path(folder) / "without", lambda _: None)
        _, compared_s = _means(Path(folder) / "with", engine)
    return [
        Figure("judge a package without comparing", judged_s, "plain receipt of it", plain_s),
        Figure("judge a package and compare its pictures", compared_s, "plain receipt of it", plain_s),
        Wanted("the centre's judgement without the comparison", judged_s * 1000, "ms", _WANTED_MS),
        Wanted("the centre's judgement with the comparison", compared_s * 1000, "ms", _WANTED_COMPARED_MS),
    ]


def _means(folder: Path, engine: Engine) -> tuple[float, float]:
    """Seconds of plain receipt, and of what a commit takes beyond it, here and in the engine's process."""
    folder.mkdir()
    clock, entropy = SystemClock(), SystemEntropy()
    Centre.create(folder / "centre", "bench", False, clock, entropy)
    centre = Centre.open(folder / "centre", clock, entropy, engine=engine)
    hall = enrol(centre, folder)
    device, centre_key = hall.device, hall.centre_key
    plain, judged = [], []
    engine_began_s = 0.0
    before: Manifest | None = None
    counted = CountedEntropy(str(folder))
    for number in range(_PACKAGES + 1):
        package = _package(folder / f"package-{number}", device, centre_key, counted, before, number)
        before = package.manifest
        plain_s, assembled_s = _plainly(folder / f"plain-{number}", package)
        whole_s = _committed(centre, device, package)
        if number:  # the first loads libraries, and the engine its models
            plain.append(plain_s)
            judged.append(whole_s - assembled_s)
        else:
            engine_began_s = _children_s()
    elsewhere_s = (_children_s() - engine_began_s) / _PACKAGES  # ticks are coarse: of all together
    return statistics.mean(plain), statistics.mean(judged) + elsewhere_s


def _children_s() -> float:
    """Seconds of CPU of the processes that this one has started and that still run; 0 where there is no /proc."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[1]) == os.getpid():
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else 0.0


def _package(
    folder: Path,
    device: EnrolledDevice,
    centre_key: X25519PublicKey,
    entropy: CountedEntropy,
    before: Manifest | None,
    number: int,
) -> BuiltPackage:
    card = decode_picture((_PICTURES / "guo_card.png").read_bytes())
    live = decode_picture((_PICTURES / "guo_live1.jpg").read_bytes()).copy()
    live[:8, 8 * number : 8 * number + 8] = 0  # no two photos are the same
    return build_package(
        folder,
        device,
        centre_key,
        entropy,
        after=before,
        now=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5),
        recording_bytes=_RECORDING_BYTES,
        replacing={"holder.portrait": encode_portrait(card), "holder.live_photo": encode_photo(live)},
    )


def _plainly(folder: Path, package: BuiltPackage) -> tuple[float, float]:
    """Seconds until the same bytes lie there as parts and whole, and of the latter alone."""
    folder.mkdir()
    store = ObjectStore(folder)
    session = package.manifest.session
    began_s = time.process_time()
    objects = _described(package)
    for item, description in objects:
        for part in description.parts:
            store.put(session, description.name, part, item.part(part.number))
    put_s = time.process_time()
    for _, description in objects:
        store.assemble(session, description)
    store.drop_parts(session)
    ended_s = time.process_time()
    return ended_s - began_s, ended_s - put_s


def _committed(centre: Centre, device: EnrolledDevice, package: BuiltPackage) -> float:
    """Seconds of the commit alone: its parts are there."""
    sender, session = sender_of(device.certificate), package.manifest.session
    objects = {description.name: (item, description) for item, description in _described(package)}
    registration = Registration(
        manifest=(package.folder / "manifest.json").read_text("utf-8"),
        signature=(package.folder / "manifest.sig").read_bytes().hex(),
        objects=[description for _, description in objects.values()],
    )
    for missing in centre.register(sender, session, registration).missing:
        item, description = objects[missing.object]
        part = description.parts[missing.number - 1]
        centre.put_part(sender, session, missing.object, missing.number, item.part(missing.number), part.sha256)
    began_s = time.process_time()
    receipt = centre.commit(sender, session, SystemClock().now().isoformat()).receipt
    elapsed_s = time.process_time() - began_s
    assert '"outcome":"passed"' in receipt, receipt
    return elapsed_s


def _described(package: BuiltPackage) -> list[tuple[OutgoingObject, ObjectDescription]]:
    return [
        (item, ObjectDescription.model_validate(item.description.model_dump()))
        for item in outgoing_objects(package.files, package.manifest)
    ]


@contextmanager
def _one_core() -> Iterator[None]:
    """For this process and those that it starts, where the system can say so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
