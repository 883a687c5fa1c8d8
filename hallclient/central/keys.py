"""The centre's keys and certificates, in a folder that only the centre's own account can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hallclient.central.durable import make_folder, write_new
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificates import CertificateRole, issue, make_root
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import read_regular

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_ROOT, _RECEIPT, _TLS, _DATA = "root", "receipt", "tls", "data"
_LARGEST_BYTES = 64 * 1024  # of a key or a certificate in PEM, which has some thousand


@dataclass(frozen=True, slots=True, repr=False)
class CentreKeys:
    """Everything that the centre signs and opens with.

    Attributes:
        root, root_key: what every certificate hangs on.
        receipt, receipt_key: sign receipts.
        data_key: the X25519 key that sessions' data keys are sealed to.
        tls_files: certificate chain and private key of the server, which `ssl` can only load from files.
    """

    root: x509.Certificate
    root_key: Ed25519PrivateKey
    receipt: x509.Certificate
    receipt_key: Ed25519PrivateKey
    data_key: X25519PrivateKey
    tls_files: tuple[Path, Path]
    root_file: Path


def make_keys(folder: Path, name: str, hosts: Sequence[str], clock: Clock, entropy: Entropy) -> None:
    """Make all keys and certificates in the new folder `folder`. `hosts` are names and addresses of the server."""
    make_folder(folder)
    now = clock.now()
    root_key = _ed25519(entropy)
    root = make_root(name, root_key, now)
    _store(folder, _ROOT, root_key, root)
    for stem, role, names in (
        (_RECEIPT, CertificateRole.CENTRE, ()),
        (_TLS, CertificateRole.TLS, (*LOCAL_HOSTS, *hosts)),
    ):
        key = _ed25519(entropy)
        _store(folder, stem, key, issue(root, root_key, key.public_key(), name, role, now, names))
    _store(folder, _DATA, X25519PrivateKey.from_private_bytes(entropy.token(32)), None)


def load_keys(folder: Path) -> CentreKeys:
    """Load what `make_keys` made. Raises store_unreadable."""
    try:
        return CentreKeys(
            root=_certificate(folder, _ROOT),
            root_key=_signing_key(folder, _ROOT),
            receipt=_certificate(folder, _RECEIPT),
            receipt_key=_signing_key(folder, _RECEIPT),
            data_key=_data_key(folder),
            tls_files=(_certificate_file(folder, _TLS), _key_file(folder, _TLS)),
            root_file=_certificate_file(folder, _ROOT),
        )
    except (OSError, ValueError) as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"the centre's keys: {type(error).__name__}") from None


def _ed25519(entropy: Entropy) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(entropy.token(32))


def _key_file(folder: Path, stem: str) -> Path:
    return folder / f"{stem}.key.pem"


def _certificate_file(folder: Path, stem: str) -> Path:
    return folder / f"{stem}.pem"


def _store(
    folder: Path, stem: str, key: Ed25519PrivateKey | X25519PrivateKey, certificate: x509.Certificate | None
) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_new(_key_file(folder, stem), [pem], "new")
    if certificate is not None:
        write_new(_certificate_file(folder, stem), [certificate.public_bytes(Encoding.PEM)], "new")


def _certificate(folder: Path, stem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(read_regular(_certificate_file(folder, stem), _LARGEST_BYTES))


def _signing_key(folder: Path, stem: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(read_regular(_key_file(folder, stem), _LARGEST_BYTES), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return key


def _data_key(folder: Path) -> X25519PrivateKey:
    key = load_pem_private_key(read_regular(_key_file(folder, _DATA), _LARGEST_BYTES), None)
    if not isinstance(key, X25519PrivateKey):
        raise ValueError("not an X25519 key")
    return key
