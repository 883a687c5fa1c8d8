"""The centre's keys and certificates, in a folder that only the centre's own account can read.

The root's key is not among them (see `root`): what stands in the web's reach issues for a year at most.
"""

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
from hallclient.central.root import Root
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificate_issuing import LONGEST_ISSUER_DAYS, Subject, issue
from hallclient.domain.certificates import CertificateChain, CertificateRole
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.regular_file import read_regular

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_ROOTS, _ISSUER, _RECEIPT, _TLS, _DATA = "roots", "issuer", "receipt", "tls", "data"
_LARGEST_BYTES = 64 * 1024  # of keys and certificates in PEM, which have some thousand


@dataclass(frozen=True, slots=True, repr=False)
class CentreKeys:
    """Everything that the centre signs and opens with.

    Attributes:
        roots: what everything hangs on: the one that certified the issuer of today, and then earlier ones.
        issuer, issuer_key: certify devices and staff, and sign what is revoked.
        issuers: that of today and then earlier ones, whose certificates are good while they are.
        receipt, receipt_key: sign receipts and enrolments.
        data_key: the X25519 key that sessions' data keys are sealed to.
        tls_files: certificate chain and private key of the server, which `ssl` can only load from files.
        roots_file: all of `roots`.
    """

    roots: tuple[x509.Certificate, ...]
    issuer: CertificateChain
    issuer_key: Ed25519PrivateKey
    issuers: tuple[x509.Certificate, ...]
    receipt: CertificateChain
    receipt_key: Ed25519PrivateKey
    data_key: X25519PrivateKey
    tls_files: tuple[Path, Path]
    roots_file: Path

    def chain_of(self, certificate: x509.Certificate) -> CertificateChain:
        """A certificate that somebody showed, with our issuers: no other centre's are taken."""
        return CertificateChain(certificate, self.issuers)


def make_keys(
    folder: Path,
    root: Root,
    name: str,
    hosts: Sequence[str],
    clock: Clock,
    entropy: Entropy,
    days: int = LONGEST_ISSUER_DAYS,
) -> None:
    """Make all keys and certificates in the new folder `folder`. `hosts` are names and addresses of the server."""
    make_folder(folder)
    _store_key(folder, _DATA, X25519PrivateKey.from_private_bytes(entropy.token(32)))
    certify(folder, root, name, (*LOCAL_HOSTS, *hosts), clock, entropy, days)


def certify(
    folder: Path, root: Root, name: str, hosts: Sequence[str], clock: Clock, entropy: Entropy, days: int
) -> None:
    """Give the centre a new issuing key, certified by `root`, and a new receipt key and server's key that hang on it.

    What earlier issuers certified stays good while they are. A crash in between leaves a centre that is certified anew
    by doing this again. Raises clock_wrong.
    """
    now = clock.now()
    issuer_key = _ed25519(entropy)
    issuer = root.certify(issuer_key.public_key(), name, now, days)
    signers: list[tuple[str, Ed25519PrivateKey, CertificateChain]] = []
    for stem, role, subject in (
        (_RECEIPT, CertificateRole.RECEIPT, Subject(name)),
        (_TLS, CertificateRole.TLS, Subject(name, hosts=tuple(hosts))),
    ):
        key = _ed25519(entropy)
        signers.append((stem, key, issue(issuer, issuer_key, key.public_key(), subject, role, now)))
    earlier_roots, earlier_issuers = (_earlier(folder, stem) for stem in (_ROOTS, _ISSUER))
    # What is trusted first: keys of an issuer that is not yet known would be refused.
    _store(folder, _ROOTS, [root.certificate, *(one for one in earlier_roots if one != root.certificate)])
    _store_key(folder, _ISSUER, issuer_key)
    _store(folder, _ISSUER, [issuer.leaf, *(one for one in earlier_issuers if one.not_valid_after_utc > now)])
    for stem, key, chain in signers:
        _store_key(folder, stem, key)
        _store(folder, stem, chain.with_itself)


def hosts_of(folder: Path) -> tuple[str, ...]:
    """The names and addresses of the server, as its certificate has them. Raises store_unreadable."""
    try:
        leaf = _certificates(folder, _TLS)[0]
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"the centre's keys: {type(error).__name__}") from None
    return tuple(str(name.value) for name in names)


def load_keys(folder: Path) -> CentreKeys:
    """Load what `make_keys` made. Raises store_unreadable."""
    try:
        issuers = _certificates(folder, _ISSUER)
        receipt = _certificates(folder, _RECEIPT)
        keys = CentreKeys(
            roots=tuple(_certificates(folder, _ROOTS)),
            issuer=CertificateChain(issuers[0]),
            issuer_key=_signing_key(folder, _ISSUER),
            issuers=tuple(issuers),
            receipt=CertificateChain(receipt[0], tuple(receipt[1:])),
            receipt_key=_signing_key(folder, _RECEIPT),
            data_key=_data_key(folder),
            tls_files=(_certificate_file(folder, _TLS), _key_file(folder, _TLS)),
            roots_file=_certificate_file(folder, _ROOTS),
        )
    except (OSError, ValueError) as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"the centre's keys: {type(error).__name__}") from None
    for chain, key in ((keys.issuer, keys.issuer_key), (keys.receipt, keys.receipt_key)):
        if chain.leaf.public_key() != key.public_key():
            raise KnownError(FailureCode.STORE_UNREADABLE, "the centre's keys: not of their certificates")
    return keys


def _ed25519(entropy: Entropy) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(entropy.token(32))


def _key_file(folder: Path, stem: str) -> Path:
    return folder / f"{stem}.key.pem"


def _certificate_file(folder: Path, stem: str) -> Path:
    return folder / f"{stem}.pem"


def _store_key(folder: Path, stem: str, key: Ed25519PrivateKey | X25519PrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_new(_key_file(folder, stem), [pem], "new")


def _store(folder: Path, stem: str, certificates: Sequence[x509.Certificate]) -> None:
    write_new(_certificate_file(folder, stem), [one.public_bytes(Encoding.PEM) for one in certificates], "new")


def _earlier(folder: Path, stem: str) -> list[x509.Certificate]:
    try:
        return _certificates(folder, stem)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"the centre's keys: {type(error).__name__}") from None


def _certificates(folder: Path, stem: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(read_regular(_certificate_file(folder, stem), _LARGEST_BYTES))


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
