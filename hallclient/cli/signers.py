"""Who signed the documents of a package."""

from hallclient.domain.inspection.answers import Inspection
from hallclient.domain.staff import Role

_STAFF = frozenset(role.value for role in Role)


def signers(inspection: Inspection) -> list[dict[str, str | None]]:
    """One row per signature that holds: its file, the role, the name, and of a member of staff the number."""
    return [
        {
            "file": signer.file,
            "role": signer.role.value,
            "name": signer.name,
            "number": signer.name if signer.role.value in _STAFF else None,
        }
        for signer in inspection.signers
    ]
