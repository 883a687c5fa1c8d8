"""The notice as a document: first as it lies before the customer, then with the signature in sight (PAdES B-B or B-T).

fpdf2, fontTools and pyHanko take seconds to load, and this module stands behind the login window: each is imported
where it works, and `warm_up` does it before the first customer comes.
"""

import datetime as dt
import hashlib
import string
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hallclient.domain.certificate_issuing import Subject, issue
from hallclient.domain.certificates import CertificateChain, CertificateRole
from hallclient.domain.document_text import document_keywords
from hallclient.domain.equipment import Place
from hallclient.domain.evidence.facts.signature import NoticeTimestamp
from hallclient.domain.failures import BugError, FailureCode, KnownError
from hallclient.domain.hall_time import CHINA_STANDARD_TIME
from hallclient.domain.notice import Notice
from hallclient.domain.notice_certificate import notice_uris
from hallclient.domain.signature import Signature
from hallclient.domain.timestamp import DIGEST, LARGEST_REPLY_BYTES, Stamp, asn1, pdf_timestamper
from hallclient.services.document_fonts import cut, font_index, printable
from hallclient.services.line_breaking import break_lines

if TYPE_CHECKING:
    from fpdf import FPDF
    from pyhanko.sign import signers

_FIELD = "CustomerSignature"
_MARGIN_MM = 22.0
_TEXT_WIDTH_MM = 210.0 - 2 * _MARGIN_MM
_LABEL_WIDTH_MM = 34.0
_SIGNATURE_WIDTH_MM, _SIGNATURE_HEIGHT_MM = 80.0, 32.0
_POINTS_PER_MM = 72 / 25.4
_THINNEST_PT, _THICKEST_PT = 0.8, 2.6  # of the pen's line, from no pressure to full
_RESERVED_HEX_DIGITS = 2 * (LARGEST_REPLY_BYTES + 8 * 1024)  # for the timestamp, and for signature and certificates
_WITHOUT = {
    FailureCode.TIMESTAMP_UNREACHABLE: NoticeTimestamp.UNREACHABLE,
    FailureCode.TIMESTAMP_INVALID: NoticeTimestamp.INVALID,
}


@dataclass(frozen=True, slots=True)
class Signatory:
    """What the document says about the customer and the business."""

    name: str
    number: str
    service_number: str
    business: str
    place: Place
    session: str
    with_video: bool
    practice: bool

    def __repr__(self) -> str:
        return f"<Signatory of {self.session}>"


@dataclass(frozen=True, slots=True)
class UnsignedDocument:
    """The document before anybody signed: the bytes that the signed one begins with."""

    pdf: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.pdf).hexdigest()


