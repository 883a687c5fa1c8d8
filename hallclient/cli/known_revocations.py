"""Which list of what was revoked `hallclient verify` asks, and what its answer says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from hallclient.cli.given_file import about, read_given
from hallclient.domain.failures import FailureCode, KnownError
from hallclient.domain.revocations import LARGEST_REVOCATIONS_BYTES, Revocations
from hallclient.services.access import iso
from hallclient.storage.revocations_file import NAME, held_revocations


@dataclass(frozen=True, slots=True)
class KnownRevocations:
    """A list that the roots in use vouch for, and where it lies."""

    file: Path
    revocations: Revocations

    @property
    def row(self) -> dict[str, object]:
        return {
            "file": str(self.file),
            "number": self.revocations.number,
            "issued_at": iso(self.revocations.issued_at),
        }

    @property
    def words(self) -> str:
        return f"{self.file} ({self.revocations.number}, {iso(self.revocations.issued_at)})"


def known_revocations(
    given: Path | None, hall: Path | None, roots: Sequence[x509.Certificate]
) -> KnownRevocations | None:
    """The list in the file `given`, else that of the folder `hall`, else none: then nobody is asked for that.

    Raises file_missing, evidence_damaged for what is no list, input_invalid for one that `roots` do not vouch for; of a
    hall's own, which the next contact brings anew, that is only logged.
    """
    if given is None:
        held = None if hall is None else held_revocations(hall, roots)
        return None if hall is None or held is None else KnownRevocations(hall / NAME, held)
    with about("--revocations"):
        revocations = Revocations.from_pem(read_given(given, LARGEST_REVOCATIONS_BYTES))
        if not revocations.is_trusted(roots):
            raise KnownError(FailureCode.INPUT_INVALID, "not a list of a centre that these roots vouch for")
    return KnownRevocations(given, revocations)
