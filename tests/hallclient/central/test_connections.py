"""Whoever says nothing, or says it slowly, or comes in numbers, keeps nobody else from the centre."""

import asyncio
import json
import queue
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from hallclient.central.centre import Centre
from hallclient.central.connections import ConnectionLimits
from hallclient.central.limits import LimitedBodies
from hallclient.central.server import CentreServer
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.sync.replies import refusal
from hallclient.system import SystemClock, SystemEntropy
from tests.drivers.waiting import eventually
from tests.hallclient.central.running import Hall, enrol, process, running

PATIENCE_S = 60.0
SHORT = ConnectionLimits(
    most=24,
    accepted_at_once=4,
    most_of_one=3,
    handshake_s=1.0,
    idle_s=2.0,
    header_s=1.0,
    pause_s=1.0,
    body_s=2.0,
    body_bytes_per_s=1e9,
)
LONG = "content-length: 1000000"
HALF = f"PUT /v1/sessions/019c0000-0000-7000-8000-000000000000 HTTP/1.1\r\nhost: x\r\n{LONG}\r\n\r\n".encode()


@pytest.fixture(scope="module")
def short(centre: Centre) -> Iterator[str]:
    """The address of a centre with little patience."""
    with running(centre, limits=SHORT) as url:
        yield url


def connected(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), PATIENCE_S)


def secured(url: str, hall: Hall) -> ssl.SSLSocket:
    return hall.ssl_context.wrap_socket(connected(url), server_hostname="127.0.0.1")


def until_hung_up(connection: socket.socket) -> tuple[float, bytes]:
    """After how many seconds the other side hung up, and what it said."""
    begun_s, said = time.monotonic(), b""
    try:
        while block := connection.recv(65_536):
            said += block
    except (ConnectionError, ssl.SSLError):
        pass
    return time.monotonic() - begun_s, said


def served_within(hall: Hall, url: str, seconds: float) -> bool:
    begun_s = time.monotonic()
    with hall.client(url) as client:
        while time.monotonic() - begun_s < seconds:
            if client.reachable(3.0):
                return True
    return False


@contextmanager
def silent(url: str, number: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(connected(url))) for _ in range(number)]


@pytest.mark.attack("T10", "400 silent connections to a centre with 256 files", answer="a device is served beside them")
def test_four_hundred_who_say_nothing_keep_no_device_from_a_centre_of_256_files(tmp_path: Path) -> None:
    folder = tmp_path / "centre"
    hall = enrol(Centre.create(folder, "Centre", False, SystemClock(), SystemEntropy()), tmp_path)
    said = tmp_path / "said"
    with process(folder, limit="ulimit -n 256", said=said) as (url, child):
        assert served_within(hall, url, PATIENCE_S)
        with silent(url, 400):
            begun_s = time.monotonic()
            assert served_within(hall, url, 10.0), said.read_text()
            assert time.monotonic() - begun_s < 10.0
        assert child.poll() is None
    assert "Traceback" not in said.read_text()
    assert "Too many open files" not in said.read_text()


@pytest.mark.attack("T10", "a handshake that never ends", answer="hung up on")
def test_who_never_agrees_on_tls_is_hung_up_on(short: str) -> None:
    with closing(connected(short)) as connection:
        waited_s, said = until_hung_up(connection)
    assert (waited_s < PATIENCE_S / 2, said) == (True, b"")


@pytest.mark.parametrize("begun", [b"", b"GET /v1/health HT"], ids=["nothing", "half a header"])
@pytest.mark.attack("T10", "half a header", answer="hung up on")
def test_who_has_tls_and_asks_nothing_whole_is_hung_up_on(short: str, hall: Hall, begun: bytes) -> None:
    with closing(secured(short, hall)) as connection:
        connection.sendall(begun)
        waited_s, said = until_hung_up(connection)
    assert (waited_s < PATIENCE_S / 2, said) == (True, b"")


def answer(said: bytes) -> tuple[int, str]:
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), str(json.loads(body)["code"])


@pytest.mark.attack("T10", "a half-sent body")
def test_a_half_sent_body_is_refused_in_time_and_may_be_sent_again(short: str, hall: Hall) -> None:
    with closing(secured(short, hall)) as connection:
        connection.sendall(HALF + bytes(500_000))
        waited_s, said = until_hung_up(connection)
    assert answer(said) == (408, "request_too_slow")
    assert waited_s < PATIENCE_S / 2
    meant = refusal(httpx.Response(408, content=said.partition(b"\r\n\r\n")[2]))
    assert meant.code is FailureCode.CENTRE_FAILED  # later it may work


@pytest.mark.attack("T10", "a body that drips")
def test_a_body_that_drips_has_an_end_as_well(short: str, hall: Hall) -> None:
    with closing(secured(short, hall)) as connection:
        connection.sendall(HALF)
        begun_s = time.monotonic()
        with pytest.raises((ConnectionError, ssl.SSLError)):
            while time.monotonic() - begun_s < PATIENCE_S:
                connection.sendall(b"x")
                time.sleep(SHORT.pause_s / 10)
    assert time.monotonic() - begun_s < PATIENCE_S / 2


