"""A real centre on loopback, in a thread or in a process that may be killed, and halls that are enrolled there."""

import datetime as dt
import queue
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from hallclient.central.centre import Centre
from hallclient.central.connections import ConnectionLimits
from hallclient.central.server import CentreServer
from hallclient.domain.certificate_requests import EnrolmentRequest
from hallclient.domain.equipment import Place, Workstation
from hallclient.sync.client import CentreClient
from hallclient.sync.tls import client_ssl_context
from hallclient.system import SystemClock
from tests.packages import DEVICE, PLACE, BuiltPackage, Certify, CountedEntropy, EnrolledDevice, build_package

START_S = 120
_LONG = dt.timedelta(minutes=5)  # since a session was opened that was sealed after 4


@dataclass(frozen=True)
class Hall:
    """A hall's computer that a centre knows."""

    device: EnrolledDevice
    ssl_context: ssl.SSLContext
    roots: list[x509.Certificate]
    centre_key: X25519PublicKey

    def build(self, folder: Path, entropy: CountedEntropy, **options: Any) -> BuiltPackage:
        return build_package(folder, self.device, self.centre_key, entropy, now=SystemClock().now() - _LONG, **options)

    def http(self, url: str) -> httpx.Client:
        return httpx.Client(base_url=url, verify=self.ssl_context, trust_env=False)

    def client(self, url: str) -> CentreClient:
        return CentreClient(url, self.ssl_context, self.roots, pause=lambda _: None)


def certified_by(centre: Centre) -> Certify:
    """What a centre does for people."""
    return lambda subject, role, key: centre.certify_staff(subject.name, role, subject.halls, key)


def enrol(
    centre: Centre, folder: Path, place: Place = PLACE, device: str = DEVICE, key: Ed25519PrivateKey | None = None
) -> Hall:
    """A computer whose encrypted key lies in `folder`: a new one, or the one that has `key`."""
    key = key or Ed25519PrivateKey.generate()
    key_path = folder / f"{place.hall}-{device}.pem"
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    request = EnrolmentRequest(key.public_key())
    enrolment = centre.enrol(request, Workstation(place, device)).verified(SystemClock().now())
    chain, roots = enrolment.chain_of(enrolment.certificate), enrolment.root_certificates()
    roots_pem = b"".join(root.public_bytes(Encoding.PEM) for root in roots)
    return Hall(
        device=EnrolledDevice(key, chain, certified_by(centre)),
        ssl_context=client_ssl_context(roots_pem, chain.to_pem(), key_path, b"secret"),
        roots=list(roots),
        centre_key=X25519PublicKey.from_public_bytes(bytes.fromhex(enrolment.data_key)),
    )


@contextmanager
def running(centre: Centre, host: str = "127.0.0.1", limits: ConnectionLimits | None = None) -> Iterator[str]:
    """The base URL of `centre` while it is served in a thread."""
    urls: queue.Queue[str] = queue.Queue()
    server = CentreServer(centre, host, 0, urls.put, limits)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield urls.get(timeout=START_S)
    finally:
        server.stop()
        thread.join()


@contextmanager
def process(
    folder: Path, dies_at: str = "", *, limit: str = "", said: Path | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The base URL and the process of the centre in `folder`.

    Args:
        dies_at: see `central_process`.
        limit: what a shell is told before, as "ulimit -n 256".
        said: a file for what it writes to standard error.
    """
    command = [sys.executable, "-m", "tests.hallclient.central.central_process", str(folder), dies_at]
    if limit:
        command = ["bash", "-c", f'{limit} && exec "$@"', "limited", *command]
    with (
        said.open("w") if said else nullcontext() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as child,
    ):
        try:
            assert child.stdout is not None
            url = child.stdout.readline().strip()
            assert url, "the centre did not start"
            yield url, child
        finally:
            child.send_signal(signal.SIGKILL)
