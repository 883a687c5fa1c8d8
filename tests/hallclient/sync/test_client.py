"""Deliveries to a real centre, and what the client makes of everything that can go wrong."""

import gc
import hashlib
import queue
import socket
import sqlite3
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from hallclient.central.centre import Centre
from hallclient.central.messages import PartDescription
from hallclient.central.store import ObjectStore
from hallclient.domain.documents import sign
from hallclient.domain.evidence import RECEIPT
from hallclient.domain.evidence.receipt import Outcome, Receipt
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.package import inspect
from hallclient.rule_texts import ShippedRules
from hallclient.sync.client import CentreClient
from hallclient.sync.conversation import Conversation
from hallclient.sync.tls import client_ssl_context
from hallclient.system import SystemClock, SystemEntropy
from tests.drivers.waiting import eventually
from tests.hallclient.central.running import Hall, enrol, process, running
from tests.packages import BuiltPackage, CountedEntropy

PATIENCE_S = 30.0
CRASHES = [
    "Ledger.register:after",
    "ObjectStore.put:before",
    "ObjectStore.put:after",
    "ObjectStore.assemble:after",
    "Ledger.commit:before",
    "Ledger.commit:after",
]


def failure(action: Callable[[], object]) -> KnownError:
    with pytest.raises(KnownError) as caught:
        action()
    return caught.value


def delivery(client: CentreClient, package: BuiltPackage) -> Callable[[], object]:
    return lambda: client.send(package.files, package.manifest.session)


def received(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "centre.db")) as database:
        return database.execute("SELECT id, outcome FROM sessions").fetchall()


def test_a_delivery_brings_back_a_receipt_that_completes_the_package(
    hall: Hall, url: str, package: BuiltPackage, folder: Path
) -> None:
    with hall.client(url) as client:
        signed = client.send(package.files, package.manifest.session)
    assert signed.receipt.outcome is Outcome.PASSED
    (package.folder / "receipt.json").write_bytes(signed.receipt_bytes)
    (package.folder / "receipt.sig").write_bytes(signed.signature_bytes)
    inspection = inspect(package.files, hall.roots, ShippedRules(), package.data_key)
    assert inspection.holds
    assert inspection.receipt == signed.receipt
    (kept,) = (folder / "objects").glob(f"{package.manifest.session}.*/recording.enc")
    assert kept.read_bytes() == (package.folder / "recording.enc").read_bytes()


def test_a_second_delivery_brings_the_same_receipt(hall: Hall, url: str, package: BuiltPackage) -> None:
    with hall.client(url) as client:
        first = client.send(package.files, package.manifest.session)
        assert client.send(package.files, package.manifest.session) == first


