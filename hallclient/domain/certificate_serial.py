"""The serial number of a certificate before anything else of it is read."""

_INTEGER, _VERSION = 0x02, 0xA0  # tags


def must_have_serial(certificate: bytes) -> None:
    """Raises ValueError unless the serial number in the DER of `certificate` is positive (RFC 5280, 4.1.2.2).

    Of what is no certificate nothing is said: whoever reads it on will find out.
    """
    try:
        _, at, _ = _element(certificate, 0)
        _, at, _ = _element(certificate, at)
        tag, content, end = _element(certificate, at)
        if tag == _VERSION:
            tag, content, end = _element(certificate, end)
    except IndexError:
        return
    if (
        tag == _INTEGER
        and content < end <= len(certificate)
        and int.from_bytes(certificate[content:end], "big", signed=True) <= 0
    ):
        raise ValueError("a serial number that is not positive")


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """The tag of the DER element at `at`, where its content begins and where it ends. Raises IndexError."""
    tag, length, content = data[at], data[at + 1], at + 2
    if length > 0x7F:  # then it says how many bytes the length has
        content += length & 0x7F
        length = int.from_bytes(data[at + 2 : content], "big")
    return tag, content, content + length
