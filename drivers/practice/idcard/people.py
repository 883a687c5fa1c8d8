"""The person on the practice card. Nobody: the area code 990000 is not assigned (GB/T 2260)."""

from dataclasses import dataclass
from datetime import date

from hallclient.domain.card import check_character


@dataclass(frozen=True, slots=True)
class PracticePerson:
    """What a practice card says. `valid_to` None means long-term."""

    name: str
    sex_code: str
    nation_code: str
    birth: date
    address: str
    number: str
    authority: str
    valid_from: date
    valid_to: date | None


def _number(first_17: str) -> str:
    return first_17 + check_character(first_17)


PRACTICE_PERSON = PracticePerson(
    name="演练客户",
    sex_code="1",
    nation_code="01",
    birth=date(1990, 1, 1),
    address="演练省演练市演练区演练路1号",
    number=_number("99000019900101001"),
    authority="演练公安局",
    valid_from=date(2020, 1, 1),
    valid_to=date(2040, 1, 1),
)