@pytest.mark.expects_log("Exception in ASGI application")
def test_only_missing_parts_are_sent(
    hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = hall.build(tmp_path / "large", entropy, recording_bytes=11 * 1024 * 1024)
    written: list[tuple[str, int]] = []
    put = ObjectStore.put

    def full_after_two(self: ObjectStore, session: str, name: str, part: PartDescription, body: bytes) -> None:
        if len(written) == 2:
            raise OSError("no space left")
        put(self, session, name, part, body)
        written.append((name, part.number))

    with hall.client(url) as client:
        monkeypatch.setattr(ObjectStore, "put", full_after_two)
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_FAILED
        before, written = written, []
        client.send(package.files, package.manifest.session)
    assert before == [("bundle.tar", 1), ("recording.enc", 1)]
    assert written == [("recording.enc", 2), ("recording.enc", 3)]


def test_a_delivery_that_is_cut_off_ends_at_once_and_goes_on_from_there_another_time(
    hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The centre may take two minutes for an answer; nobody who closes the program waits for them."""
    package = hall.build(tmp_path / "large", entropy, recording_bytes=11 * 1024 * 1024)
    second, may_go_on, failures = threading.Event(), threading.Event(), queue.Queue[KnownError]()
    written: list[int] = []
    put = ObjectStore.put

    def slow_second(self: ObjectStore, session: str, name: str, part: PartDescription, body: bytes) -> None:
        if len(written) == 1:
            second.set()
            assert may_go_on.wait(PATIENCE_S)
        put(self, session, name, part, body)
        written.append(part.number)

    monkeypatch.setattr(ObjectStore, "put", slow_second)
    with hall.client(url) as client:
        sender = threading.Thread(target=lambda: failures.put(failure(delivery(client, package))))
        sender.start()
        assert second.wait(PATIENCE_S)
        client.cut_off()
        assert failures.get(timeout=PATIENCE_S).code is FailureCode.CENTRE_UNREACHABLE
        assert len(written) == 1  # the centre still has its answer to give
        sender.join()
        assert not client.reachable(PATIENCE_S)
    may_go_on.set()
    with hall.client(url) as client:
        client.send(package.files, package.manifest.session)


def test_each_piece_that_the_network_takes_is_known(hall: Hall, package: BuiltPackage) -> None:
    """A slow line moves; one that moves nothing is told of, and nothing is while nothing is sent."""
    now_s, silences = [0.0], list[float | None]()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500)

    with answering(hall, answer) as client:
        client._monotonic = lambda: now_s[0]
        assert client.silent_s is None
        conversation = Conversation(client._http, client._connections, lambda _: None, moved=client._move)
        client._move()
        for piece in conversation._pieces(bytes(40_000)):
            assert len(piece) <= 16_384
            now_s[0] += 30.0
            silences.append(client.silent_s)
        assert silences == [30.0] * 3
        assert client.silent_s == 0.0
        failure(delivery(client, package))
        assert client.silent_s is None


def test_a_line_without_traffic_is_watched_by_the_system(hall: Hall, url: str) -> None:
    with hall.client(url) as client:
        client.probe(PATIENCE_S)
        line = client._line.get_extra_info("socket")
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        seconds = [
            line.getsockopt(socket.IPPROTO_TCP, option) for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL)
        ]
        assert seconds[0] + seconds[1] * line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) <= 5


def test_nothing_begins_after_cutting_off(hall: Hall, url: str, package: BuiltPackage, folder: Path) -> None:
    before = received(folder)
    with hall.client(url) as client:
        client.cut_off()
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNREACHABLE
    assert received(folder) == before


def test_two_couriers_at_once_get_one_receipt(hall: Hall, url: str, package: BuiltPackage) -> None:
    receipts: queue.Queue[bytes] = queue.Queue()

    def deliver() -> None:
        with hall.client(url) as client:
            receipts.put(client.send(package.files, package.manifest.session).receipt_bytes)

    couriers = [threading.Thread(target=deliver) for _ in range(4)]
    for courier in couriers:
        courier.start()
    for courier in couriers:
        courier.join()
    assert receipts.qsize() == 4
    assert len({receipts.get() for _ in couriers}) == 1


@pytest.mark.parametrize("crash", CRASHES)
def test_a_killed_centre_ends_with_one_session_and_the_right_bytes(
    tmp_path: Path, entropy: CountedEntropy, crash: str
) -> None:
    folder = tmp_path / "centre"
    hall = enrol(Centre.create(folder, "Centre", False, SystemClock(), SystemEntropy()), tmp_path)
    package = hall.build(tmp_path / "package", entropy, recording_bytes=6 * 1024 * 1024)
    with process(folder, crash) as (url, child), hall.client(url) as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNREACHABLE
        assert child.wait(timeout=120) == -9
    with running(Centre.open(folder, SystemClock(), SystemEntropy())) as url, hall.client(url) as client:
        signed = client.send(package.files, package.manifest.session)
        assert client.send(package.files, package.manifest.session) == signed
    assert received(folder) == [(package.manifest.session, "passed")]
    kept = {path.name: path for path in (folder / "objects").glob(f"{package.manifest.session}.*/*")}
    assert {item.name: item.sha256 for item in signed.receipt.objects} == {
        name: hashlib.sha256(kept[name].read_bytes()).hexdigest() for name in ("bundle.tar", "recording.enc")
    }
    assert list((folder / "parts").iterdir()) == []


def test_reachable_means_that_the_centre_answers_this_device(hall: Hall, url: str, tmp_path: Path) -> None:
    with hall.client(url) as client:
        assert client.reachable(5)
    with stranger(tmp_path).client(url) as client:
        assert not client.reachable(5)
    with hall.client("https://127.0.0.1:1") as client:
        assert not client.reachable(5)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(404), FailureCode.CENTRE_VERSION),
        (httpx.Response(426), FailureCode.CENTRE_VERSION),
        (httpx.Response(200, content=b'{"another":"answer"}'), FailureCode.CENTRE_VERSION),
        (httpx.Response(403, content=b'{"code":"device_untrusted","detail":""}'), FailureCode.CENTRE_REFUSED_DEVICE),
        (httpx.Response(503), FailureCode.CENTRE_FAILED),
        (httpx.ConnectError("nobody"), FailureCode.CENTRE_UNREACHABLE),
        (httpx.ConnectTimeout("nobody"), FailureCode.CENTRE_UNREACHABLE),
        (httpx.RemoteProtocolError("hung up"), FailureCode.CENTRE_REFUSED_DEVICE),
    ],
)
def test_a_probe_says_why_not(hall: Hall, answer: httpx.Response | httpx.RequestError, code: FailureCode) -> None:
    def centre(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/health"
        if isinstance(answer, httpx.RequestError):
            raise answer
        return answer

    with answering(hall, centre) as client:
        assert failure(lambda: client.probe(5)).code is code
        assert not client.reachable(5)


def test_a_probe_tells_a_refused_device_from_a_false_centre_and_from_nobody(
    hall: Hall, url: str, tmp_path: Path
) -> None:
    other = stranger(tmp_path)
    with hall.client(url) as client:
        client.probe(5)
    with other.client(url) as client:
        assert failure(lambda: client.probe(5)).code is FailureCode.CENTRE_UNTRUSTED
    with CentreClient(url, refused_context(other, hall, tmp_path), hall.roots, pause=lambda _: None) as client:
        assert failure(lambda: client.probe(5)).code is FailureCode.CENTRE_REFUSED_DEVICE
    with hall.client("https://127.0.0.1:1") as client:
        assert failure(lambda: client.probe(5)).code is FailureCode.CENTRE_UNREACHABLE


def test_a_peer_that_hangs_up_before_the_handshake_leaves_no_open_socket(hall: Hall) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes with a reset
        accepted.close()
        with pytest.raises(ConnectionResetError):
            hall.ssl_context.wrap_socket(client, server_hostname="127.0.0.1")
        client.close()
    gc.collect()  # an SSLSocket that nobody closed would warn here, and a warning fails


def refused_context(other: Hall, hall: Hall, tmp_path: Path) -> ssl.SSLContext:
    """Trusts this hall's centre and shows it the certificate of another centre's device."""
    key_path = tmp_path / "key.pem"
    key_path.write_bytes(
        other.device.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    )
    roots_pem = b"".join(root.public_bytes(Encoding.PEM) for root in hall.roots)
    return client_ssl_context(roots_pem, other.device.chain.to_pem(), key_path, b"x")


def stranger(tmp_path: Path) -> Hall:
    """A computer that is enrolled at another centre."""
    return enrol(Centre.create(tmp_path / "other", "Other", False, SystemClock(), SystemEntropy()), tmp_path)


def test_nobody_listening_is_unreachable(hall: Hall, package: BuiltPackage) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with hall.client(f"https://127.0.0.1:{port}") as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNREACHABLE


def test_a_device_of_another_centre_is_refused_and_trusts_nobody_here(
    hall: Hall, url: str, package: BuiltPackage, tmp_path: Path
) -> None:
    other = stranger(tmp_path)
    with other.client(url) as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNTRUSTED
    with CentreClient(url, refused_context(other, hall, tmp_path), hall.roots, pause=lambda _: None) as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_REFUSED_DEVICE


@pytest.mark.expects_log("refused .*/commit: package_refused")
def test_a_refused_record_names_the_code_and_the_file(hall: Hall, url: str, package: BuiltPackage) -> None:
    path = package.folder / "strokes.enc"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with hall.client(url) as client:
        error = failure(delivery(client, package))
    assert (error.code, error.detail) == (
        FailureCode.CENTRE_REFUSED_RECORD,
        "package_refused: strokes.enc: unchanged",
    )


@pytest.mark.expects_log("refused .*: practice_package")
def test_practice_is_refused(hall: Hall, url: str, tmp_path: Path, entropy: CountedEntropy) -> None:
    package = hall.build(tmp_path / "practice", entropy, practice=True)
    with hall.client(url) as client:
        error = failure(delivery(client, package))
    assert error.code is FailureCode.CENTRE_REFUSED_RECORD
    assert error.detail.startswith("practice_package")


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "recording.enc", "holder.record.enc", "review.json"])
def test_a_file_that_grew_beyond_all_measure_is_not_read(
    name: str, hall: Hall, url: str, package: BuiltPackage
) -> None:
    with (package.folder / name).open("ab") as file:
        file.truncate(10 * 2**30)
    if (package.folder / name).stat().st_blocks * 512 > 2**30:
        pytest.skip("no sparse files here")
    with hall.client(url) as client:
        assert failure(delivery(client, package)).code is FailureCode.EVIDENCE_DAMAGED


def test_a_package_that_cannot_be_read_is_said(hall: Hall, url: str, package: BuiltPackage) -> None:
    with hall.client(url) as client:
        assert (
            failure(lambda: client.send(package.files, "019c0000-0000-7000-8000-000000000000")).code
            is FailureCode.EVIDENCE_DAMAGED
        )
        (package.folder / "manifest.sig").unlink()
        assert failure(delivery(client, package)).code is FailureCode.PACKAGE_MISSING
        (package.folder / "manifest.sig").mkdir()
        assert failure(delivery(client, package)).code is FailureCode.EVIDENCE_DAMAGED


def test_a_key_that_does_not_open_is_said(hall: Hall, tmp_path: Path) -> None:
    pem = hall.device.certificate.public_bytes(Encoding.PEM)
    root_pem = hall.roots[0].public_bytes(Encoding.PEM)
    key_path = next(tmp_path.glob("*.pem"))
    for path, password in ((key_path, b"wrong"), (tmp_path / "absent.pem", b"secret")):
        error = failure(lambda path=path, password=password: client_ssl_context(root_pem, pem, path, password))
        assert error.code is FailureCode.STORE_UNREADABLE
    assert failure(lambda: client_ssl_context(b"", pem, key_path, b"secret")).code is FailureCode.TRUST_ROOTS_MISSING


# A centre that says what a test wants, behind httpx's own transport: no network is needed to misunderstand.


@contextmanager
def answering(hall: Hall, answer: Callable[[httpx.Request], httpx.Response]) -> Iterator[CentreClient]:
    with hall.client("https://centre.example") as client:
        client._http.close()
        client._http = httpx.Client(base_url="https://centre.example", transport=httpx.MockTransport(answer))
        yield client


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, b"", FailureCode.CENTRE_FAILED),
        (503, b"busy", FailureCode.CENTRE_FAILED),
        (429, b'{"code":"slow_down","detail":""}', FailureCode.CENTRE_FAILED),
        (404, b"<html>some proxy</html>", FailureCode.CENTRE_FAILED),
        (302, b"", FailureCode.CENTRE_FAILED),
        (200, b"not json", FailureCode.CENTRE_FAILED),
        (200, b'{"missing":[{"object":"x","number":1,"url":"/x"}]}', FailureCode.CENTRE_FAILED),
        (409, b'{"code":"parts_missing","detail":"1 parts"}', FailureCode.CENTRE_FAILED),
        (404, b'{"code":"session_unknown","detail":""}', FailureCode.CENTRE_FAILED),
        (403, b'{"code":"device_untrusted","detail":""}', FailureCode.CENTRE_REFUSED_DEVICE),
        (409, b'{"code":"other_content","detail":""}', FailureCode.CENTRE_REFUSED_RECORD),
        (422, b'{"code":"new_code","detail":"x"}', FailureCode.CENTRE_REFUSED_RECORD),
    ],
)
def test_each_answer_has_its_meaning(
    hall: Hall, package: BuiltPackage, status: int, body: bytes, code: FailureCode
) -> None:
    with answering(hall, lambda _: httpx.Response(status, content=body)) as client:
        assert failure(delivery(client, package)).code is code


@pytest.mark.parametrize(
    ("errors", "tries", "code"),
    [
        ([httpx.ConnectError], 3, FailureCode.CENTRE_UNREACHABLE),
        ([httpx.ConnectTimeout], 1, FailureCode.CENTRE_UNREACHABLE),
        ([httpx.ReadTimeout], 1, FailureCode.CENTRE_UNREACHABLE),
        ([httpx.RemoteProtocolError], 3, FailureCode.CENTRE_REFUSED_DEVICE),
        ([httpx.ReadError], 3, FailureCode.CENTRE_REFUSED_DEVICE),
        ([httpx.ReadError, httpx.ConnectError], 3, FailureCode.CENTRE_UNREACHABLE),
        ([httpx.ReadError, httpx.ReadTimeout], 2, FailureCode.CENTRE_UNREACHABLE),
    ],
)
def test_a_cut_connection_is_tried_again_a_few_times(
    hall: Hall, package: BuiltPackage, errors: list[type[httpx.TransportError]], tries: int, code: FailureCode
) -> None:
    asked: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(1)
        raise errors[min(len(asked), len(errors)) - 1]("cut", request=request)

    with answering(hall, answer) as client:
        assert failure(delivery(client, package)).code is code
    assert len(asked) == tries


def test_a_centre_that_answered_and_then_hangs_up_is_only_unreachable(hall: Hall, package: BuiltPackage) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(200, json={"missing": []})
        raise httpx.RemoteProtocolError("cut", request=request)

    with answering(hall, answer) as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNREACHABLE


def test_a_cut_request_is_made_again_with_the_same_body(hall: Hall, package: BuiltPackage) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        if len(bodies) == 1:
            raise httpx.WriteError("cut", request=request)
        return httpx.Response(500)

    with answering(hall, answer) as client:
        failure(delivery(client, package))
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert bodies[0]


def with_outcome(receipt: Receipt) -> Receipt:
    return receipt.model_copy(update={"outcome": Outcome.NOT_PASSED})


def of_another_session(receipt: Receipt) -> Receipt:
    return receipt.model_copy(update={"session": "019c0000-0000-7000-8000-000000000000"})


def of_another_manifest(receipt: Receipt) -> Receipt:
    return receipt.model_copy(update={"manifest_sha256": "00" * 32})


def of_fewer_objects(receipt: Receipt) -> Receipt:
    return receipt.model_copy(update={"objects": receipt.objects[:1]})


def of_other_objects(receipt: Receipt) -> Receipt:
    first, *rest = receipt.objects
    return receipt.model_copy(update={"objects": (first.model_copy(update={"sha256": "00" * 32}), *rest)})


@pytest.mark.parametrize("resigned", [True, False])
@pytest.mark.parametrize("alter", [of_another_session, of_another_manifest, of_fewer_objects, of_other_objects])
@pytest.mark.attack("T7", "a receipt that is not this centre's word about this package")
def test_only_a_receipt_about_this_package_is_accepted(
    hall: Hall,
    centre: Centre,
    url: str,
    package: BuiltPackage,
    alter: Callable[[Receipt], Receipt],
    resigned: bool,
) -> None:
    with hall.client(url) as client:
        genuine = client.send(package.files, package.manifest.session)
    data = alter(genuine.receipt).canonical()
    signature = sign(centre.keys.receipt_key, RECEIPT, data) if resigned else genuine.signature_bytes
    with answering(hall, committing(data.decode(), signature.hex())) as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.parametrize(("receipt", "signature"), [("{}", "00"), ("", ""), ("{}", "no hex")])
def test_rubbish_is_no_receipt(hall: Hall, package: BuiltPackage, receipt: str, signature: str) -> None:
    with answering(hall, committing(receipt, signature)) as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNTRUSTED


@pytest.mark.attack("T7", "a better outcome, written into a receipt")
def test_a_better_outcome_cannot_be_written_into_a_receipt(hall: Hall, url: str, package: BuiltPackage) -> None:
    with hall.client(url) as client:
        genuine = client.send(package.files, package.manifest.session)
    changed = with_outcome(genuine.receipt).canonical().decode()
    with answering(hall, committing(changed, genuine.signature_bytes.hex())) as client:
        assert failure(delivery(client, package)).code is FailureCode.CENTRE_UNTRUSTED


def committing(receipt: str, signature: str) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(200, json={"missing": []})
        return httpx.Response(200, json={"receipt": receipt, "signature": signature})

    return answer


def test_a_centre_that_is_killed_has_hung_up(tmp_path: Path) -> None:
    folder = tmp_path / "centre"
    hall = enrol(Centre.create(folder, "Centre", False, SystemClock(), SystemEntropy()), tmp_path)
    with process(folder) as (url, child), hall.client(url) as client:
        assert not client.hung_up  # never asked
        client.probe(PATIENCE_S)
        assert not client.hung_up
        child.kill()
        child.wait()
        eventually(lambda: client.hung_up)
        with pytest.raises(KnownError, match="centre_unreachable"):
            client.probe(PATIENCE_S)
        assert not client.hung_up


@pytest.mark.parametrize("url", ["https://[::1", "https://a:65536", "https://a\n"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    error = failure(lambda: CentreClient(url, ssl.create_default_context(), []))
    assert error.code is FailureCode.STORE_UNREADABLE
