"""What the centre says no to."""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Why a request was refused. A code never changes its meaning: clients and their operators act on it."""

    MESSAGE_MALFORMED = "message_malformed"
    MESSAGE_TOO_LARGE = "message_too_large"
    LENGTH_MISSING = "length_missing"
    DEVICE_UNTRUSTED = "device_untrusted"
    DEVICE_REVOKED = "device_revoked"
    DEVICE_DIFFERS = "device_differs"
    MANIFEST_REFUSED = "manifest_refused"
    PRACTICE_PACKAGE = "practice_package"
    OBJECTS_REFUSED = "objects_refused"
    OTHER_CONTENT = "other_content"
    SEQUENCE_TAKEN = "sequence_taken"
    CORRECTED_MISSING = "corrected_missing"
    CORRECTED_DIFFERS = "corrected_differs"
    SESSION_UNKNOWN = "session_unknown"
    PART_UNKNOWN = "part_unknown"
    PART_DIFFERS = "part_differs"
    PARTS_MISSING = "parts_missing"
    OBJECT_DIFFERS = "object_differs"
    BUNDLE_MALFORMED = "bundle_malformed"
    DATA_KEY_UNREADABLE = "data_key_unreadable"
    PACKAGE_REFUSED = "package_refused"
    STAFF_REFUSED = "staff_refused"
    STAFF_NUMBER_TAKEN = "staff_number_taken"


_STATUS = {
    RefusalCode.MESSAGE_TOO_LARGE: 413,
    RefusalCode.LENGTH_MISSING: 411,
    RefusalCode.DEVICE_UNTRUSTED: 403,
    RefusalCode.DEVICE_REVOKED: 403,
    RefusalCode.OTHER_CONTENT: 409,
    RefusalCode.STAFF_NUMBER_TAKEN: 409,
    RefusalCode.SEQUENCE_TAKEN: 409,
    RefusalCode.CORRECTED_MISSING: 425,  # it may come yet
    RefusalCode.PARTS_MISSING: 409,
    RefusalCode.SESSION_UNKNOWN: 404,
    RefusalCode.PART_UNKNOWN: 404,
}


class RefusalError(Exception):
    """A request that the centre will not fulfil.

    Attributes:
        code: why.
        detail: names of files and fields, never their content.
    """

    def __init__(self, code: RefusalCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail

    @property
    def status(self) -> int:
        """The HTTP status: 422 for content that cannot be accepted, unless another one says it better."""
        return _STATUS.get(self.code, 422)
