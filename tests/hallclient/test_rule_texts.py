"""The rule packs that ship."""

from pathlib import Path

import pytest

from hallclient import rule_texts
from hallclient.domain.failures import KnownError


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
