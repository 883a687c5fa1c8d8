"""How a person's data is shown where nobody gave a reason to see all of it: the one mask of names and numbers."""

_STAR = "*"
_FIRST_GROUP, _GROUP = 3, 4  # 138 0000 0021, as it is said on the phone
_FEWEST_HIDDEN = 4  # characters; fewer can be guessed, so that a short number is hidden altogether


def masked_number(number: str) -> str:
    """Of a card: the first four and the last four characters, the rest starred: 1101**********002X."""
    return _masked(number, 4, 4)


def masked_service_number(number: str) -> str:
    """Of a phone: the first three and the last four digits, the rest starred: 138****0021."""
    return _masked(number, 3, 4)


def grouped_service_number(number: str) -> str:
    """In full, for whoever has to compare it, in groups that a glance takes in: 138 0000 0021."""
    rest = number[_FIRST_GROUP:]
    groups = (number[:_FIRST_GROUP], *(rest[at : at + _GROUP] for at in range(0, len(rest), _GROUP)))
    return " ".join(group for group in groups if group)


def masked_name(name: str) -> str:
    """The first character, the rest starred; a name of one character gets a star, too."""
    return name[:1] + _STAR * max(1, len(name) - 1)


def _masked(number: str, first: int, last: int) -> str:
    hidden = len(number) - first - last
    if hidden < _FEWEST_HIDDEN:
        return _STAR * len(number)
    return number[:first] + _STAR * hidden + number[-last:]
