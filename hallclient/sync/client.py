"""Speaks with the centre: sends one package and brings back a receipt that has been checked."""

import errno
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, TypeVar
from weakref import WeakSet

import httpx
from cryptography import x509
from pydantic import ValidationError

from hallclient.domain.documents import Verdict, parse, read_document
from hallclient.domain.evidence import MANIFEST
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt, SentObject
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.inspection.content import PackageFiles
from hallclient.domain.inspection.package import receipt_holds
from hallclient.storage.store_failures import of_os_error
from hallclient.sync.bundle import OutgoingObject, outgoing_objects
from hallclient.sync.messages import Answer, Committed, Health, Refused, Registered, Registration

AnswerType = TypeVar("AnswerType", bound=Answer)

# The centre may take long to inspect a large video; everything else answers at once.
_HIGHEST_PORT = 65_535
_TIMEOUT = httpx.Timeout(30, connect=5, read=120)
_PIECE_BYTES = 16 * 1024  # of a body; with each that the network takes it is known that the line moves
# A line that is cut while nothing is on its way: asked by the system after 2 s of silence, given up 3 s later. Nothing
# of the sort for what is on its way: a slow line would fail.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 2, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3}  # seconds, seconds, unanswered questions
_UNSENT_BYTES = 32 * 1024  # may wait in the system's buffer, which would otherwise take minutes of a slow line at once
_PAUSES_S = (0.2, 1.0)  # between the tries of one request that was cut off; the courier waits longer between deliveries
_CUT_OFF = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.CloseError)
_TRY_AGAIN = frozenset({408, 425, 429})
_ANOTHER_VERSION = frozenset({404, 405, 410, 426, 501, 505})  # what a centre says that no longer has, or needs, /v1
_REGISTER_AGAIN = frozenset({"parts_missing", "session_unknown"})  # the centre lost something: not the record's fault


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt that holds, and the bytes of its two files."""

    receipt: Receipt
    receipt_bytes: bytes
    signature_bytes: bytes


class CentreClient:
    """A connection to one centre, usable from any thread. Close it, or use it in a `with`."""

    def __init__(
        self,
        base_url: str,
        ssl_context: ssl.SSLContext,
        roots: Sequence[x509.Certificate],
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connects when first needed.

        Args:
            base_url: "https://host:port".
            ssl_context: see `client_ssl_context`.
            roots: whom a receipt must be vouched for by.
            pause: waits that many seconds.
            monotonic: seconds, for `silent_s`.

        Raises store_unreadable for a `base_url` that is none: it stands in the hall's file.
        """
        address = _address(base_url)
        # No environment: a proxy variable on a hall's PC must not lead evidence elsewhere.
        transport = httpx.HTTPTransport(verify=ssl_context, trust_env=False, socket_options=_socket_options())
        self._http = httpx.Client(base_url=address, transport=transport, trust_env=False, timeout=_TIMEOUT)
        self._roots = roots
        self._pause = pause
        self._connections = _Connections()
        self._line: Any = None  # the connection on which the centre answered the last probe
        self._monotonic = monotonic
        self._moved_at_s: float | None = None  # the delivery that is under way

    def __enter__(self) -> "CentreClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def cut_off(self) -> None:
        """From any thread: what is under way on another fails within moments, and so does everything from now on.

        With centre_unreachable: a package that was half sent goes on from there another time.
        """
        self._connections.cut_off()

    def probe(self, timeout_s: float) -> None:
        """Ask whether the centre answers this device; each of connecting and answering takes at most `timeout_s`.

        Raises:
            centre_unreachable: nobody answers.
            centre_untrusted: somebody answers who is not this hall's centre.
            centre_refused_device: the centre does not like this device's certificate.
            centre_version: the centre speaks another version than this program.
            centre_failed: the centre has a trouble of its own.
        """
        self._line = None
        conversation = _Conversation(
            self._http, self._connections, self._pause, httpx.Timeout(timeout_s), connects_once=True
        )
        response = conversation.response("GET", "/v1/health")
        self._line = response.extensions.get("network_stream")
        if response.status_code in _ANOTHER_VERSION:
            raise KnownError(FailureCode.CENTRE_VERSION, f"HTTP {response.status_code}")
        if not response.is_success:
            raise _refusal(response)
        try:
            Health.model_validate_json(response.content)
        except ValidationError:
            raise KnownError(FailureCode.CENTRE_VERSION, "Health not understood") from None

    @property
    def hung_up(self) -> bool:
        """The centre has closed the connection on which it answered the last `probe`. It may be gone: ask again.

        Does not wait. A network that was cut off in between is noticed by this some seconds later.
        """
        line = self._line
        return line is not None and bool(line.get_extra_info("is_readable"))

    @property
    def silent_s(self) -> float | None:
        """For how many seconds the delivery under way has moved nothing; None while there is none.

        That may be because the centre has much to do. From any thread.
        """
        moved_at_s = self._moved_at_s
        return None if moved_at_s is None else self._monotonic() - moved_at_s

    def _move(self) -> None:
        self._moved_at_s = self._monotonic()

    def reachable(self, timeout_s: float) -> bool:
        """Whether the centre answers this device, whatever the reason when not: see `probe`."""
        try:
            self.probe(timeout_s)
        except KnownError:
            return False
        return True

    def send(self, package: PackageFiles, session_id: str) -> SignedReceipt:
        """Deliver a sealed package: what the centre already holds is not sent again. Safe to repeat.

        Raises:
            centre_unreachable, centre_failed: later it may work.
            centre_refused_device, centre_untrusted: no package can be delivered until somebody mends it.
            centre_refused_record: this package never can; `detail` is the centre's code and the files.
            evidence_damaged, package_missing: the package is not whole.
            store_read_only, store_busy, store_unreadable: this computer does not let us read it now.
        """
        self._move()
        try:
            return self._send(package, session_id)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"package: {type(error).__name__}") from error
        except OSError as error:  # nothing is known about the package itself: it is not given up
            raise of_os_error(error, Path(session_id)) from error
        finally:
            self._moved_at_s = None

    def _send(self, package: PackageFiles, session_id: str) -> SignedReceipt:
        manifest_bytes, signature = (_content(package, f"{MANIFEST}.{ending}") for ending in ("json", "sig"))
        manifest = parse(Manifest, manifest_bytes)
        if manifest.session != session_id:
            raise KnownError(FailureCode.EVIDENCE_DAMAGED, "the package is of another session")
        _must_not_be_larger(package, manifest)
        objects = outgoing_objects(package, manifest)
        registration = Registration(
            manifest=manifest_bytes.decode(),
            signature=signature.hex(),
            objects=tuple(item.description for item in objects),
        )
        conversation = _Conversation(self._http, self._connections, self._pause, moved=self._move)
        path = f"/v1/sessions/{session_id}"
        registered = conversation.ask(
            Registered, "PUT", path, registration.model_dump_json().encode(), {"Content-Type": "application/json"}
        )
        for missing in registered.missing:
            conversation.put_part(missing.url, *_part(objects, missing.object, missing.number))
        committed = conversation.ask(Committed, "POST", f"{path}/commit")
        return self._verified(committed, manifest, objects)

    def _verified(self, committed: Committed, manifest: Manifest, objects: Sequence[OutgoingObject]) -> SignedReceipt:
        data = committed.receipt.encode()
        try:
            receipt, signature = parse(Receipt, data), bytes.fromhex(committed.signature)
        except (KnownError, ValueError):
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the receipt cannot be read") from None
        if receipt_holds(receipt, data, signature, self._roots) is not Verdict.HOLDS:
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the receipt's signature does not hold")
        sent = {
            SentObject(name=item.description.name, bytes=item.description.bytes, sha256=item.description.sha256)
            for item in objects
        }
        about = (receipt.session, receipt.manifest_sha256, set(receipt.objects))
        if about != (manifest.session, manifest.sha256, sent):
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the receipt is about something else")
        return SignedReceipt(receipt, data, signature)


