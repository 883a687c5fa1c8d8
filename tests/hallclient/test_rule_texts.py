"""The rule packs that ship."""

import datetime as dt
from pathlib import Path

import pytest

from hallclient import rule_texts
from hallclient.domain.failures import KnownError

BEFORE = dt.date(2026, 11, 25)


def test_who_is_asked_for_key_pictures_reads_that_they_are_kept() -> None:
    """The pack that asks for them came with a consent that says so, on the day of an older one."""
    asking = [pack for pack in rule_texts.shipped_packs() if '"key_pictures":true' in pack.model_dump_json()]
    assert [pack.id for pack in asking] == ["builtin/3"]
    assert rule_texts.built_in_pack() is asking[0]
    read = {day: rule_texts.text_in_force("face_consent", day) for day in (BEFORE, BEFORE + dt.timedelta(days=1))}
    assert [notice.version for notice in read.values()] == ["1", "3"]
    assert "每个动作" in "".join(read[BEFORE + dt.timedelta(days=1)].lines)
    versions = [rule_texts._load(entry.read_text("utf-8")) for entry in rule_texts.TEXTS.glob("face_consent-*")]
    known = {notice.version: notice.sha256 for notice in versions}
    assert known == {
        "1": "b2727242044e340288eb254c451101f957503285d651e58e71e9ff97782fc3ac",
        "2": "c25011cac01bddd96a1a595875261d814283cdcb13001e12cc978dcf36676395",
        "3": "d8f70de1b534d78272a62d3146ce959aa1ca5b908db21640538614638b0aa8cb",
    }


def test_of_two_versions_of_one_day_the_higher_is_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, not words, and in whatever order the folder lists them."""
    text = (rule_texts.TEXTS / "face_consent-1.toml").read_text("utf-8")
    for version in ("9", "10", "2"):
        (tmp_path / f"face_consent-{version}.toml").write_text(text.replace('"1"', f'"{version}"'), "utf-8")
    monkeypatch.setattr(rule_texts, "TEXTS", tmp_path)
    assert rule_texts.text_in_force("face_consent", BEFORE).version == "10"


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[" * 100_000])
def test_a_program_without_a_whole_pack_says_so(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "builtin-3.json").write_bytes(content)
    for folder in (tmp_path, tmp_path / "nowhere"):
        monkeypatch.setattr(rule_texts, "_PACKS", folder)
        with pytest.raises(KnownError, match="rule_pack_invalid"):
            rule_texts.shipped_packs.__wrapped__()


def test_the_newest_is_in_force_and_the_older_ones_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = rule_texts.built_in_pack()
    for number, name in ((9, "nine"), (10, "ten")):
        pack = newest.model_copy(update={"id": name})
        (tmp_path / f"builtin-{number}.json").write_text(pack.model_dump_json(), "utf-8")
    (tmp_path / "notes.txt").write_text("no pack")
    monkeypatch.setattr(rule_texts, "_PACKS", tmp_path)
    assert [pack.id for pack in rule_texts.shipped_packs.__wrapped__()] == ["nine", "ten"]
