"""The notice as a document: every name is printed, every line is broken where it may be, every change is found."""

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hallclient.domain.certificate_issuing import Subject, make_root
from hallclient.domain.certificates import CertificateChain, CertificateRole
from hallclient.domain.evidence.facts.signature import SignatureFacts
from hallclient.domain.notice_signature import notice_signature_holds
from hallclient.domain.signature import Signature
from hallclient.rule_texts import text_in_force
from hallclient.services.document_fonts import font_index, printable
from hallclient.services.line_breaking import break_lines
from hallclient.services.notice_document import Signatory, UnsignedDocument, render, sign_document
from tests.clock import NOON
from tests.hallclient.services.sessions import STROKES
from tests.halls import PLACE, TestCentre

SIGNATORY = Signatory("钱𠮷", "11010519491231002X", "13800000021", "new_number", PLACE, "0193", True, True)


@pytest.fixture(scope="module")
def document() -> UnsignedDocument:
    return render(text_in_force("fraud_risk", NOON.date()), SIGNATORY, NOON)


@pytest.fixture(scope="module")
def device() -> tuple[CertificateChain, Ed25519PrivateKey]:
    key = Ed25519PrivateKey.generate()
    return TestCentre(NOON).issued(key.public_key(), Subject("d", place=PLACE), CertificateRole.DEVICE), key


def signed(
    document: UnsignedDocument, device: tuple[CertificateChain, Ed25519PrivateKey]
) -> tuple[bytes, SignatureFacts]:
    signature = Signature(STROKES, document.sha256, "pen", practice=True, session=SIGNATORY.session)
    facts = SignatureFacts(
        strokes_sha256=signature.sha256,
        points=signature.point_count,
        device="pen",
        practice=True,
        pressure=True,
        unsigned_bytes=len(document.pdf),
        unsigned_sha256=document.sha256,
    )
    return sign_document(document, signature, *device, NOON), facts


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "notice.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout


def test_the_page_says_who_and_what(document: UnsignedDocument, tmp_path: Path) -> None:
    text = text_of(document.pdf, tmp_path)
    for expected in (SIGNATORY.name, SIGNATORY.number, SIGNATORY.service_number, "涉诈风险告知书", "演练"):
        assert expected in text
    for sentence in text_in_force("fraud_risk", NOON.date()).lines:
        assert sentence[:12] in text


def test_the_page_is_the_same_for_the_same_inputs() -> None:
    """Byte for byte, but for the file's identity that the form's writer draws by lot."""
    notice = text_in_force("fraud_risk", NOON.date())
    one, other = (render(notice, SIGNATORY, NOON).pdf for _ in range(2))
    end_of_page = one.index(b"startxref")
    assert end_of_page > 20_000
    assert one[:end_of_page] == other[:end_of_page]


def test_a_signed_notice_begins_with_the_unsigned_one_and_holds(
    document: UnsignedDocument, device: tuple[CertificateChain, Ed25519PrivateKey]
) -> None:
    pdf, facts = signed(document, device)
    assert pdf.startswith(document.pdf)
    assert notice_signature_holds(pdf, device[0].leaf, facts, NOON)


@pytest.mark.parametrize("place", [100, -200, None], ids=["page", "form", "signature"])
def test_a_changed_notice_does_not_hold(
    place: int | None, document: UnsignedDocument, device: tuple[CertificateChain, Ed25519PrivateKey]
) -> None:
    pdf, facts = signed(document, device)
    changed = bytearray(pdf)
    if place is None:  # in the signature's own value, which ends the hex; zeros fill the room behind it
        room = re.search(rb"/Contents <([0-9A-Fa-f]+)>", pdf)
        assert room is not None
        place = room.start(1) + len(room.group(1).rstrip(b"0")) - 60
    changed[place] ^= 1
    assert not notice_signature_holds(bytes(changed), device[0].leaf, facts, NOON)
    assert not notice_signature_holds(document.pdf, device[0].leaf, facts, NOON)


@pytest.mark.may_log("pyhanko.*Failed to build path")  # silent once a centre ran in this process
def test_another_devices_word_does_not_count(
    document: UnsignedDocument, device: tuple[CertificateChain, Ed25519PrivateKey]
) -> None:
    pdf, facts = signed(document, device)
    other_key = Ed25519PrivateKey.generate()
    other = make_root("other", other_key, NOON)
    assert not notice_signature_holds(pdf, other, facts, NOON)


@pytest.mark.parametrize("character", ["甲", "𠮷", "㐂", "䶮", "A", "·"])
def test_rare_characters_have_a_font(character: str) -> None:
    assert font_index(character) is not None


def test_what_no_font_has_is_written_out_and_never_a_box() -> None:
    assert printable("钱\ue123\U0003ffff") == "钱〔U+E123〕〔U+3FFFF〕"


@given(st.text("中文，。（）ab1 ", max_size=80), st.integers(4, 20))
def test_broken_lines_lose_nothing_and_fit(text: str, width: int) -> None:
    lines = break_lines(text, width, len)
    assert "".join(lines) == text
    assert all(len(line) <= width for line in lines)


@given(st.text("中文字，。", min_size=1, max_size=60))
def test_a_closing_mark_starts_a_line_only_after_nothing_but_marks(text: str) -> None:
    lines = break_lines(text, 10, len)
    for before, line in pairwise(lines):
        if line[0] in "，。":
            assert set(before) <= set("，。")


@pytest.mark.parametrize("code", ["fraud_risk", "face_consent"])
def test_a_text_in_force_has_a_version_a_source_and_a_digest(code: str) -> None:
    notice = text_in_force(code, NOON.date())
    assert notice.version
    assert notice.source
    assert len(notice.sha256) == 64
