"""Finds the texts that a customer reads, by code, in the newest version that is in force."""

import tomllib
from datetime import date
from importlib import resources

from hallclient.domain.failures import BugError
from hallclient.domain.notice import Notice

FRAUD_RISK = "fraud_risk"
FACE_CONSENT = "face_consent"


def notice_in_force(code: str, today: date) -> Notice:
    """The newest version of the text `code` that is effective on `today`."""
    folder = resources.files("assets") / "notices"
    notices = [_load(entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.startswith(f"{code}-")]
    in_force = [notice for notice in notices if date.fromisoformat(notice.effective_from) <= today]
    if not in_force:
        raise BugError(f"no text {code} is in force")
    return max(in_force, key=lambda notice: notice.effective_from)


def _load(text: str) -> Notice:
    values = tomllib.loads(text)
    return Notice(**{**values, "lines": tuple(values["lines"])})
