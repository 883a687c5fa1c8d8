"""What a number can be that a session is about: of a phone or of a thing, as today's scenes open and check them.

Mobile numbers have 11 digits and those of things (IoT) 13; both begin with 1 in the national numbering plan.
"""

FIRST = "1"
LENGTHS = (11, 13)
MOST_DIGITS = max(LENGTHS)


def is_service_number(text: str) -> bool:
    """Whether `text` is such a number, written as digits and nothing else."""
    return text.isascii() and text.isdigit() and len(text) in LENGTHS and text.startswith(FIRST)
