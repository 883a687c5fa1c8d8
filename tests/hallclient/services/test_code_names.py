"""Names of the codes of GB/T 2261.1 and GB/T 3304."""

import datetime as dt

import pytest

from hallclient.domain.card import Finding
from hallclient.services.code_names import nation_name, sex_name
from tests.doubles import card_reading


@pytest.mark.parametrize(
    ("code", "name"), [("0", "未知的性别"), ("1", "男"), ("2", "女"), ("9", "未说明的性别"), ("3", "3"), ("", "")]
)
def test_sexes(code: str, name: str) -> None:
    assert sex_name(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("01", "汉"),
        ("03", "回"),
        ("11", "满"),
        ("23", "高山"),
        ("31", "达斡尔"),
        ("43", "乌孜别克"),
        ("56", "基诺"),
        ("97", "其他"),
        ("98", "外国血统中国籍人士"),
        ("57", "57"),
        ("1", "1"),
        ("", ""),
    ],
)
def test_nations(code: str, name: str) -> None:
    assert nation_name(code) == name


@pytest.mark.parametrize("code", [f"{number:02d}" for number in range(100)])
def test_the_rules_know_a_code_exactly_when_it_has_a_name(code: str) -> None:
    findings = card_reading(nation_code=code).record.findings(dt.date(2026, 11, 22))
    assert (nation_name(code) != code) == (Finding.NATION_CODE_UNKNOWN not in findings)
