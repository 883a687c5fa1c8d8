"""Finds the texts that a customer reads: the version in force, and every version that somebody has read."""

import tomllib
from datetime import date
from importlib import resources

from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.notice import Notice

FRAUD_RISK = "fraud_risk"
FACE_CONSENT = "face_consent"

# Every version stays here: what was read is rendered, signed and shown again as it was.
TEXTS = resources.files("assets") / "notices"


def notice_in_force(code: str, today: date) -> Notice:
    """The newest version of the text `code` that is effective on `today`, the hall's date (`hall_date`).

    Raises clock_wrong on a day before the first version: this program did not exist then.
    """
    versions = _versions(code)
    if not versions:
        raise BugError(f"there is no text {code}")
    in_force = [notice for notice in versions if date.fromisoformat(notice.effective_from) <= today]
    if not in_force:
        raise KnownError(FailureCode.CLOCK_WRONG, "before the first text came into force")
    return max(in_force, key=lambda notice: notice.effective_from)


def notice_as_read(code: str, version: str, sha256: str) -> Notice:
    """The version of the text `code` that a customer was shown. Raises notice_text_missing when it is no longer here.

    A text of that version with another digest is another text.
    """
    for notice in _versions(code):
        if (notice.version, notice.sha256) == (version, sha256):
            return notice
    raise KnownError(FailureCode.NOTICE_TEXT_MISSING, f"{code} {version}")


def _versions(code: str) -> list[Notice]:
    return [_load(entry.read_text("utf-8")) for entry in TEXTS.iterdir() if entry.name.startswith(f"{code}-")]


def _load(text: str) -> Notice:
    values = tomllib.loads(text)
    return Notice(**{**values, "lines": tuple(values["lines"])})
