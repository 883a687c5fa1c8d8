"""Speaks with the centre: sends one package and brings back a receipt that has been checked."""

import datetime as dt
import os
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from cryptography import x509
from pydantic import ValidationError

from hallclient.domain.certificates import Revoked
from hallclient.domain.documents import Verdict, parse, read_document
from hallclient.domain.enrolment import SignedEnrolment
from hallclient.domain.evidence import MANIFEST
from hallclient.domain.evidence.clock import ClockCheck
from hallclient.domain.evidence.manifest import Manifest
from hallclient.domain.evidence.receipt import Receipt, SentObject
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.hall_time import moment
from hallclient.domain.inspection.content import PackageFiles
from hallclient.domain.inspection.package import receipt_holds
from hallclient.domain.revocations import Revocations
from hallclient.domain.staff_documents import StaffApplication
from hallclient.storage.store_failures import of_os_error
from hallclient.sync.bundle import OutgoingObject, outgoing_objects
from hallclient.sync.connections import Connections, socket_options
from hallclient.sync.conversation import TIMEOUT, Conversation
from hallclient.sync.messages import (
    Committed,
    DeviceAudit,
    Health,
    KnownSession,
    Registered,
    Registration,
    StaffCertified,
    StaffRenewal,
)
from hallclient.sync.replies import refusal

