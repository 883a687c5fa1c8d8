"""The rule pack and the texts that ship with the program: what is in force, and all that was ever read."""

import re
import tomllib
from datetime import date
from functools import cache
from importlib import resources

from pydantic import ValidationError

from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.notice import Notice
from hallclient.domain.rule_pack import RulePack

# Every version of both stays here: what was read is rendered, signed and shown again as it was, and a package is judged
# by the rules of its day.
TEXTS = resources.files("assets") / "notices"
_PACKS = resources.files("assets") / "rulepacks"
_PACK = re.compile(r"builtin-[0-9]+\.json")


@cache
def shipped_packs() -> tuple[RulePack, ...]:
    """All that a plan was ever made by, the newest last. Raises rule_pack_invalid."""
    try:
        files = [entry for entry in _PACKS.iterdir() if _PACK.fullmatch(entry.name)]
        packs = {_number(entry.name): RulePack.model_validate_json(entry.read_bytes()) for entry in files}
    except (OSError, ValidationError) as error:
        raise KnownError(FailureCode.RULE_PACK_INVALID, type(error).__name__) from None
    if not packs:
        raise KnownError(FailureCode.RULE_PACK_INVALID, "there is none")
    return tuple(packs[number] for number in sorted(packs))


def built_in_pack() -> RulePack:
    """The one that is in force. Raises rule_pack_invalid."""
    return shipped_packs()[-1]


@cache
def _by_digest() -> dict[tuple[str, str], RulePack]:
    return {(pack.id, pack.sha256): pack for pack in shipped_packs()}


def _number(name: str) -> int:
    return int(name.partition("-")[2].partition(".")[0])


class ShippedRules:
    """Fulfils `hallclient.domain.inspection.package.Rules`: the packs and texts of this program."""

    def pack(self, pack_id: str, sha256: str) -> RulePack | None:
        return _by_digest().get((pack_id, sha256))

    def text_in_force(self, code: str, day: date) -> Notice:
        return text_in_force(code, day)


def text_in_force(code: str, day: date) -> Notice:
    """The newest version of the text `code` that is effective on `day`, the hall's date (`hall_date`).

    Of two that came into force on one day, the higher version.

    Raises clock_wrong on a day before the first version: this program did not exist then.
    """
    versions = _versions(code)
    if not versions:
        raise BugError(f"there is no text {code}")
    in_force = [notice for notice in versions if date.fromisoformat(notice.effective_from) <= day]
    if not in_force:
        raise KnownError(FailureCode.CLOCK_WRONG, "before the first text came into force")
    return max(in_force, key=lambda notice: (notice.effective_from, int(notice.version)))


def text_as_read(code: str, version: str, sha256: str) -> Notice:
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