def render(notice: Notice, signatory: Signatory, now: dt.datetime) -> UnsignedDocument:
    """One A4 page with the notice, who it is for, and an empty signature field."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field  # noqa: PLC0415

    words = _words()
    keywords = document_keywords(notice.code, notice.version, notice.sha256, signatory.session)
    page = _Page(now, keywords, _characters(notice, signatory, words))
    if signatory.practice:
        page.watermark(words["practice"])
    page.line(notice.title, size_pt=20, gap_mm=3)
    page.line(notice.source, size_pt=9, gap_mm=1)
    text = words["text"].format(code=notice.code, version=notice.version, sha256=notice.sha256)
    page.line(text, size_pt=7, gap_mm=4)
    for label, value in (
        (words["business"], signatory.business),
        (words["service_number"], signatory.service_number),
        (words["name"], signatory.name),
        (words["number"], signatory.number),
        (words["place"], words["place_of"].format(hall=signatory.place.hall, counter=signatory.place.counter)),
        (words["session"], signatory.session),
    ):
        page.labelled(label, value)
    page.space(5)
    for position, sentence in enumerate(notice.lines, start=1):
        page.line(f"{position}. {sentence}", size_pt=12, gap_mm=2)
    page.space(4)
    page.line(words["declaration" if signatory.with_video else "declaration_without_video"], size_pt=12, gap_mm=5)
    page.labelled(words["date"], now.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M:%S %z"))
    page.line(words["signature"], size_pt=12, gap_mm=1)
    box = page.frame(_SIGNATURE_WIDTH_MM, _SIGNATURE_HEIGHT_MM)
    page.space(4)
    page.line(words["copy"], size_pt=9, gap_mm=0)
    writer = IncrementalPdfFileWriter(BytesIO(page.pdf()))
    append_signature_field(writer, SigFieldSpec(_FIELD, on_page=0, box=box))
    signable = BytesIO()
    writer.write(signable)  # type: ignore[no-untyped-call]
    return UnsignedDocument(signable.getvalue())


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """The signed document, PAdES B-T where its signature has a timestamp, else B-B."""

    pdf: bytes
    timestamp: NoticeTimestamp


def sign_document(
    document: UnsignedDocument,
    signature: Signature,
    device: CertificateChain,
    device_key: Ed25519PrivateKey,
    now: dt.datetime,
    stamp: Stamp | None = None,
) -> SignedDocument:
    """`document` with the strokes in its field, signed by a key that exists only inside this call.

    The device vouches for the one-time key (E-Signature Law art. 13: exclusive to this signing, changes detectable);
    the certificate names the session and the digest of the strokes, so that key, strokes and document belong together.

    Args:
        stamp: asks for the timestamp; a service that is silent or wrong changes nothing but that there is none.
    """
    from asn1crypto import keys as asn1_keys  # noqa: PLC0415
    from pyhanko.sign import signers  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    one_time_key = ec.generate_private_key(ec.SECP256R1())
    subject = Subject(f"strokes {signature.sha256[:40]}", uris=notice_uris(signature.session, signature.sha256))
    chain = issue(device, device_key, one_time_key.public_key(), subject, CertificateRole.NOTICE, now)
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    for issuer in chain.issuers:
        registry.register(asn1(issuer))
    signer = signers.SimpleSigner(
        signing_cert=asn1(chain.leaf),
        signing_key=asn1_keys.PrivateKeyInfo.load(
            one_time_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ),
        cert_registry=registry,
    )
    if stamp is None:
        return SignedDocument(_signed(document, signature, signer, None), NoticeTimestamp.NO_SERVICE)
    try:
        return SignedDocument(_signed(document, signature, signer, stamp), NoticeTimestamp.TIMESTAMPED)
    except KnownError as error:
        became = _WITHOUT.get(error.code)
        if became is None:
            raise
    return SignedDocument(_signed(document, signature, signer, None), became)


def _signed(
    document: UnsignedDocument, signature: Signature, signer: "signers.SimpleSigner", stamp: Stamp | None
) -> bytes:
    from pyhanko.pdf_utils.content import RawContent  # noqa: PLC0415
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, SimpleBoxLayoutRule  # noqa: PLC0415
    from pyhanko.sign import signers  # noqa: PLC0415
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    from pyhanko.stamp import StaticStampStyle  # noqa: PLC0415

    metadata = signers.PdfSignatureMetadata(
        field_name=_FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm=DIGEST, embed_validation_info=False
    )
    width, height = _SIGNATURE_WIDTH_MM * _POINTS_PER_MM, _SIGNATURE_HEIGHT_MM * _POINTS_PER_MM
    style = StaticStampStyle(
        border_width=0,
        background=RawContent(_drawn(signature, width, height), box=BoxConstraints(width=width, height=height)),
        background_opacity=1.0,
        background_layout=SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MIN),
    )
    pdf_signer = signers.PdfSigner(
        metadata, signer=signer, stamp_style=style, timestamper=None if stamp is None else pdf_timestamper(stamp)
    )
    signed = pdf_signer.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(document.pdf)),
        # Without this, pyHanko would ask the service twice: how long an answer is, and for the answer.
        bytes_reserved=None if stamp is None else _RESERVED_HEX_DIGITS,
    )
    return bytes(signed.getvalue())


def warm_up() -> None:
    """Load the libraries and read the document fonts, so that the first customer does not wait for it."""
    import fpdf  # noqa: F401, PLC0415
    import pyhanko.sign.signers  # noqa: PLC0415
    import pyhanko.stamp  # noqa: F401, PLC0415

    cut(0, "0")  # opens the first font for what it will be asked


class _Page:
    """One A4 page that is filled from the top; lengths in millimetres."""

    def __init__(self, now: dt.datetime, keywords: str, characters: frozenset[str]) -> None:
        """`characters` are all that will be written, and may be more."""
        from fpdf import FPDF  # noqa: PLC0415

        self._characters = characters
        self._pdf = FPDF(format="A4", unit="mm")
        self._pdf.set_creation_date(now)
        self._pdf.set_keywords(keywords)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(_MARGIN_MM)
        self._pdf.add_page()
        self._loaded: set[int] = set()
        self._y_mm = _MARGIN_MM

    def line(self, text: str, size_pt: float, gap_mm: float, x_mm: float = 0.0) -> None:
        """A paragraph, broken into lines, and a gap below it."""
        text = printable(text)
        for part in break_lines(text, _TEXT_WIDTH_MM - x_mm, lambda piece: self._width(piece, size_pt)):
            self._y_mm += size_pt * 0.3528
            self._write(part, size_pt, _MARGIN_MM + x_mm, self._y_mm)
            self._y_mm += size_pt * 0.21
        self._y_mm += gap_mm

    def labelled(self, label: str, value: str) -> None:
        """A soft label with its value beside it."""
        self._pdf.set_text_color(91, 107, 123)
        self._write(label, 11, _MARGIN_MM, self._y_mm + 11 * 0.3528)
        self._pdf.set_text_color(23, 33, 43)
        self.line(value, size_pt=11, gap_mm=1.4, x_mm=_LABEL_WIDTH_MM)

    def frame(self, width_mm: float, height_mm: float) -> tuple[int, int, int, int]:
        """An empty frame; returns it in PDF points from the left bottom."""
        self._pdf.set_draw_color(150, 160, 170)
        self._pdf.rect(_MARGIN_MM, self._y_mm, width_mm, height_mm)
        top, bottom = 297 - self._y_mm, 297 - self._y_mm - height_mm
        self._y_mm += height_mm
        left, right = _MARGIN_MM, _MARGIN_MM + width_mm
        box = [round(value * _POINTS_PER_MM) for value in (left, bottom, right, top)]
        return box[0], box[1], box[2], box[3]

    def watermark(self, text: str) -> None:
        """Large pale words across the page."""
        self._pdf.set_text_color(238, 222, 190)
        with self._pdf.rotation(35, 105, 150):
            self._write(text, 64, 40, 160)
        self._pdf.set_text_color(23, 33, 43)

    def space(self, height_mm: float) -> None:
        self._y_mm += height_mm

    def pdf(self) -> bytes:
        return bytes(self._pdf.output())

    def _width(self, text: str, size_pt: float) -> float:
        return sum(self._use(index, size_pt).get_string_width(part) for index, part in _runs(text))

    def _write(self, text: str, size_pt: float, x_mm: float, y_mm: float) -> None:
        if not self._characters.issuperset(text):
            raise BugError("a document shows a character that was not announced")
        for index, part in _runs(text):
            font = self._use(index, size_pt)
            font.text(x_mm, y_mm, part)
            x_mm += font.get_string_width(part)

    def _use(self, index: int, size_pt: float) -> "FPDF":
        from fpdf.fonts import TTFFont  # noqa: PLC0415

        if index not in self._loaded:
            font = BytesIO(cut(index, [one for one in self._characters if font_index(one) == index]))
            # Not add_font: it asks for a file on the disk, and these are a customer's characters.
            self._pdf.fonts[f"document{index}"] = TTFFont(self._pdf, font, f"document{index}", "")  # type: ignore[arg-type]
            self._loaded.add(index)
        self._pdf.set_font(f"document{index}", size=size_pt)
        return self._pdf


def _runs(text: str) -> list[tuple[int, str]]:
    """`text` in pieces that one font can print each; every character has a font after `printable`."""
    runs: list[tuple[int, str]] = []
    for character in text:
        index = font_index(character) or 0
        if runs and runs[-1][0] == index:
            runs[-1] = (index, runs[-1][1] + character)
        else:
            runs.append((index, character))
    return runs


def _drawn(signature: Signature, width_pt: float, height_pt: float) -> bytes:
    """PDF operators that draw the strokes, thicker where the pen was pressed."""
    operators = ["q 1 J 1 j 0.09 0.13 0.17 RG"]
    for stroke in signature.strokes:
        for start, end in pairwise(stroke):
            pressure = 0.5 if end.pressure is None else end.pressure
            thickness = _THINNEST_PT + (_THICKEST_PT - _THINNEST_PT) * pressure
            operators.append(
                f"{thickness:.2f} w {start.x * width_pt:.2f} {(1 - start.y) * height_pt:.2f} m "
                f"{end.x * width_pt:.2f} {(1 - end.y) * height_pt:.2f} l S"
            )
    return "\n".join([*operators, "Q"]).encode()


def _characters(notice: Notice, signatory: Signatory, words: dict[str, Any]) -> frozenset[str]:
    """All that the page may show."""
    of, place = signatory, signatory.place
    fixed = [*words.values(), of.business, notice.title, notice.source, *notice.lines]
    personal = [of.name, of.number, of.service_number, of.session, place.hall, place.counter]
    text = "".join(text for text in (*fixed, *personal) if isinstance(text, str))
    return frozenset(printable(text + string.printable[:95]))  # its letters, digits, marks and space


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((resources.files("assets") / "notices" / "document.toml").read_text("utf-8"))
