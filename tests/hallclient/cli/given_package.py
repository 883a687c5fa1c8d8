"""A package that holds, and the file of the root that it holds under, for commands that are given both."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from tests.packages import CountedEntropy, build_package, make_authority


def given_package(folder: Path) -> tuple[Path, Path]:
    """The package's folder and the PEM file, both inside `folder`."""
    entropy = CountedEntropy()
    root = make_authority(entropy)
    centre_key = X25519PrivateKey.from_private_bytes(entropy.token(32))
    build_package(folder / "package", root.device(entropy), centre_key.public_key(), entropy)
    roots = folder / "roots.pem"
    roots.write_bytes(root.certificate.public_bytes(Encoding.PEM))
    return folder / "package", roots
