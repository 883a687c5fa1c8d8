"""Whether a person's certificate lets them do what they signed, there and then."""

import datetime as dt
from collections.abc import Sequence

from cryptography import x509

from hallclient.domain.certificates import CertificateChain, CertificateRole, Revoked, halls_of, name_of, role_of
from hallclient.domain.permissions import PERMISSIONS, Action


def might(
    chain: CertificateChain,
    number: str,
    action: Action,
    hall: str,
    roots: Sequence[x509.Certificate],
    at: dt.datetime,
    revocations: Revoked | None = None,
) -> bool:
    """Whether the certificate is that of this staff number, for a role that may do this, in this hall, at that time."""
    roles = {CertificateRole(role.value) for role in PERMISSIONS[action]}
    role = role_of(chain.leaf)  # what it says, which is asked now
    return (
        role in roles
        and chain.is_issued_for(role, roots, at, revocations)
        and name_of(chain.leaf) == number
        and hall in halls_of(chain.leaf)
    )
