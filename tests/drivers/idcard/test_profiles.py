from pathlib import Path

import pytest

from drivers.idcard.profiles import load_profiles
from hallclient.domain.failures import FailureCode, KnownError
from tests.pcsc_daemon import PROFILES

GOOD = 'reader_name = "^A"\norder = 1\ntransport = "pcsc-escape"\nprotocol = "sam"\n'


def test_the_shipped_profiles_try_practice_readers_first_and_claim_no_hardware() -> None:
    profiles = load_profiles(PROFILES)
    assert [profile.name for profile in profiles] == ["simulated", "pcsc_escape_generic"]
    assert [profile.practice for profile in profiles] == [True, False]
    assert not any(profile.tried_on_hardware for profile in profiles)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml",
        GOOD.replace("^A", "("),
        GOOD.replace("pcsc-escape", "pigeon"),
        GOOD.replace("sam", "morse"),
        GOOD.replace("1", '"first"'),
        GOOD + "colour = 1\n",
    ],
)
def test_a_bad_profile_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    with pytest.raises(KnownError) as caught:
        load_profiles(tmp_path)
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert "odd.toml" in caught.value.detail