class _Connections:
    """The sockets of one client, so that another thread can end what waits on them. `are_cut` never ends."""

    def __init__(self) -> None:
        self.are_cut = False
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpcore calls while it works on a request, on that thread."""
        if event == "connection.start_tls.complete":
            with self._lock:
                self._sockets.add(info["return_value"].get_extra_info("socket"))
                if self.are_cut:
                    self._shut_down()

    def cut_off(self) -> None:
        with self._lock:
            self.are_cut = True
            self._shut_down()

    def _shut_down(self) -> None:
        for one in self._sockets:
            with suppress(OSError):  # closed before
                # Not the TLS socket's own `shutdown`, which takes away under the other thread what it reads with.
                socket.socket.shutdown(one, socket.SHUT_RDWR)


class _Conversation:
    """The requests of one delivery.

    `connects_once`: who asks will ask again anyway, and wants to know at once. `moved` is called whenever the network
    has taken or brought something.
    """

    def __init__(
        self,
        http: httpx.Client,
        connections: _Connections,
        pause: Callable[[float], None],
        timeout: httpx.Timeout = _TIMEOUT,
        *,
        connects_once: bool = False,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._http = http
        self._moved = moved
        self._connections = connections
        self._pause = pause
        self._timeout = timeout
        self._final = (httpx.TimeoutException, httpx.ConnectError) if connects_once else (httpx.TimeoutException,)
        self._answered = False

    def ask(
        self,
        kind: type[AnswerType],
        method: str,
        url: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> AnswerType:
        return _understood(kind, self.response(method, url, body, headers))

    def put_part(self, url: str, body: bytes, sha256: str) -> None:
        headers = {"Content-Type": "application/octet-stream", "X-Content-SHA256": sha256}
        response = self.response("PUT", url, body, headers)
        if not response.is_success:
            raise _refusal(response)

    def response(
        self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The centre's reply. A request that was cut off is made again: all of them may be repeated."""
        cut_off = 0
        failure = KnownError(FailureCode.CENTRE_UNREACHABLE, "cut off by this program")
        for pause_s in (*_PAUSES_S, None):
            if self._connections.are_cut:
                break
            try:
                response = self._http.request(
                    method,
                    url,
                    content=self._pieces(body) if body else None,
                    headers={**(headers or {}), "Content-Length": str(len(body))} if body else headers,
                    timeout=self._timeout,
                    extensions={"trace": self._trace},
                )
            except httpx.RequestError as error:
                failure = _unreached(error)
                cut_off += isinstance(error, _CUT_OFF)
                final = failure.code is FailureCode.CENTRE_UNTRUSTED or isinstance(error, self._final)
                if final or pause_s is None or self._connections.are_cut:
                    break
                self._pause(pause_s)
            else:
                self._answered = True
                return response
        # TLS 1.3 lets the client finish its handshake before the server looks at the client's certificate. A server
        # that does not like it hangs up: connections that always come about and never answer are that.
        if cut_off > len(_PAUSES_S) and not self._answered:
            failure = KnownError(FailureCode.CENTRE_REFUSED_DEVICE, "hangs up after the handshake")
        raise failure

    def _pieces(self, body: bytes) -> Iterator[bytes]:
        for at in range(0, len(body), _PIECE_BYTES):
            yield body[at : at + _PIECE_BYTES]
            self._moved()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        self._connections.trace(event, info)
        if event.endswith(".complete"):
            self._moved()


