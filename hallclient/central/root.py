"""The root: a key that certifies the centre's issuer, and nothing else. It is offline, under a passphrase."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs12

from hallclient.central.durable import make_folder, write_new
from hallclient.devices import Clock, Entropy
from hallclient.domain.certificate_issuing import issue_issuer, make_root
from hallclient.domain.certificates import CertificateChain, CertificateRole, role_of
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.root_introduction import SignedIntroduction, introduce
from hallclient.regular_file import read_regular

CERTIFICATE, KEY = "root.pem", "root.p12"
SHORTEST_PASSPHRASE, LONGEST_PASSPHRASE = 12, 1024  # characters
_LARGEST_BYTES = 64 * 1024
_ROUNDS = 600_000  # of PBKDF2-HMAC-SHA-256 (OWASP Password Storage Cheat Sheet, 2023)


@dataclass(frozen=True, slots=True, repr=False)
class Root:
    """A root whose key is at hand."""

    certificate: x509.Certificate
    _key: Ed25519PrivateKey

    def certify(self, issuer: Ed25519PublicKey, name: str, now: dt.datetime, days: int) -> CertificateChain:
        """A certificate for the issuer of the centre `name`. Raises clock_wrong."""
        return issue_issuer(self.certificate, self._key, issuer, name, now, days)

    def introduce(self, new: x509.Certificate, now: dt.datetime) -> SignedIntroduction:
        """This root's word for a new one. Raises input_invalid for what is no root."""
        return introduce(self.certificate, self._key, new, now)


def new_root(name: str, clock: Clock, entropy: Entropy) -> Root:
    """A root that is nowhere but in memory."""
    key = Ed25519PrivateKey.from_private_bytes(entropy.token(32))
    return Root(make_root(name, key, clock.now()), key)


def create_root(folder: Path, name: str, passphrase: str, clock: Clock, entropy: Entropy) -> Root:
    """A new root in `folder`, which must be absent or empty: its certificate, and its key with `passphrase` around it.

    Raises input_invalid.
    """
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise KnownError(
            FailureCode.INPUT_INVALID, f"a passphrase has {SHORTEST_PASSPHRASE} to {LONGEST_PASSPHRASE} characters"
        )
    if folder.exists() and any(folder.iterdir()):
        raise KnownError(FailureCode.INPUT_INVALID, "a root needs an empty folder")
    root = new_root(name, clock, entropy)
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(SHA256())
        .build(passphrase.encode())
    )
    make_folder(folder)
    write_new(
        folder / KEY,
        [pkcs12.serialize_key_and_certificates(b"root", root._key, root.certificate, None, encryption)],
        "new",
    )
    write_new(folder / CERTIFICATE, [root.certificate.public_bytes(Encoding.PEM)], "new")
    return root


def open_root(folder: Path, passphrase: str) -> Root:
    """The root of `create_root`. Raises file_missing, passphrase_wrong, store_unreadable."""
    try:
        data = read_regular(folder / KEY, _LARGEST_BYTES)
    except FileNotFoundError:
        raise KnownError(FailureCode.FILE_MISSING, KEY) from None
    except OSError as error:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{KEY}: {type(error).__name__}") from None
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(data, passphrase.encode())
    except ValueError:  # also for a damaged file: only the passphrase could tell
        raise KnownError(FailureCode.PASSPHRASE_WRONG, KEY) from None
    is_root = certificate is not None and role_of(certificate) is CertificateRole.ROOT
    if not isinstance(key, Ed25519PrivateKey) or certificate is None or not is_root:
        raise KnownError(FailureCode.STORE_UNREADABLE, f"{KEY}: not a root")
    return Root(certificate, key)