_HIGHEST_PORT = 65_535
_ANOTHER_VERSION = frozenset({404, 405, 410, 426, 501, 505})  # what a centre says that no longer has, or needs, /v1


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
        revocations: Callable[[], Revoked | None] = lambda: None,
        now: Callable[[], dt.datetime] | None = None,
    ) -> None:
        """Connects when first needed.

        Args:
            base_url: "https://host:port".
            ssl_context: see `hallclient.sync.tls`.
            roots: whom a receipt must be vouched for by.
            pause: waits that many seconds.
            monotonic: seconds, for `silent_s`.
            revocations: what is known to be revoked, for whoever signs a receipt.
            now: this computer's clock, which the centre is told, and which is compared with the centre's; None does
                neither.

        Raises store_unreadable for a `base_url` that is none: it stands in the hall's file.
        """
        address = _address(base_url)
        # No environment: a proxy variable on a hall's PC must not lead evidence elsewhere.
        transport = httpx.HTTPTransport(verify=ssl_context, trust_env=False, socket_options=socket_options())
        self._http = httpx.Client(base_url=address, transport=transport, trust_env=False, timeout=TIMEOUT)
        self._roots = roots
        self._revocations = revocations
        self.newest_list: int | None = None  # the number of the centre's revocations, as it said at the last probe
        self.clock: ClockCheck | None = None  # what it said of the time then
        self._pause = pause
        self._connections = Connections()
        self._line: Any = None  # the connection on which the centre answered the last probe
        self._monotonic = monotonic
        self._now = now
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
            clock_wrong: the server's certificate is not valid yet.
            centre_refused_device: the centre does not like this device's certificate.
            centre_version: the centre speaks another version than this program.
            centre_failed: the centre has a trouble of its own.
        """
        self._line = None
        conversation = Conversation(
            self._http, self._connections, self._pause, httpx.Timeout(timeout_s), connects_once=True
        )
        asked = self._now and self._now()
        response = conversation.response("GET", "/v1/health")
        answered = self._now and self._now()
        self._line = response.extensions.get("network_stream")
        if response.status_code in _ANOTHER_VERSION:
            raise KnownError(FailureCode.CENTRE_VERSION, f"HTTP {response.status_code}")
        if not response.is_success:
            raise refusal(response)
        try:
            health = Health.model_validate_json(response.content)
        except ValidationError:
            raise KnownError(FailureCode.CENTRE_VERSION, "Health not understood") from None
        self.newest_list = health.revocations
        said = moment(health.time)
        if asked is not None and answered is not None and said is not None:
            self.clock = ClockCheck.of(asked, answered, said, self._monotonic())

    def revocations(self) -> Revocations:
        """What the centre has revoked. Raises as `send` does, and centre_untrusted for a list that does not hold."""
        response = self._conversation().response("GET", "/v1/revocations")
        if not response.is_success:
            raise refusal(response)
        try:
            given = Revocations.from_pem(response.content)
        except KnownError:
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the revocations cannot be read") from None
        if not given.is_trusted(self._roots):
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the revocations do not hold")
        return given

    def renew_device(self) -> SignedEnrolment:
        """Another certificate for this device, not yet examined. Raises as `send` does."""
        response = self._conversation().response("POST", "/v1/device/renewal")
        if not response.is_success:
            raise refusal(response)
        try:
            return SignedEnrolment.from_json(response.content)
        except KnownError:
            raise KnownError(FailureCode.CENTRE_FAILED, "the renewal is not understood") from None

    def certify_staff(self, application: StaffApplication) -> StaffCertified:
        """Somebody's certificate, not yet examined.

        Raises as `send` does; centre_refused_record is about this person.
        """
        body, headers = application.canonical(), {"Content-Type": "application/json"}
        return self._conversation().ask(StaffCertified, "POST", "/v1/staff", body, headers)

    def renew_staff(self, certificate: str) -> StaffCertified:
        """Another certificate for the same person, not yet examined. Raises as `certify_staff` does."""
        body, headers = StaffRenewal(certificate=certificate), {"Content-Type": "application/json"}
        return self._conversation().ask(
            StaffCertified, "POST", "/v1/staff/renewal", body.model_dump_json().encode(), headers
        )

    def _conversation(self) -> Conversation:
        return Conversation(self._http, self._connections, self._pause)

    def known_sessions(self) -> list[KnownSession]:
        """All that the centre has received from this device, by their numbers.

        Raises centre_unreachable, centre_untrusted, centre_refused_device, centre_version, centre_failed.
        """
        conversation = Conversation(self._http, self._connections, self._pause)
        known: list[KnownSession] = []
        after: int | None = 0
        while after is not None:
            page = conversation.ask(DeviceAudit, "GET", f"/v1/audit?after={after}")
            if page.next is not None and page.next <= after:
                raise KnownError(FailureCode.CENTRE_FAILED, "the centre's list has no end")
            known += page.sessions
            after = page.next
        return known

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
        conversation = Conversation(self._http, self._connections, self._pause, moved=self._move)
        path = f"/v1/sessions/{session_id}"
        registered = conversation.ask(
            Registered, "PUT", path, registration.model_dump_json().encode(), {"Content-Type": "application/json"}
        )
        for missing in registered.missing:
            conversation.put_part(missing.url, *_part(objects, missing.object, missing.number))
        time_here = {} if self._now is None else {"X-Sent-At": self._now().isoformat()}
        committed = conversation.ask(Committed, "POST", f"{path}/commit", headers=time_here)
        return self._verified(committed, manifest, objects)

    def _verified(self, committed: Committed, manifest: Manifest, objects: Sequence[OutgoingObject]) -> SignedReceipt:
        data = committed.receipt.encode()
        try:
            receipt, signature = parse(Receipt, data), bytes.fromhex(committed.signature)
        except (KnownError, ValueError):
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the receipt cannot be read") from None
        if receipt_holds(receipt, data, signature, self._roots, self._revocations()) is not Verdict.HOLDS:
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the receipt's signature does not hold")
        sent = {
            SentObject(name=item.description.name, bytes=item.description.bytes, sha256=item.description.sha256)
            for item in objects
        }
        about = (receipt.session, receipt.manifest_sha256, set(receipt.objects))
        if about != (manifest.session, manifest.sha256, sent):
            raise KnownError(FailureCode.CENTRE_UNTRUSTED, "the receipt is about something else")
        return SignedReceipt(receipt, data, signature)


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
