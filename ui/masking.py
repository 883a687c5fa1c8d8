"""Numbers as a screen shows them."""

_FIRST, _GROUP = 3, 4  # 138 0000 0021, as it is said on the phone


def masked_service_number(number: str) -> str:
    """First three and last four digits, the rest starred: 138****0021."""
    return number[:3] + "*" * max(0, len(number) - 7) + number[-4:] if len(number) > 7 else "*" * len(number)


def grouped_service_number(number: str) -> str:
    """In full, in groups that can be compared with a glance: 138 0000 0021."""
    rest = number[_FIRST:]
    return " ".join(
        part for part in (number[:_FIRST], *(rest[at : at + _GROUP] for at in range(0, len(rest), _GROUP))) if part
    )
