"""Who signed the documents of a package, by their certificates."""

from hallclient.domain.certificates import from_text, name_of, role_of
from hallclient.domain.evidence import MANIFEST, RECEIPT, REVIEW
from hallclient.domain.inspection.answers import Inspection
from hallclient.domain.staff import Role

_STAFF = frozenset(role.value for role in Role)


def signers(inspection: Inspection) -> list[dict[str, str | None]]:
    """One row per signature that holds: its file, the role, the name, and of a member of staff the number."""
    manifest, review, receipt = inspection.manifest, inspection.review, inspection.receipt
    rows = []
    if manifest is not None:
        rows.append(_row(MANIFEST, manifest.certificate))
        if review is not None:
            rows.append(_row(REVIEW, manifest.certificate))
    if receipt is not None:
        rows.append(_row(RECEIPT, receipt.certificate))
    return rows


def _row(stem: str, certificate_text: str) -> dict[str, str | None]:
    certificate = from_text(certificate_text)
    role, name = role_of(certificate), name_of(certificate)
    value = None if role is None else role.value
    return {"file": f"{stem}.sig", "role": value, "name": name, "number": name if value in _STAFF else None}
