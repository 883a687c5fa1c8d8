from pathlib import Path

import pytest

from drivers.idcard.profiles import load_profiles
from hallclient.domain.failures import FailureCode, KnownError
from tests.pcsc_daemon import PROFILES

GOOD = 'reader_name = "^A"\norder = 1\ntransport = "pcsc-escape"\nprotocol = "sam"\n'
SERIAL = 'serial_port = "^COM"\norder = 1\ntransport = "serial"\nprotocol = "sam"\n'


def test_the_shipped_profiles_try_practice_readers_first_and_claim_no_hardware() -> None:
    profiles = load_profiles(PROFILES)
    assert [(profile.name, profile.transport) for profile in profiles] == [
        ("simulated", "pcsc-escape"),
        ("pcsc_escape_generic", "pcsc-escape"),
        ("serial_sdt_generic", "serial"),
        ("pcsc_pseudo_apdu_generic", "pcsc-pseudo-apdu"),
    ]
    assert [profile.practice for profile in profiles] == [True, False, False, False]
    assert {profile.verification for profile in profiles} == {"simulator-verified"}


def test_who_is_claimed() -> None:
    simulated, escape, sdt, apdu = load_profiles(PROFILES)
    assert simulated.claims_reader("Hallclient Practice Reader 00 00")
    assert not simulated.claims_reader("ACS ACR122U 00 00")
    assert escape.claims_reader("ACS ACR122U 00 00")
    assert apdu.claims_reader("ACS ACR122U 00 00")
    assert not sdt.claims_reader("/dev/ttyUSB0")
    assert [sdt.claims_port(name, None) for name in ("/dev/ttyUSB0", "COM12", "/dev/ttyS0")] == [True, True, False]
    assert not escape.claims_port("COM1", None)
    assert apdu.knows_card(bytes.fromhex("3B888001D1038600000000005C"))
    assert not apdu.knows_card(bytes.fromhex("3B8F8001804F"))
    assert escape.knows_card(b"")


def test_a_serial_reader_is_recognised_by_its_usb_id(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SERIAL.replace('serial_port = "^COM"', 'usb_id = "0400:C35A"'), encoding="utf-8")
    (profile,) = load_profiles(tmp_path)
    assert profile.claims_port("COM1", "0400:C35A")
    assert not profile.claims_port("COM1", "0400:C35B")
    assert not profile.claims_port("COM1", None)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "order"),
        ("not toml", ""),
        (GOOD.replace("^A", "("), "reader_name"),
        (GOOD.replace('"^A"', "1"), "reader_name"),
        (GOOD.replace('reader_name = "^A"', ""), "reader_name"),
        (GOOD.replace("pcsc-escape", "pigeon"), "transport"),
        (GOOD.replace('"sam"', '"morse"'), "protocol"),
        (GOOD.replace('"sam"', '"pseudo-apdu"'), "protocol"),
        (GOOD.replace("pcsc-escape", "pcsc-pseudo-apdu"), "protocol"),
        (GOOD.replace('protocol = "sam"', ""), "protocol"),
        (GOOD.replace("1", '"first"'), "order"),
        (GOOD.replace("1", "true"), "order"),
        (GOOD + "colour = 1\n", "colour"),
        (GOOD + "practice = 1\n", "practice"),
        (GOOD + 'atr_prefix = "3G"\n', "atr_prefix"),
        (GOOD + "baud_rates = [9600]\n", "baud_rates"),
        (GOOD + 'usb_id = "0400:C35A"\n', "usb_id"),
        (
            GOOD.replace("pcsc-escape", "pcsc-pseudo-apdu").replace('"sam"', '"pseudo-apdu"') + "new_address = true\n",
            "new_address",
        ),
        (SERIAL.replace('serial_port = "^COM"', ""), "serial_port"),
        (SERIAL + 'reader_name = "x"\n', "reader_name"),
        (SERIAL + 'usb_id = "0400"\n', "usb_id"),
        (SERIAL + "baud_rates = []\n", "baud_rates"),
        (SERIAL + "baud_rates = [9600, 9600]\n", "baud_rates"),
        (SERIAL + "baud_rates = [300]\n", "baud_rates"),
        (SERIAL + "raise_baud_rate_to = 1\n", "raise_baud_rate_to"),
    ],
)
def test_a_bad_profile_is_named_with_its_key(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    with pytest.raises(KnownError) as caught:
        load_profiles(tmp_path)
    assert caught.value.code is FailureCode.INPUT_INVALID
    assert caught.value.detail.startswith(f"odd.toml: {key}")
