"""What a new hall carries to the operator's IT: its device's certificate request, and who shall work there first."""

from pydantic import Field

from hallclient.domain.documents import Document
from hallclient.domain.staff_documents import StaffApplication

_LONGEST_CSR = 16 * 1024  # characters of PEM; an Ed25519 request has some hundred


class EnrolmentRequest(Document):
    """`device`: a certificate request, PEM. `staff`: a real hall's first administrator; a practice hall's everybody."""

    device: str = Field(max_length=_LONGEST_CSR)
    staff: tuple[StaffApplication, ...]