@pytest.mark.attack("T10", "one device takes all connections", answer="a few are its own, others are served")
def test_a_device_has_a_few_connections_and_others_are_served_beside_them(
    short: str, hall: Hall, centre: Centre, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = enrol(centre, tmp_path / "other")
    with ExitStack() as stack:
        many = []
        for _ in range(SHORT.most_of_one + 3):
            many.append(stack.enter_context(closing(secured(short, hall))))
            many[-1].sendall(HALF + bytes(1000))
        assert served_within(other, short, PATIENCE_S)
        assert [until_hung_up(one)[1] for one in many[:3]] == [b""] * 3  # cut off before they were too slow
        assert answer(until_hung_up(many[-1])[1]) == (408, "request_too_slow")


def test_more_than_there_may_be_make_room_for_the_next(short: str, hall: Hall) -> None:
    with silent(short, 3 * SHORT.most):
        assert served_within(hall, short, PATIENCE_S)


@pytest.mark.may_log("route_unknown", "method_unknown")
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nowhere", 404, "route_unknown"),
        ("GET", "/v1/health/", 404, "route_unknown"),
        ("GET", "/", 404, "route_unknown"),
        ("GET", "/%0aforged%20line", 404, "route_unknown"),
        ("DELETE", "/v1/health", 405, "method_unknown"),
    ],
)
@pytest.mark.attack("minor", "an unknown route")
def test_an_unknown_route_is_refused_in_the_words_of_the_contract(
    http: httpx.Client, caplog: pytest.LogCaptureFixture, method: str, path: str, status: int, code: str
) -> None:
    response = http.request(method, path)
    assert (response.status_code, response.json()) == (status, {"code": code, "detail": ""})
    assert refusal(response).code is FailureCode.CENTRE_VERSION
    assert "forged" not in caplog.text


@pytest.mark.may_log("Invalid HTTP request received")
@pytest.mark.attack("minor", "no HTTP at all")
def test_what_is_no_http_is_refused_in_the_words_of_the_contract(url: str, hall: Hall) -> None:
    with closing(secured(url, hall)) as connection:
        connection.sendall(b"no HTTP at all\r\n\r\n")
        _, said = until_hung_up(connection)
    assert answer(said) == (400, "http_malformed")


@pytest.mark.attack("minor", "a kept-alive connection holds a centre that stops", answer="stopped within 3 s")
def test_a_centre_stops_within_three_seconds_whoever_is_connected(centre: Centre, hall: Hall) -> None:
    with ExitStack() as stack:
        with running(centre) as url:
            kept = stack.enter_context(hall.http(url))
            assert kept.get("/v1/health").status_code == 200
            stack.enter_context(silent(url, 5))
            stack.enter_context(closing(secured(url, hall)))
            half = stack.enter_context(closing(secured(url, hall)))
            half.sendall(HALF + bytes(1000))
            begun_s = time.monotonic()
        assert time.monotonic() - begun_s < 3.0


@pytest.mark.may_log("route_unknown")
def test_a_client_takes_a_version_for_what_it_is(url: str, hall: Hall) -> None:
    with hall.client(f"{url}") as client, pytest.raises(KnownError) as caught:
        client._http.base_url = httpx.URL(f"{url}/v0")
        client.probe(PATIENCE_S)
    assert caught.value.code is FailureCode.CENTRE_VERSION


def test_what_is_received_at_once_is_bounded_and_given_back() -> None:
    """Bodies are held in memory: one that would be too much is sent away before it is read."""
    may_end = asyncio.Event()
    answers: list[int] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await may_end.wait()
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answers.append(message["status"])

    async def receive() -> Message:
        raise AssertionError("it was read")

    async def asked(limited: LimitedBodies, length: int) -> None:
        await limited({"type": "http", "headers": [(b"content-length", b"%d" % length)]}, receive, send)

    async def attack() -> None:
        limited = LimitedBodies(application, most_bytes_at_once=100)
        first = asyncio.create_task(asked(limited, 60))
        await asyncio.sleep(0)
        await asked(limited, 60)
        assert answers == [503]
        may_end.set()
        await first
        await asked(limited, 60)
        assert answers == [503, 200, 200]

    asyncio.run(attack())


def test_who_is_gone_leaves_nothing_behind(centre: Centre, hall: Hall) -> None:
    """At whatever point: a connection that was forgotten would take the place of a device for ever."""
    urls: queue.Queue[str] = queue.Queue()
    server = CentreServer(centre, "127.0.0.1", 0, urls.put, SHORT)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        url = urls.get(timeout=PATIENCE_S)
        for begun in (b"", b"GET /v1/hea", HALF, b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n"):
            for _ in range(SHORT.most_of_one):
                with closing(connected(url)) as connection:  # a reset, no goodbye
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    with hall.ssl_context.wrap_socket(connection, server_hostname="127.0.0.1") as speaking:
                        speaking.sendall(begun)
        eventually(lambda: not server._connections._served and not server._connections._shaking)
    finally:
        server.stop()
        thread.join()
