"""Which text a notice document says that it has, and of which session it is, in the document's own information.

It is the word of whoever made the document: nobody reads the text on its pages.
"""

from io import BytesIO

_FORM = "hallclient-text/2"


def document_keywords(code: str, version: str, sha256: str, session: str) -> str:
    """What stands as keywords in the information of the document (ISO 32000-1, 14.3.3)."""
    return f"{_FORM} {code} {version} {sha256} {session}"


def document_text_of(pdf: bytes) -> tuple[str, str, str, str] | None:
    """Code, version and SHA-256 (`Notice.sha256`) of its text, and its session, as the keywords of `pdf` say."""
    # Heavy, and most packages are looked at from outside only.
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415

    try:
        keywords = str(PdfFileReader(BytesIO(pdf)).trailer_view["/Info"]["/Keywords"])
    except Exception:  # noqa: BLE001  # a parser of foreign bytes fails in any way it likes: then it says no text
        return None
    form, _, rest = keywords.partition(" ")
    parts = rest.split(" ")
    return (parts[0], parts[1], parts[2], parts[3]) if form == _FORM and len(parts) == 4 else None
