"""The four layouts of a chip's 256-byte text record: which field stands where, in bytes (GA/T 490-2019).

A field is named as in `CardRecord`. One that a layout names twice continues at its second place. `RESERVED` is written
blank and not read.
"""

from hallclient.domain.card import CardKind

RECORD_LENGTH = 256
KIND_FLAG = "kind_flag"
KIND_FLAG_AT = 248  # in all four layouts
RESERVED = "reserved"

Layout = tuple[tuple[str, int], ...]

_RESIDENT_AND_PERMIT: Layout = (
    ("name", 30),
    ("sex_code", 2),
    ("nation_code", 4),
    ("birth", 16),
    ("address", 70),
    ("number", 36),
    ("authority", 30),
    ("valid_from", 16),
    ("valid_to", 16),
)

LAYOUTS: dict[CardKind, Layout] = {
    CardKind.RESIDENT: (*_RESIDENT_AND_PERMIT, (RESERVED, 28), (KIND_FLAG, 2), (RESERVED, 6)),
    CardKind.HMT_PERMIT: (
        *_RESIDENT_AND_PERMIT,
        ("pass_number", 18),
        ("issue_count", 4),
        (RESERVED, 6),
        (KIND_FLAG, 2),
        (RESERVED, 6),
    ),
    CardKind.FOREIGN_2017: (
        ("english_name", 120),
        ("sex_code", 2),
        ("number", 30),
        ("country", 6),
        ("name", 30),
        ("valid_from", 16),
        ("valid_to", 16),
        ("birth", 16),
        ("version", 4),
        ("authority", 8),
        (KIND_FLAG, 2),
        (RESERVED, 6),
    ),
    # Single-sourced: eastcoms' reader rules of October 2023 and nothing else. Never tried on a card.
    CardKind.FOREIGN_2023: (
        ("name", 30),
        ("sex_code", 2),
        ("issue_count", 4),
        ("birth", 16),
        ("english_name", 70),
        ("number", 36),
        (RESERVED, 30),
        ("valid_from", 16),
        ("valid_to", 16),
        ("english_name", 22),
        ("country", 6),
        (KIND_FLAG, 2),
        ("old_number_reference", 6),
    ),
}

FLAGS: dict[CardKind, str] = {
    CardKind.RESIDENT: "",
    CardKind.HMT_PERMIT: "J",
    CardKind.FOREIGN_2017: "I",
    CardKind.FOREIGN_2023: "Y",
}
