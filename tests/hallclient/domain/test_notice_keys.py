"""The one-time key of a signed notice is found in the bytes, however they are spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.notice_signature import notice_keys
from tests.packages import NOW, CountedEntropy, make_authority, signed_notice

ENTROPY = CountedEntropy("notice keys")
PDF = signed_notice(make_authority(ENTROPY).device(ENTROPY), NOW, "a session", ())


def contents(pdf: bytes) -> tuple[int, int]:
    """Where the digits of the signature begin and end."""
    start = pdf.index(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


def test_each_notice_has_one_key_of_its_own() -> None:
    (key,) = notice_keys(PDF)
    assert len(key) == 64
    other = signed_notice(make_authority(ENTROPY).device(ENTROPY), NOW, "another session", ())
    assert set(notice_keys(other)).isdisjoint({key})


@pytest.mark.parametrize("blank", [b" ", b"\n", b"\r\n\t"])
def test_blanks_and_large_digits_hide_nothing(blank: bytes) -> None:
    start, end = contents(PDF)
    digits = PDF[start:end].upper()
    spelled = PDF[:start] + blank.join(digits[at : at + 7] for at in range(0, len(digits), 7)) + PDF[end:]
    assert notice_keys(spelled) == notice_keys(PDF)


def test_a_signature_beside_it_hides_nothing() -> None:
    decoy = b"<" + b"00" * 600 + b">"
    assert notice_keys(decoy + PDF + decoy) == notice_keys(PDF)


@given(st.binary(max_size=200), st.text("0123456789abcdef", min_size=1000, max_size=1200))
def test_other_bytes_have_none(data: bytes, digits: str) -> None:
    assert notice_keys(data + b"<" + digits.encode() + b">") == ()