class _ClosedWhenHungUp(ssl.SSLSocket):
    """Closes itself when the peer hung up between connecting and the handshake, which `ssl` forgets to do."""

    def getpeername(self) -> Any:
        """As every socket's; `ssl` asks it first of all."""
        try:
            return super().getpeername()
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EINVAL):  # EINVAL: the same on macOS and Windows
                raise
            self.close()
            raise ConnectionResetError(errno.ECONNRESET, "hung up before the handshake") from None


def client_ssl_context(
    roots_pem: bytes, certificate_pem: bytes, encrypted_key_path: Path, password: bytes
) -> ssl.SSLContext:
    """TLS 1.3 with the device's certificate, trusting `roots_pem` and nobody else.

    Args:
        roots_pem, certificate_pem: from the enrolment.
        encrypted_key_path: the device's private key, an encrypted PKCS #8 PEM file: `ssl` loads keys from files only.
        password: of that file.

    Raises store_unreadable when the key does not open or is another certificate's, trust_roots_missing.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.sslsocket_class = _ClosedWhenHungUp
    try:
        context.load_verify_locations(cadata=roots_pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise KnownError(FailureCode.TRUST_ROOTS_MISSING, "no certificate in the enrolment") from None
    with TemporaryDirectory() as folder:  # the certificate is no secret; its key stays where it is
        certificate_path = Path(folder) / "device.pem"
        certificate_path.write_bytes(certificate_pem)
        try:
            context.load_cert_chain(certificate_path, encrypted_key_path, password)
        except OSError as error:  # ssl.SSLError is one
            raise KnownError(FailureCode.STORE_UNREADABLE, f"device key: {type(error).__name__}") from None
    return context


def _socket_options() -> list[tuple[int, int, int]]:
    """What this system knows of it."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in {**_KEEP_ALIVE, "TCP_NOTSENT_LOWAT": _UNSENT_BYTES}.items():
        if (option := getattr(socket, name, None)) is not None:
            options.append((socket.IPPROTO_TCP, option, value))
    return options


