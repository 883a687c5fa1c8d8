"""A timestamp service of the tests: `openssl ts` behind a small HTTP server, and one whose time a test chooses."""

import datetime as dt
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from hallclient.domain.timestamp import Stamp, asn1, request
from hallclient.domain.timestamp_form import plain_reply
from hallclient.domain.timestamp_settings import TimestampSettings

_CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class TimestampAuthority:
    """A root for timestamps, and the service that it vouches for."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def roots_pem(self) -> str:
        return self.root.public_bytes(Encoding.PEM).decode()

    def settings(self, url: str = "http://127.0.0.1:9") -> TimestampSettings:
        return TimestampSettings(url=url, roots=self.roots_pem)

    def stamp_at(self, at: dt.datetime) -> Stamp:
        """A service whose clock stands at `at`."""
        return lambda sha256: plain_reply(self.reply(request(sha256, 7), at))

    def reply(self, query: bytes, at: dt.datetime) -> bytes:
        """To a request, at that time."""
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register(asn1(self.root))
        key = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        stamper = DummyTimeStamper(asn1(self.certificate), asn1_keys.PrivateKeyInfo.load(key), store, fixed_dt=at)
        return bytes(stamper.request_tsa_response(tsp.TimeStampReq.load(query)).dump())


@cache
def authority(name: str, since: dt.datetime, years: float) -> TimestampAuthority:
    """Whose certificates hold from `since` for so long."""
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root_name, service = _name(f"{name} root"), _name(name)
    root = (
        _builder(root_name, root_name, root_key, since, years)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(service, root_name, key, since, years)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(usage, critical=True)
        .sign(root_key, hashes.SHA256())
    )
    return TimestampAuthority(root, certificate, key)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, since: dt.datetime, years: float
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + dt.timedelta(days=365.25 * years))
    )


Answer = Callable[[bytes], tuple[str, bytes]]
"""Of a query: content type and body of the answer."""

REPLY = "application/timestamp-reply"


@contextmanager
def openssl_service(folder: Path, of: TimestampAuthority) -> Iterator[str]:
    """`openssl ts` with the keys of `of`; gives its address."""
    (folder / "serial").write_text("01")
    (folder / "root.pem").write_text(of.roots_pem)
    (folder / "tsa.pem").write_bytes(of.certificate.public_bytes(Encoding.PEM))
    (folder / "tsa.key").write_bytes(of.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder))
    one_at_a_time = threading.Lock()

    def answer(query: bytes) -> tuple[str, bytes]:
        with one_at_a_time:
            (folder / "query").write_bytes(query)
            command = ["openssl", "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query", "-out", "reply"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            return REPLY, (folder / "reply").read_bytes()

    with answering(answer) as url:
        yield url


@contextmanager
def answering(answer: Answer, status: int = 200, drip_s: float | None = None) -> Iterator[str]:
    """A server that answers every query so; `drip_s` seconds after each byte."""
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kind, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if drip_s is None:
                    self.wfile.write(body)
                else:
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        if stopped.wait(drip_s):
                            return
            except OSError:  # nobody listens any more
                return

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def now() -> dt.datetime:
    """The time by which `openssl ts` signs."""
    return dt.datetime.fromtimestamp(time.time(), dt.UTC)
