"""A root, what it issued, and packages that are inspected by it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hallclient.domain.certificate_issuing import Subject
from hallclient.domain.certificates import CertificateRole, Revoked
from hallclient.domain.inspection.answers import Inspection
from hallclient.domain.inspection.package import inspect
from hallclient.domain.inspection_question import Question
from hallclient.rule_texts import ShippedRules
from tests.packages import Authority, BuiltPackage, CountedEntropy, EnrolledDevice, build_package, make_authority

RULES = ShippedRules()
ANOTHER_SESSION = "019c0000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class World:
    """`centre_key` is the one that data keys are sealed for."""

    entropy: CountedEntropy
    root: Authority
    device: EnrolledDevice
    centre: EnrolledDevice
    centre_key: X25519PrivateKey

    def build(self, folder: Path, device: EnrolledDevice | None = None, **options: Any) -> BuiltPackage:
        """With the options of `build_package`."""
        return build_package(folder, device or self.device, self.centre_key.public_key(), self.entropy, **options)

    def inspect(
        self,
        package: BuiltPackage,
        timestamp_roots: Sequence[x509.Certificate] = (),
        revocations: Revoked | None = None,
    ) -> Inspection:
        """Also what is inside."""
        roots = [self.root.certificate]
        return inspect(package.files, roots, RULES, package.data_key, timestamp_roots, revocations)

    def failed(
        self, package: BuiltPackage, timestamp_roots: Sequence[x509.Certificate] = ()
    ) -> set[tuple[str, Question]]:
        """Which question fails of which file, of a package that does not hold."""
        inspection = self.inspect(package, timestamp_roots)
        assert not inspection.holds
        return {(check.file, check.question) for check in inspection.failed}


def make_world() -> World:
    entropy = CountedEntropy()
    root = make_authority(entropy)
    centre = root.issued(entropy, Subject("centre"), CertificateRole.RECEIPT)
    centre_key = X25519PrivateKey.from_private_bytes(entropy.token(32))
    return World(entropy, root, root.device(entropy), centre, centre_key)


class ChangedFiles:
    """The files of a package with another content in one of them."""

    def __init__(self, package: BuiltPackage, name: str, content: bytes) -> None:
        self._package, self._name, self._content = package, name, content

    def names(self) -> list[str]:
        return self._package.files.names()

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self._content) if name == self._name else self._package.files.open(name)