def _address(base_url: str) -> httpx.URL:
    try:
        address = httpx.URL(base_url)
    except httpx.InvalidURL:
        address = None
    if address is None or (address.port or 0) > _HIGHEST_PORT:
        raise KnownError(FailureCode.STORE_UNREADABLE, "the centre's address is none")
    return address


def _content(package: PackageFiles, name: str) -> bytes:
    if name not in package.names():
        raise KnownError(FailureCode.PACKAGE_MISSING, name)
    with package.open(name) as file:
        return read_document(file)


def _must_not_be_larger(package: PackageFiles, manifest: Manifest) -> None:
    """Refuse a file that grew, before it is read, digested and sent. Any other change is found by the centre, too."""
    names = package.names()
    for entry in manifest.files:
        if entry.file_name in names:
            with package.open(entry.file_name) as file:
                if file.seek(0, os.SEEK_END) > entry.sealed_bytes:
                    raise KnownError(FailureCode.EVIDENCE_DAMAGED, f"{entry.file_name}: larger than stated")


def _part(objects: Sequence[OutgoingObject], name: str, number: int) -> tuple[bytes, str]:
    """The bytes and the digest of a part that the centre asked for."""
    for item in objects:
        if item.description.name == name and 1 <= number <= len(item.description.parts):
            return item.part(number), item.description.parts[number - 1].sha256
    raise KnownError(FailureCode.CENTRE_FAILED, "asks for a part that there is not")


def _understood(kind: type[AnswerType], response: httpx.Response) -> AnswerType:
    if not response.is_success:
        raise _refusal(response)
    try:
        return kind.model_validate_json(response.content)
    except ValidationError:
        raise KnownError(FailureCode.CENTRE_FAILED, f"{kind.__name__} not understood") from None


def _refusal(response: httpx.Response) -> KnownError:
    status = response.status_code
    if status in (401, 403):
        return KnownError(FailureCode.CENTRE_REFUSED_DEVICE, f"HTTP {status}")
    try:
        refused = Refused.model_validate_json(response.content)
    except ValidationError:  # not the centre's own words: something between us, or a crash
        return KnownError(FailureCode.CENTRE_FAILED, f"HTTP {status}")
    if 400 <= status < 500 and status not in _TRY_AGAIN and refused.code not in _REGISTER_AGAIN:
        return KnownError(FailureCode.CENTRE_REFUSED_RECORD, f"{refused.code}: {refused.detail}"[:500])
    return KnownError(FailureCode.CENTRE_FAILED, f"HTTP {status}: {refused.code}")


def _unreached(error: httpx.RequestError) -> KnownError:
    if _untrusted(error):
        return KnownError(FailureCode.CENTRE_UNTRUSTED, "the server's certificate is not the centre's")
    return KnownError(FailureCode.CENTRE_UNREACHABLE, type(error).__name__)


def _untrusted(error: BaseException) -> bool:
    """Whether the server's certificate was the reason, which httpx keeps among the causes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
