"""Numbers as a screen shows them."""


def masked_service_number(number: str) -> str:
    """First three and last four digits, the rest starred: 138****0021."""
    return number[:3] + "*" * max(0, len(number) - 7) + number[-4:] if len(number) > 7 else "*" * len(number)
